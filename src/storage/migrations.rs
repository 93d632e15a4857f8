//! Schema migrations from SQL files that are part of the program.
//!
//! `sqlx::migrate!` would do the same at the price of compiling both database drivers twice.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Returns a migrator for files given by number, name and content.
#[must_use]
pub(crate) fn migrator(files: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = files.iter().map(|(version, name, sql)| {
        let sql = SqlStr::from_static(sql);
        Migration::new(
            *version,
            Cow::Borrowed(*name),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}
