//! Locates and installs the `PDFium` library.
//!
//! The library comes in the wheel of `pypdfium2` from the Python package index, pinned by version and by hash.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use url::Url;

use crate::config::settings::Config;
use crate::runtime::http;

/// The release whose library is used; it carries `PDFium` 8149.
const VERSION: &str = "5.15.2";

/// Path of the library in the wheel.
const MEMBER: &str = "pypdfium2_raw/libpdfium.so";

/// The package index, used if there is no pip, which may be configured with a nearer one.
const PYPI: &str = "https://pypi.org";

/// Size limit of the library, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// One wheel of the release.
#[derive(Clone, Copy, Debug)]
struct Wheel {
    platform: &'static str,
    sha256: &'static str,
}

/// Returns the wheel for this processor, if there is one.
fn wheel() -> Option<Wheel> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some(Wheel {
            platform: "manylinux2014_x86_64",
            sha256: "dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37",
        }),
        ("linux", "aarch64") => Some(Wheel {
            platform: "manylinux2014_aarch64",
            sha256: "dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc",
        }),
        _ => None,
    }
}

/// Returns the expected path of the library: `extract.pdfium`, or where [`install`] puts it in the data folder.
#[must_use]
pub fn library_path(config: &Config) -> PathBuf {
    if config.extract.pdfium.as_os_str().is_empty() {
        config.data.dir.join("pdfium/libpdfium.so")
    } else {
        config.extract.pdfium.clone()
    }
}

/// Downloads the library if it is missing; returns its path.
///
/// # Errors
/// If it cannot be fetched. Everything works without it, with a slower PDF reader and no page images.
pub async fn install(config: &Config) -> anyhow::Result<PathBuf> {
    let target = library_path(config);
    if target.is_file() {
        return Ok(target);
    }
    ensure!(
        config.extract.pdfium.as_os_str().is_empty(),
        "there is no PDFium library at {} (extract.pdfium); correct the path, or leave it empty to have it fetched",
        target.display()
    );
    let wheel = wheel().ok_or_else(|| {
        anyhow!(
            "there is no pinned PDFium library for {} on {}; name one in extract.pdfium",
            std::env::consts::OS,
            std::env::consts::ARCH
        )
    })?;
    let folder = config.data.dir.join("pdfium");
    std::fs::create_dir_all(&folder).with_context(|| {
        format!(
            "the folder {} cannot be made; correct data.dir",
            folder.display()
        )
    })?;
    let bytes = match by_pip(wheel, &folder).await {
        Ok(bytes) => bytes,
        Err(pip) => by_https(wheel, &Url::parse(PYPI)?).await.map_err(|https| {
            anyhow!("the PDFium library cannot be fetched, neither with pip ({pip:#}) nor from {PYPI} ({https:#}); try again with a network, or name a libpdfium.so in extract.pdfium")
        })?,
    };
    unpack(&bytes, wheel, &target)?;
    Ok(target)
}

async fn by_pip(wheel: Wheel, folder: &Path) -> anyhow::Result<Vec<u8>> {
    let place = tempfile::tempdir_in(folder)?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ])
    .args(["--platform", wheel.platform, "--dest"])
    .arg(place.path())
    .arg(format!("pypdfium2=={VERSION}"))
    .stdin(Stdio::null())
    .kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(2), pip.output())
        .await
        .context("pip took longer than 120 s")?
        .context("python3 cannot be started")?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        bail!("{}", message.lines().last().unwrap_or("pip failed").trim());
    }
    let wheel = std::fs::read_dir(place.path())?
        .next()
        .context("pip left no file")??;
    Ok(std::fs::read(wheel.path())?)
}

#[derive(Deserialize)]
struct Release {
    urls: Vec<ReleaseFile>,
}

#[derive(Deserialize)]
struct ReleaseFile {
    url: Url,
    digests: Digests,
}

#[derive(Deserialize)]
struct Digests {
    sha256: String,
}

async fn by_https(wheel: Wheel, index: &Url) -> anyhow::Result<Vec<u8>> {
    let client = http::client()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .timeout(Duration::from_mins(5))
        .build()?;
    let release = index.join(&format!("pypi/pypdfium2/{VERSION}/json"))?;
    let release: Release = client
        .get(release)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let file = release
        .urls
        .into_iter()
        .find(|file| file.digests.sha256 == wheel.sha256)
        .context("the pinned file is not in the release")?;
    let mut answer = client.get(file.url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        ensure!(bytes.len() as u64 <= MAX_SIZE, "the file is too large");
    }
    Ok(bytes)
}

/// Checks the hash of the wheel and installs its library atomically.
fn unpack(bytes: &[u8], wheel: Wheel, target: &Path) -> anyhow::Result<()> {
    let hash = hex::encode(Sha256::digest(bytes));
    ensure!(
        hash == wheel.sha256,
        "the fetched PDFium library is not the pinned one (its SHA-256 is {hash}, not {}); nothing was installed",
        wheel.sha256
    );
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).context("the fetched wheel cannot be opened")?;
    let member = archive
        .by_name(MEMBER)
        .context("the fetched wheel contains no library")?;
    let mut library = Vec::new();
    member.take(MAX_SIZE).read_to_end(&mut library)?;
    let folder = target.parent().context("the library needs a folder")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&library)?;
    file.as_file().sync_all()?;
    file.persist(target)
        .with_context(|| format!("{} cannot be written", target.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;
    use crate::runtime::lifecycle::Lifecycle;

    fn archive(library: &[u8]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file(MEMBER, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(library).unwrap();
        archive.finish().unwrap().into_inner()
    }

    /// A package index that offers this file.
    async fn index(bytes: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base: Url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let hash = hex::encode(Sha256::digest(&bytes));
        let release = format!(
            r#"{{"urls": [{{"url": "{base}file.whl", "digests": {{"sha256": "{hash}"}}}}]}}"#
        );
        let router = Router::new()
            .route(
                &format!("/pypi/pypdfium2/{VERSION}/json"),
                get(async move || release),
            )
            .route("/file.whl", get(async move || bytes));
        Lifecycle::default().spawn("index", async move {
            axum::serve(listener, router).await.unwrap();
        });
        base
    }

    fn pinned(bytes: &[u8]) -> Wheel {
        let sha256 = hex::encode(Sha256::digest(bytes)).leak();
        Wheel {
            platform: "any",
            sha256,
        }
    }

    #[tokio::test]
    async fn the_pinned_library_is_downloaded_and_installed() {
        let bytes = archive(b"a library");
        let wheel = pinned(&bytes);
        let fetched = by_https(wheel, &index(bytes).await).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("libpdfium.so");
        unpack(&fetched, wheel, &target).unwrap();
        assert_eq!(std::fs::read(target).unwrap(), b"a library");
    }

    #[tokio::test]
    async fn an_index_without_the_pinned_file_is_refused() {
        let base = index(archive(b"another library")).await;
        let error = by_https(pinned(b"the pinned one"), &base)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("not in the release"));
    }

    #[test]
    fn a_file_with_another_hash_is_not_installed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("libpdfium.so");
        let error = unpack(&archive(b"a changed library"), pinned(b"x"), &target).unwrap_err();
        assert!(error.to_string().contains("not the pinned one"));
        assert!(!target.exists());
    }
}
