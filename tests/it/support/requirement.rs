//! What a test needs beyond Rust and a C compiler, and what happens where it is missing.
//!
//! A test whose requirement is missing says so and is skipped. Where `EPIBOT_REQUIRE` names the requirement, it fails:
//! names with commas between them, or `all` for everything that can be installed. Servers at an address of somebody's
//! own (`meilisearch`, `llm`) are not part of `all` and have to be named.

use std::io::Write;

/// Something that a test needs and a machine may lack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirement {
    /// As `EPIBOT_REQUIRE` names it.
    name: &'static str,
    /// What is missing, and how it is provided.
    missing: &'static str,
    /// Whether it can be installed, and so is part of `all`.
    is_installable: bool,
}

impl Requirement {
    const fn new(name: &'static str, missing: &'static str) -> Self {
        Self {
            name,
            missing,
            is_installable: true,
        }
    }

    const fn external(name: &'static str, missing: &'static str) -> Self {
        Self {
            is_installable: false,
            ..Self::new(name, missing)
        }
    }

    pub(crate) const SHARED: Self =
        Self::new("shared", "EPIBOT_SHARED names no folder of test data");
    pub(crate) const PDFIUM: Self = Self::new(
        "pdfium",
        "EPIBOT_PDFIUM names no library (`epibot setup` fetches it)",
    );
    pub(crate) const TESSERACT: Self = Self::new(
        "tesseract",
        "tesseract is not installed (Debian: apt-get install tesseract-ocr tesseract-ocr-kor)",
    );
    pub(crate) const BROWSER: Self = Self::new(
        "browser",
        "EPIBOT_CHROMEDRIVER is not set (Debian: apt-get install chromium chromium-driver)",
    );
    pub(crate) const LOCAL_SLACK: Self = Self::new(
        "slack",
        "EPIBOT_LOCAL_SLACK is not set (npm: local-slack-linux-x64)",
    );
    pub(crate) const POSTGRES: Self = Self::new(
        "postgres",
        "no PostgreSQL server is installed (Debian: apt-get install postgresql)",
    );
    pub(crate) const PRLIMIT: Self = Self::new(
        "prlimit",
        "prlimit is not installed (Debian: apt-get install util-linux)",
    );
    pub(crate) const MEILISEARCH: Self =
        Self::external("meilisearch", "EPIBOT_TEST_MEILI_URL is not set");
    pub(crate) const LLM: Self = Self::external(
        "llm",
        "EPIBOT_TEST_LLM and EPIBOT_TEST_LLM_MODEL are not set",
    );

    /// Says past the test harness, which hides what passing tests print, that a test is skipped.
    ///
    /// # Panics
    /// `EPIBOT_REQUIRE` names the requirement.
    pub(crate) fn skip(self) {
        let required = std::env::var("EPIBOT_REQUIRE").unwrap_or_default();
        assert!(
            !self.is_required(&required),
            "EPIBOT_REQUIRE={required}, but {}",
            self.missing
        );
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test").to_owned();
        let _ = writeln!(
            std::io::stderr().lock(),
            "skipped: {test}: {}",
            self.missing
        );
    }

    fn is_required(self, required: &str) -> bool {
        required
            .split(',')
            .map(str::trim)
            .any(|name| name == self.name || (name == "all" && self.is_installable))
    }
}
