//! Database, leases and retention.

use crate::config::settings::Config;

pub(super) fn state(config: &Config, problems: &mut Vec<String>) {
    let state = &config.state;
    let is_postgres = |address: &str| {
        ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| address.starts_with(scheme))
    };
    if state
        .database
        .as_ref()
        .is_some_and(|address| !is_postgres(address.expose()))
    {
        problems.push(
            "state.database does not begin with \"postgres://\"; only PostgreSQL can be shared, and SQLite is used \
             where it is empty"
                .to_owned(),
        );
    }
    if !(2..=200).contains(&state.connections) {
        problems.push("state.connections must be 2 to 200; write 10".to_owned());
    }
    if !(1..=60).contains(&state.connect_timeout_s) {
        problems.push("state.connect_timeout_s must be 1 to 60; write 2".to_owned());
    }
    if !(5..=600).contains(&state.lease_s) {
        problems.push("state.lease_s must be 5 to 600; write 15".to_owned());
    }
    if config.audit.keep_days < config.data.keep_days {
        problems.push(format!(
            "audit.keep_days is less than data.keep_days, after which the words go; write {} or more",
            config.data.keep_days
        ));
    }
}
