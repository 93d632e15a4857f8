//! Checks of this machine: data folder, disk space, sources, programs; and the shared database.

use std::path::Path;
use std::str::FromStr;

use futures::StreamExt;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use super::finding::Finding;
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::extract::ocr::setting;
use crate::extract::pdfium_install;
use crate::ingest::source;
use crate::runtime::http;

const DATA: &str = "data";
const DATABASE: &str = "database";
const DISK: &str = "disk";
const SOURCES: &str = "sources";
const PROGRAMS: &str = "reading";
/// Free bytes below which the next index or backup may not fit.
const LOW_SPACE: u64 = 2 << 30;
/// Free bytes below which the disk will be full soon.
const NO_SPACE: u64 = 200 << 20;
/// Timeout of requests to a site, a bucket or the database.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = data(&config.data.dir).await;
    findings.extend(database(config).await);
    findings.extend(disk(&config.data.dir));
    if config.sources.is_empty() {
        findings.push(Finding::warning(
            SOURCES,
            "none are configured: there is nothing to answer from",
            "write a [[sources]] block",
        ));
    }
    let sources = config.sources.iter().map(check_source);
    findings.extend(
        futures::stream::iter(sources)
            .buffered(4)
            .collect::<Vec<_>>()
            .await,
    );
    findings.extend(programs(config));
    findings
}

/// Checks that the folder can be written, and that its databases are intact.
async fn data(folder: &Path) -> Vec<Finding> {
    let place = folder.display();
    let fix = "set data.dir to a folder that epibot may write, or give it the right to";
    if let Err(error) = std::fs::create_dir_all(folder) {
        return vec![Finding::problem(
            DATA,
            format!("{place} cannot be made: {error}"),
            fix,
        )];
    }
    if let Err(error) = tempfile::tempfile_in(folder) {
        return vec![Finding::problem(
            DATA,
            format!("{place} cannot be written: {error}"),
            fix,
        )];
    }
    let mut findings = Vec::new();
    let mut intact = 0;
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for file in entries.map(|entry| entry.path()) {
        if file
            .extension()
            .is_none_or(|extension| extension != "sqlite")
        {
            continue;
        }
        match is_intact(&file).await {
            Ok(true) => intact += 1,
            Ok(false) => findings.push(damaged(&file, "it is damaged")),
            Err(error) => findings.push(damaged(&file, &error.to_string())),
        }
    }
    findings.insert(
        0,
        Finding::ok(
            DATA,
            format!("{place} can be written; {intact} databases in it are whole"),
        ),
    );
    findings
}

/// Checks that the shared database can be reached, without migrating it.
async fn database(config: &Config) -> Option<Finding> {
    let address = config.state.database.as_ref()?;
    let fix = "start it, or correct user, password, host and name in state.database";
    let version = async {
        let options = PgConnectOptions::from_str(address.expose())?;
        let mut connection = options.disable_statement_logging().connect().await?;
        sqlx::query_scalar::<_, String>("SHOW server_version")
            .fetch_one(&mut connection)
            .await
    };
    Some(match tokio::time::timeout(TIMEOUT, version).await {
        Ok(Ok(version)) => Finding::ok(DATABASE, format!("PostgreSQL {version} lets epibot in")),
        Ok(Err(error)) => Finding::problem(
            DATABASE,
            format!("PostgreSQL does not let epibot in: {error}"),
            fix,
        ),
        Err(_) => Finding::problem(DATABASE, "PostgreSQL does not answer in time", fix),
    })
}

async fn is_intact(file: &Path) -> sqlx::Result<bool> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = options.disable_statement_logging().connect().await?;
    let result: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await?;
    Ok(result == "ok")
}

fn damaged(file: &Path, why: &str) -> Finding {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let fix = match name.as_str() {
        "state.sqlite" | "feedback.sqlite" => {
            "stop epibot, move the file away, and run `epibot restore` with the last backup"
        }
        _ => "stop epibot, remove the file, and run `epibot reindex --full`, which makes it again",
    };
    Finding::problem(DATA, format!("{}: {why}", file.display()), fix)
}

fn disk(folder: &Path) -> Option<Finding> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let says = format!(
        "{} MiB are free where {} lies",
        free >> 20,
        folder.display()
    );
    let fix = "make room, or move data.dir to a larger disk: a full disk stops every question";
    Some(if free < NO_SPACE {
        Finding::problem(DISK, says, fix)
    } else if free < LOW_SPACE {
        Finding::warning(DISK, says, fix)
    } else {
        Finding::ok(DISK, says)
    })
}

async fn check_source(source: &Source) -> Finding {
    let name = &source.name;
    let address = match (&source.web, &source.bucket) {
        (Some(site), _) => site.start.first().cloned(),
        (_, Some(bucket)) => Some(bucket.endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
        (None, None) => return local(source),
    };
    let Some(address) = address else {
        return Finding::ok(
            SOURCES,
            format!("\"{name}\" is a bucket of Amazon's; `epibot reindex --dry-run` lists it"),
        );
    };
    match reach(&address).await {
        Ok(status) if status < 400 || source.bucket.is_some() => {
            Finding::ok(SOURCES, format!("\"{name}\" answers at {address}"))
        }
        Ok(status) => Finding::problem(
            SOURCES,
            format!("\"{name}\" answers at {address} with status {status}"),
            "correct sources.web.start, or let epibot in",
        ),
        Err(_) => Finding::problem(
            SOURCES,
            format!("\"{name}\" cannot be reached at {address}"),
            "see whether it runs, and whether this machine may reach it; what was fetched before is kept",
        ),
    }
}

async fn reach(address: &str) -> reqwest::Result<u16> {
    let client = http::client().timeout(TIMEOUT).build()?;
    Ok(client.get(address).send().await?.status().as_u16())
}

fn local(source: &Source) -> Finding {
    let (name, path) = (&source.name, source.path.display());
    match source::list(source) {
        Err(error) => Finding::failed(SOURCES, &error),
        Ok(listing) if !listing.failed.is_empty() => {
            let (place, why) = &listing.failed[0];
            let says = format!(
                "\"{name}\": {} places cannot be opened, such as {place} ({why})",
                listing.failed.len()
            );
            Finding::problem(SOURCES, says, "give epibot the right to read them")
        }
        Ok(listing) if listing.files.is_empty() => Finding::warning(
            SOURCES,
            format!("\"{name}\": {path} holds no file of a kind that is read"),
            "put documents there, or correct include and exclude",
        ),
        Ok(listing) => Finding::ok(
            SOURCES,
            format!("\"{name}\": {} files in {path}", listing.files.len()),
        ),
    }
}

/// Checks the programs that read PDFs and scanned pages.
fn programs(config: &Config) -> Vec<Finding> {
    let library = pdfium_install::library_path(config);
    let pdfium = if library.is_file() {
        Finding::ok(PROGRAMS, format!("PDFium is at {}", library.display()))
    } else {
        Finding::warning(
            PROGRAMS,
            "PDFium is missing: sources open without the picture of their page, and scanned pages are not read",
            "run `epibot setup`",
        )
    };
    let tesseract = match setting(config) {
        Some(languages) => Finding::ok(PROGRAMS, format!("scanned pages are read in {languages}")),
        None if config.extract.ocr_languages.is_empty() => {
            Finding::off(PROGRAMS, "scanned pages are not read, as configured")
        }
        None => Finding::warning(
            PROGRAMS,
            "tesseract or a language of it is missing: scanned pages are not read",
            "install tesseract with its languages, or set extract.ocr_languages = \"\"",
        ),
    };
    vec![pdfium, tesseract]
}
