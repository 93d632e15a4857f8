//! HTML pages: templates, style, and the language that the browser prefers.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minijinja::{Environment, Value, context};
use sha2::{Digest, Sha256};

use crate::domain::language::Language;
use crate::i18n::web::Message;

/// Inlined in every page, so that a source page is a single file that also prints and saves well.
const STYLE: &str = include_str!("assets/style.css");

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, source) in [
        ("page.html", include_str!("assets/page.html")),
        ("message.html", include_str!("assets/message.html")),
        ("source.html", include_str!("assets/source.html")),
        ("demo.html", include_str!("assets/demo.html")),
    ] {
        #[expect(
            clippy::expect_used,
            reason = "the templates are part of the program, and a test renders each"
        )]
        templates
            .add_template(name, source)
            .expect("a well-formed template");
    }
    templates
});

/// The content security source that allows the inline style by its hash, and no other inline content.
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "'sha256-{}'",
        BASE64.encode(Sha256::digest(STYLE.as_bytes()))
    )
});

/// The language that the browser asks for.
pub(super) struct PreferredLanguage(pub(super) Language);

impl<S: Sync> FromRequestParts<S> for PreferredLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

impl PreferredLanguage {
    /// Returns Korean if `Accept-Language` prefers it to English, otherwise English.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut best = (0.0, Language::English);
        for choice in accepted.split(',') {
            let (tag, quality) = choice.split_once(";q=").unwrap_or((choice, "1"));
            let language = match tag.trim().split('-').next() {
                Some("ko") => Language::Korean,
                Some("en") => Language::English,
                _ => continue,
            };
            let quality = quality.trim().parse::<f32>().unwrap_or(0.0);
            if quality > best.0 {
                best = (quality, language);
            }
        }
        Self(best.1)
    }
}

/// Returns a page with a message in place of a document.
pub(super) fn message(status: StatusCode, language: Language, message: &Message) -> Response {
    render(
        status,
        language,
        "message.html",
        context! { title => &message.title, text => &message.text },
    )
}

/// Renders a template. The page may load only images of this server.
pub(super) fn render(
    status: StatusCode,
    language: Language,
    template: &str,
    values: Value,
) -> Response {
    render_with(status, language, template, values, "")
}

/// Renders a template whose page may load more: `sources` are further content security directives.
pub(super) fn render_with(
    status: StatusCode,
    language: Language,
    template: &str,
    values: Value,
    sources: &str,
) -> Response {
    let values = context! { language => tag(language), style => STYLE, ..values };
    let page = match TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(values))
    {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(
                template,
                error = format!("{error:#}"),
                "cannot render a page"
            );
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(page)).into_response();
    let style_source = &*STYLE_SOURCE;
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' data:; style-src 'self' {style_source}{sources}"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

fn tag(language: Language) -> &'static str {
    match language {
        Language::Korean => "ko",
        Language::English => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_preferred_language_is_used() {
        for (header, language) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Language::Korean),
            ("en-US,en;q=0.9,ko;q=0.8", Language::English),
            ("de-DE,ko;q=0.5,en;q=0.7", Language::English),
            ("ja", Language::English),
            ("ko;q=nonsense", Language::English),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header))]);
            assert_eq!(
                PreferredLanguage::from_headers(&headers).0,
                language,
                "{header}"
            );
        }
        assert_eq!(
            PreferredLanguage::from_headers(&HeaderMap::new()).0,
            Language::English
        );
    }
}
