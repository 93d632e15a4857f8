//! The settings that `--compare` measures in addition to the configured ones.

use std::path::Path;

use anyhow::{bail, ensure};

use crate::config;
use crate::config::settings::Config;
use crate::domain::search_params::SearchParams;

/// Sections whose settings do not affect the index.
const COMPARABLE: [&str; 3] = ["retrieval.", "rerank.", "llm."];
/// Prefix of the parameters of ranking, answerability and grounding.
const PARAMS: &str = "params.";

/// Returns a configuration for each set of settings, with the name of the set.
pub(super) fn variants(
    file: Option<&Path>,
    compare: &[String],
) -> anyhow::Result<Vec<(String, Config)>> {
    let variant = |settings: &String| {
        let others = settings
            .split(',')
            .map(setting)
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok((settings.clone(), config::load::load_with(file, &others)?))
    };
    compare.iter().map(variant).collect()
}

/// Parses the key and the value of one setting.
fn setting(text: &str) -> anyhow::Result<(String, String)> {
    let Some((key, value)) = text.split_once('=') else {
        bail!("--compare \"{text}\" has no value; write such as \"retrieval.passages=4\"");
    };
    let (key, value) = (key.trim(), value.trim().to_owned());
    let name = key.strip_prefix("retrieval.").unwrap_or(key);
    if let Some(name) = name.strip_prefix(PARAMS) {
        check_param(name)?;
        return Ok((format!("retrieval.{PARAMS}{name}"), value));
    }
    ensure!(
        COMPARABLE.iter().any(|section| key.starts_with(section)),
        "--compare takes settings of params, {} only, since others would need another index; \
         measure \"{key}\" by itself, with --config",
        COMPARABLE
            .map(|section| section.trim_end_matches('.'))
            .join(", "),
    );
    Ok((key.to_owned(), value))
}

/// Refuses the name of a parameter that does not exist.
fn check_param(name: &str) -> anyhow::Result<()> {
    let known = SearchParams::DEFAULT.by_name();
    if known.contains_key(name) {
        return Ok(());
    }
    let likeness = |known: &str| {
        let field = known.rsplit('.').next().unwrap_or_default();
        let whole = strsim::normalized_damerau_levenshtein(known, name);
        whole.max(strsim::normalized_damerau_levenshtein(field, name))
    };
    let nearest = known
        .keys()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .map_or("", String::as_str);
    bail!("there is no parameter params.{name}; the nearest is params.{nearest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(compare: &str) -> anyhow::Result<SearchParams> {
        let variants = variants(None, &[compare.to_owned()])?;
        Ok(variants[0].1.retrieval.params)
    }

    #[test]
    fn every_parameter_can_be_compared_alone() {
        for (name, default) in SearchParams::DEFAULT.by_name() {
            let value = default.as_f64().unwrap() * 2.0;
            let changed = params(&format!("params.{name}={value}")).unwrap();
            assert_ne!(changed, SearchParams::DEFAULT, "{name}");
        }
    }

    #[test]
    fn several_parameters_are_compared_at_once() {
        let changed = params("params.bm25.k1=1.2, params.fusion.rank_constant=10").unwrap();
        let mut expected = SearchParams::DEFAULT;
        expected.bm25.k1 = 1.2;
        expected.fusion.rank_constant = 10.0;
        assert_eq!(changed, expected);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_known_one() {
        for (name, nearest) in [
            ("bm25.k2", "params.bm25.k"),
            ("unit_weigth", "params.answerability.unit_weight"),
        ] {
            let error = params(&format!("params.{name}=1")).unwrap_err().to_string();
            assert!(error.contains(nearest), "{error}");
        }
        let error = params("chunk.size=1").unwrap_err().to_string();
        assert!(error.contains("another index"), "{error}");
    }
}
