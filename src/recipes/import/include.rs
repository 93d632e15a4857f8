//! Files that scripts read: beside the script or in a folder below it, never elsewhere.

use std::path::{Component, Path, PathBuf};

use super::decode;

/// A file of definitions that is larger is none, in bytes.
const LARGEST: u64 = 2 << 20;
/// As much of a script as is looked into for what it reads; that stands at its top.
const HEAD: usize = 64 << 10;
/// So many files are followed.
const MOST: usize = 32;

/// The text of a file that a script reads.
///
/// # Errors
/// It is not there, or not to be read; says why.
pub(super) fn text(script: &Path, name: &str) -> Result<String, String> {
    let file = locate(script, name)?;
    let size = std::fs::metadata(&file).map(|metadata| metadata.len());
    if size.map_or(true, |size| size > LARGEST) {
        return Err(format!("{name} is too large to be a file of definitions"));
    }
    let bytes = std::fs::read(&file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    Ok(decode(&bytes))
}

/// Where a file that a script reads lies. Tools do not tell small letters from large ones.
fn locate(script: &Path, name: &str) -> Result<PathBuf, String> {
    let outside = || format!("{name} lies outside the folder of this file and is not read");
    let folder = script.parent().unwrap_or(Path::new(""));
    let missing = || format!("{name} is not beside this file, so what it defines is not known");
    let relative = PathBuf::from(name.replace('\\', "/"));
    let mut file = folder.to_owned();
    for part in relative.components() {
        match part {
            Component::Normal(part) => {
                file = within(&file, &part.to_string_lossy()).ok_or_else(missing)?;
            }
            Component::CurDir => {}
            _ => return Err(outside()),
        }
    }
    // A link may lead anywhere.
    let (real, home) = (file.canonicalize(), folder.canonicalize());
    match (real, home) {
        (Ok(real), Ok(home)) if real.starts_with(&home) && real.is_file() => Ok(real),
        (Ok(_), Ok(_)) => Err(outside()),
        _ => Err(missing()),
    }
}

/// An entry of a folder by its name, whatever its letters, and with the ending that scripts leave out.
fn within(folder: &Path, name: &str) -> Option<PathBuf> {
    let exact = folder.join(name);
    if exact.exists() {
        return Some(exact);
    }
    let with_ending = format!("{name}.epi");
    let entries = std::fs::read_dir(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    });
    let mut names = entries.ok()?.flatten().map(|entry| entry.file_name());
    let found = names.find(|entry| {
        let entry = entry.to_string_lossy();
        entry.eq_ignore_ascii_case(name) || entry.eq_ignore_ascii_case(&with_ending)
    });
    found.map(|entry| folder.join(entry))
}

/// The files that a script reads, and those that they read, as far as they are there.
#[must_use]
pub fn included(script: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut next = vec![script.to_owned()];
    while let Some(file) = next.pop() {
        for name in names(&file) {
            if let Ok(path) = locate(script, &name)
                && !found.contains(&path)
                && found.len() < MOST
            {
                found.push(path.clone());
                next.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The names in the `read` statements at the top of a script.
fn names(file: &Path) -> Vec<String> {
    use std::io::Read;
    let mut head = Vec::new();
    let opened = std::fs::File::open(file);
    let limit = u64::try_from(HEAD).unwrap_or(u64::MAX);
    if opened
        .and_then(|opened| opened.take(limit).read_to_end(&mut head))
        .is_err()
    {
        return Vec::new();
    }
    let text = decode(&head);
    let lines = text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("read")?;
        let name = rest.strip_prefix(char::is_whitespace)?.split(';').next()?;
        let name = name.trim().trim_matches('"');
        (!name.is_empty()).then(|| name.to_owned())
    });
    lines.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_beside_or_below_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let recipes = folder.path().join("recipes");
        std::fs::create_dir_all(recipes.join("lib")).unwrap();
        std::fs::write(folder.path().join("secret.epi"), "S = 1;").unwrap();
        std::fs::write(recipes.join("Common.epi"), "read lib/more.epi;\nA = 1;").unwrap();
        std::fs::write(recipes.join("lib/more.epi"), "B = 2;").unwrap();
        let script = recipes.join("run.epi");
        std::fs::write(&script, "read common;\nread ../secret.epi;\n").unwrap();
        assert_eq!(
            text(&script, "common.epi").unwrap(),
            "read lib/more.epi;\nA = 1;"
        );
        assert_eq!(text(&script, "COMMON").unwrap().len(), 25);
        assert_eq!(text(&script, "lib\\more.epi").unwrap(), "B = 2;");
        let absolute = folder.path().join("secret.epi");
        for name in [
            "../secret.epi",
            "lib/../../secret.epi",
            absolute.to_str().unwrap(),
        ] {
            assert!(
                text(&script, name).unwrap_err().contains("outside"),
                "{name}"
            );
        }
        assert!(
            text(&script, "none.epi")
                .unwrap_err()
                .contains("not beside")
        );
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&absolute, recipes.join("link.epi")).unwrap();
            assert!(text(&script, "link.epi").unwrap_err().contains("outside"));
        }
        let included: Vec<String> = included(&script)
            .iter()
            .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(included, ["Common.epi", "more.epi"]);
    }
}
