//! The HTTP client of the model, with configured timeouts and errors as [`LlmError`].

use std::time::Duration;

use anyhow::Context;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;

use super::error::LlmError;
use crate::config;
use crate::runtime::http;

/// Maximum bytes that are read of an error response; any message fits.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;

/// Creates a client of the configured server. It neither retries nor follows redirects, ignores the environment variables
/// of the library, and sends a key only if one is configured.
pub(super) fn client(config: &config::llm::Llm) -> anyhow::Result<Client<OpenAIConfig>> {
    let key = config.api_key.as_ref().map_or("", |key| key.expose());
    HeaderValue::from_str(key)
        .context("llm.api_key holds characters that no request can carry; copy it again")?;
    let address = OpenAIConfig::new()
        .with_api_base(config.base_url.trim_end_matches('/'))
        .with_api_key(key)
        .with_org_id("")
        .with_project_id("");

    let http = http::client()
        .connect_timeout(Duration::from_secs(config.connect_timeout_s))
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(Policy::none())
        .build()
        .context("the HTTP client for the language model cannot be set up")?;
    let anonymous = key.is_empty();
    let send = tower::service_fn(move |request: HttpRequestFactory| {
        let http = http.clone();
        async move {
            let mut request = request.build().await?;
            if anonymous {
                request.headers_mut().remove(AUTHORIZATION);
            }
            let response = http.execute(request).await?;
            if response.status().is_success() {
                Ok(response)
            } else {
                Err(OpenAIError::from(refusal(response).await))
            }
        }
    });
    Ok(Client::with_config(address).with_http_service(send))
}

async fn refusal(mut response: Response) -> LlmError {
    let status = response.status().as_u16();
    let after = http::retry_after(response.headers());
    let mut body = Vec::new();
    while body.len() < MAX_REFUSAL_BYTES {
        match response.chunk().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            Ok(None) | Err(_) => break,
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    // At debug only, since the body may repeat the prompt.
    tracing::debug!(
        status,
        body,
        "the language model's server refused a request"
    );
    let reason = reason(&body);
    let is_out_of_quota = reason.as_deref() == Some("insufficient_quota");
    match status {
        429 if !is_out_of_quota => LlmError::RateLimited { after },
        503 if after.is_some() => LlmError::RateLimited { after },
        _ => LlmError::Refused {
            status,
            reason,
            body,
        },
    }
}

/// Returns the error's code or type, if it is a plain identifier, which never contains parts of the request.
fn reason(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let is_identifier = |text: &&str| {
        (3..=48).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    ["/error/code", "/error/type", "/type"]
        .iter()
        .filter_map(|path| body.pointer(path)?.as_str())
        .find(is_identifier)
        .map(str::to_owned)
}

impl From<LlmError> for OpenAIError {
    fn from(error: LlmError) -> Self {
        Self::Boxed(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_identifiers_of_a_refusal_are_repeated() {
        for (body, expected) in [
            (
                r#"{"error":{"message":"m","code":"model_not_found"}}"#,
                Some("model_not_found"),
            ),
            (
                r#"{"error":{"code":404,"type":"NotFoundError"}}"#,
                Some("NotFoundError"),
            ),
            (
                r#"{"error":{"code":"the prompt was: anneal at 800 °C"}}"#,
                None,
            ),
            ("<html>", None),
        ] {
            assert_eq!(reason(body).as_deref(), expected, "{body}");
        }
    }
}
