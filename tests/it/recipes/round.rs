//! What is read and written again is the same recipe, in every encoding and with every separator.

use std::fmt::Write;
use std::path::Path;

use encoding_rs::EUC_KR;
use epibot::recipes::import;
use epibot::recipes::import::table::ColumnMap;
use epibot::recipes::model::{Node, Recipe};
use serde_json::Value;

use super::{samples, shared};

fn read(file: &Path, bytes: &[u8]) -> Recipe {
    let none: [&Path; 0] = [];
    let maps = ColumnMap::load(&none).unwrap();
    import::read(file, bytes, &maps)
        .unwrap()
        .unwrap_or_else(|| panic!("{} holds no recipe", file.display()))
        .recipes
        .remove(0)
}

/// A recipe without the places that its parts have in the file.
fn content(recipe: &Recipe) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for place in ["line", "lines", "sha256", "section", "losses"] {
                    fields.remove(place);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(recipe).unwrap();
    strip(&mut value);
    value
}

/// A recipe as a script.
fn script(recipe: &Recipe) -> String {
    let mut text = String::new();
    let header = &recipe.header;
    writeln!(text, "# Recipe: {}", recipe.id).unwrap();
    for (name, noted) in [
        ("System", &header.tool),
        ("Supervisor", &header.author),
        ("Comment", &header.title),
        ("Based on", &header.based_on),
        ("Substrate", &header.substrate),
    ] {
        if let Some(noted) = noted {
            writeln!(text, "# {name}: {}", noted.text).unwrap();
        }
    }
    for source in &recipe.sources {
        if let Some(bubbler) = &source.bubbler {
            writeln!(text, "# {}: {}", source.key, bubbler.raw).unwrap();
        }
    }
    for include in &recipe.includes {
        writeln!(text, "read {};", include.text).unwrap();
    }
    for variable in &recipe.variables {
        writeln!(text, "variable {} = {};", variable.name, variable.raw).unwrap();
    }
    text.push_str("layer {\n");
    nodes(recipe, &recipe.body, &mut text);
    text.push_str("}\n");
    text
}

fn nodes(recipe: &Recipe, body: &[Node], text: &mut String) {
    for node in body {
        match node {
            Node::Call(call) => writeln!(text, "{};", call.text).unwrap(),
            Node::Loop(inner) => {
                writeln!(text, "loop {} {{", inner.raw).unwrap();
                nodes(recipe, &inner.body, text);
                text.push_str("}\n");
            }
            Node::Step(at) => {
                let step = &recipe.steps[*at];
                let duration = step.duration.as_ref().map_or("", |time| time.raw.as_str());
                let mut parts: Vec<&str> = step
                    .operations
                    .iter()
                    .map(|operation| operation.raw.as_str())
                    .collect();
                parts.extend(step.until.as_ref().map(|until| until.raw.as_str()));
                let label = step.label.clone().unwrap_or_default();
                writeln!(text, "{duration} \"{label}\", {};", parts.join(", ")).unwrap();
            }
        }
    }
}

#[test]
fn a_script_that_is_read_and_written_again_is_the_same_recipe() {
    let mut files = vec![
        samples().join("LED450-MQW-012A.epi"),
        samples().join("LED450-MQW-012B.epi"),
        samples().join("HEMT-SIC-004A.epi"),
    ];
    if let Some(shared) = shared() {
        files.extend([shared.join("T2118GQTs.epi"), shared.join("221-SL.epi")]);
    }
    for file in files {
        let first = import::decode(&std::fs::read(&file).unwrap());
        // By itself, so that what other files define is not written into it.
        let name = file.file_name().unwrap().to_string_lossy();
        let first = import::aixtron::read(&name, &first);
        let written = script(&first);
        let second = import::aixtron::read(&name, &written);
        let (one, other) = (content(&first), content(&second));
        for part in [
            "steps",
            "body",
            "variables",
            "sources",
            "header",
            "includes",
            "id",
        ] {
            // What the log is to keep is no operation, and channels are numbered as they come.
            if part == "steps" {
                let count = |recipe: &Value| recipe["steps"].as_array().unwrap().len();
                assert_eq!(count(&one), count(&other), "{name}");
            }
            let by_name = |recipe: &Recipe, value: &Value| -> Value {
                let mut value = value.clone();
                for step in value.as_array_mut().into_iter().flatten() {
                    for operation in step["operations"].as_array_mut().into_iter().flatten() {
                        let at = usize::try_from(operation["channel"].as_u64().unwrap()).unwrap();
                        operation["channel"] = recipe.channels[at].name.clone().into();
                    }
                    if let Some(at) = step["until"]["channel"].as_u64() {
                        let at = usize::try_from(at).unwrap();
                        step["until"]["channel"] = recipe.channels[at].name.clone().into();
                    }
                }
                value
            };
            if part == "steps" {
                assert_eq!(
                    by_name(&first, &one[part]),
                    by_name(&second, &other[part]),
                    "{name}"
                );
            } else if part == "sources" {
                let keys = |recipe: &Recipe| {
                    let mut keys: Vec<String> = recipe
                        .sources
                        .iter()
                        .map(|source| {
                            format!(
                                "{} {:?}",
                                source.key,
                                source.bubbler.as_ref().map(|read| read.value)
                            )
                        })
                        .collect();
                    keys.sort();
                    keys
                };
                assert_eq!(keys(&first), keys(&second), "{name}");
            } else {
                assert_eq!(one[part], other[part], "{name}: {part}");
            }
        }
        assert_eq!(second.losses, [], "{name}: {written}");
        // What the store keeps comes back as it was.
        let kept: Recipe = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        assert_eq!(kept, first, "{name}");
    }
}

#[test]
fn a_script_is_the_same_recipe_in_every_encoding() {
    let file = samples().join("LED450-MQW-012A.epi");
    let text = std::fs::read_to_string(&file).unwrap();
    let plain = read(&file, text.as_bytes());
    let crlf = text.replace('\n', "\r\n");
    let utf_16: Vec<u8> = crlf.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let korean = format!("# 설명하는 주석\n{text}");
    for bytes in [
        crlf.clone().into_bytes(),
        [&[0xFF, 0xFE], utf_16.as_slice()].concat(),
        utf_16,
        encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        EUC_KR.encode(&korean).0.into_owned(),
    ] {
        assert_eq!(content(&read(&file, &bytes)), content(&plain));
    }
}

#[test]
fn a_table_is_the_same_recipe_with_every_separator() {
    let mut files = vec![samples().join("gan-template-plc-007.csv")];
    if let Some(shared) = shared() {
        files.push(shared.join("pc_to_plc_recipe.csv"));
    }
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let text = import::decode(&bytes);
        let plain = content(&read(&file, &bytes));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for separator in [b',', b';', b'\t'] {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(separator)
                .flexible(true)
                .from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let written = writer.into_inner().unwrap();
            assert_eq!(content(&read(&file, &written)), plain, "{}", file.display());
        }
    }
}
