//! Detects documents that have to be read again although their files are unchanged.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::document::Format;
use crate::extract::{extracted, ocr, pdfium_install};
use crate::ingest::source::SourceFile;
use crate::ingest::{chunk, data_records};
use crate::recipes::import::{included, is_recipe, may_hold_recipes};

/// Returns stamps of the other files that decide how a recipe file is read: for a table, the configured column maps and the
/// legends in its folder; for a script, the files that it includes.
fn recipe_inputs(config: &Config, file: &SourceFile) -> String {
    if !may_hold_recipes(&file.file) {
        return String::new();
    }
    let stamp = |path: &Path| {
        let metadata = path.metadata().ok()?;
        Some(format!("{}:{:?}", metadata.len(), metadata.modified().ok()))
    };
    if is_recipe(&file.file) {
        let stamps = included(&file.file);
        let stamps = stamps.iter().filter_map(|path| stamp(path));
        return stamps.collect::<Vec<_>>().join(",");
    }
    let stem = file
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let legends = ["{stem}.legend.json", "legend.json", "DeviceIO.json"];
    let legends = legends.map(|name| file.file.with_file_name(name.replace("{stem}", &stem)));
    config
        .recipes
        .maps
        .iter()
        .chain(&legends)
        .filter_map(|path| stamp(path))
        .collect::<Vec<_>>()
        .join(",")
}

/// Returns a hash of everything except the content that decides what is indexed of a document. If it changes, the document
/// is read again.
pub(super) fn fingerprint(config: &Config, source: &Source, file: &SourceFile) -> String {
    let pdfium = pdfium_install::library_path(config);
    let reader = match file.format {
        Format::Pdf if pdfium.is_file() => "pdfium",
        _ => "built-in",
    };
    let ocr = match file.format {
        Format::Pdf => ocr::setting(config),
        _ => None,
    };
    let parts = [
        extracted::VERSION.to_string(),
        chunk::VERSION.to_string(),
        data_records::VERSION.to_string(),
        recipe_inputs(config, file),
        config.chunk.target_chars.to_string(),
        config.chunk.max_chars.to_string(),
        source.collection.clone(),
        source.url.clone().unwrap_or_default(),
        source.language.clone(),
        reader.to_owned(),
        ocr.unwrap_or_default(),
    ];
    hex::encode(&Sha256::digest(parts.join("\0"))[..8])
}
