//! Finds the files that scripts include: in the folder of the script or below it, never elsewhere.

use std::path::{Component, Path, PathBuf};

use super::decode;

/// Largest included file, in bytes.
const MAX_SIZE: u64 = 2 << 20;
/// Bytes at the top of a script that are searched for `read` statements.
const HEAD_SIZE: usize = 64 << 10;
/// Number of included files that are followed.
const MAX_FILES: usize = 32;

/// Reads a file that a script includes.
///
/// # Errors
/// If the file does not exist or must not be read; the message says why.
pub(super) fn text(script: &Path, name: &str) -> Result<String, String> {
    let file = locate(script, name)?;
    let size = std::fs::metadata(&file).map(|metadata| metadata.len());
    if size.map_or(true, |size| size > MAX_SIZE) {
        return Err(format!("{name} is too large to be a file of definitions"));
    }
    let bytes = std::fs::read(&file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    Ok(decode(&bytes))
}

/// Locates a file that a script includes. Tools do not distinguish upper and lower case.
fn locate(script: &Path, name: &str) -> Result<PathBuf, String> {
    let outside = || format!("{name} lies outside the folder of this file and is not read");
    let folder = script.parent().unwrap_or(Path::new(""));
    let missing = || format!("{name} is not beside this file, so what it defines is not known");
    let relative = PathBuf::from(name.replace('\\', "/"));
    let mut file = folder.to_owned();
    for part in relative.components() {
        match part {
            Component::Normal(part) => {
                file = find_in_folder(&file, &part.to_string_lossy()).ok_or_else(missing)?;
            }
            Component::CurDir => {}
            _ => return Err(outside()),
        }
    }
    // A symbolic link may lead anywhere.
    let (real, home) = (file.canonicalize(), folder.canonicalize());
    match (real, home) {
        (Ok(real), Ok(home)) if real.starts_with(&home) && real.is_file() => Ok(real),
        (Ok(_), Ok(_)) => Err(outside()),
        _ => Err(missing()),
    }
}

/// Finds an entry of a folder by name, ignoring case, and with the extension that scripts leave out.
fn find_in_folder(folder: &Path, name: &str) -> Option<PathBuf> {
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

/// Returns the existing files that a script includes, directly or indirectly.
#[must_use]
pub fn included(script: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut next = vec![script.to_owned()];
    while let Some(file) = next.pop() {
        for name in names(&file) {
            if let Ok(path) = locate(script, &name)
                && !found.contains(&path)
                && found.len() < MAX_FILES
            {
                found.push(path.clone());
                next.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the names in the `read` statements at the top of a script.
fn names(file: &Path) -> Vec<String> {
    use std::io::Read;
    let mut head = Vec::new();
    let opened = std::fs::File::open(file);
    let limit = u64::try_from(HEAD_SIZE).unwrap_or(u64::MAX);
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
    lines.take(MAX_FILES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_in_or_below_the_folder_are_read() {
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
