//! Checks ZIP archives before anything in them is unpacked.

use std::io::Cursor;

use zip::ZipArchive;

use crate::domain::fault::Fault;
use crate::extract::extracted::Failure;

/// Total size of all unpacked entries, in bytes. The largest real files have a tenth of it.
const MAX_UNPACKED_SIZE: u64 = 400 << 20;
/// Number of entries; real files have some hundred.
const MAX_ENTRIES: usize = 20_000;

/// Signature of the older binary formats and of encrypted files.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Rejects files that are not archives or would be too large unpacked. Entries are only read into memory, never written
/// to files.
pub(super) fn check(bytes: &[u8]) -> Result<(), Failure> {
    if bytes.starts_with(&COMPOUND) {
        return Err(Failure::File(Fault::LockedOrOld));
    }
    let broken = |_| Failure::File(Fault::Broken);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Failure::File(Fault::TooManyFiles(archive.len())));
    }
    let mut size: u64 = 0;
    for index in 0..archive.len() {
        size = size.saturating_add(archive.by_index_raw(index).map_err(broken)?.size());
    }
    if size > MAX_UNPACKED_SIZE {
        return Err(Failure::File(Fault::TooLargeUnpacked {
            mib: size >> 20,
            max_mib: MAX_UNPACKED_SIZE >> 20,
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn archive() -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for name in ["[Content_Types].xml", "word/document.xml"] {
            writer.start_file(name, options).unwrap();
            writer.write_all(b"<w:document/>").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    proptest! {
        #[test]
        fn a_damaged_archive_is_refused_or_passed_on_and_breaks_nothing(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = archive();
            prop_assert!(check(&bytes).is_ok());
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = check(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(check(&bytes).is_err());
        }
    }
}
