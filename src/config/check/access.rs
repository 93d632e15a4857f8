//! Collections named in `[access]`.

use std::collections::BTreeSet;

use crate::config::settings::Config;

/// A collection without a source is probably a typing error, and would silently deny access.
pub(super) fn access(config: &Config, problems: &mut Vec<String>) {
    let known: BTreeSet<_> = config
        .sources
        .iter()
        .map(|source| source.collection.as_str())
        .collect();
    if known.is_empty() {
        return;
    }
    let default = ("access.default".to_owned(), &config.access.default);
    let rules = &config.access;
    let named = [
        ("channels", &rules.channels),
        ("users", &rules.users),
        ("groups", &rules.groups),
    ];
    let named = named.into_iter().flat_map(|(table, rules)| {
        let key = move |name: &String| format!("access.{table}.{name}");
        rules
            .iter()
            .map(move |(name, collections)| (key(name), collections))
    });
    for (key, collections) in std::iter::once(default).chain(named) {
        for name in collections {
            if name != "*" && !known.contains(name.as_str()) {
                let known = known.iter().copied().collect::<Vec<_>>().join(", ");
                problems.push(format!(
                    "{key} names the collection \"{name}\", which no source belongs to; write one of: *, {known}"
                ));
            }
        }
    }
}
