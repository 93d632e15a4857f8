//! The way of each question as an OpenTelemetry trace, by OTLP over HTTP.

use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter::LevelFilter};

use crate::config;
use crate::runtime::http;

/// Longer than a collector next door takes, and shorter than anybody waits for the program to end.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Traces on their way; what is not sent yet is sent when it is dropped.
#[must_use = "what is not sent yet is lost when this is dropped"]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sets the way to the collector up, where one is configured. To be called outside of the asynchronous runtime: the
    /// collector is spoken to from a thread of its own.
    ///
    /// # Errors
    /// The HTTP client cannot be set up.
    pub(super) fn start<S>(
        config: &config::observe::Traces,
    ) -> anyhow::Result<(Self, Option<impl Layer<S>>)>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        if config.endpoint.is_empty() {
            return Ok((Self(None), None));
        }
        http::install_cryptography();
        let client = reqwest::blocking::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .context("the client for traces cannot be set up")?;
        let endpoint = format!("{}/v1/traces", config.endpoint.trim_end_matches('/'));
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(TIMEOUT)
            .build()
            .with_context(|| format!("traces cannot be sent to {}", config.endpoint))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                config.sample_ratio,
            ))))
            .with_resource(Resource::builder().with_service_name("epibot").build())
            .build();
        // Libraries have spans of their own, which may hold what is nobody's business.
        let ours = Targets::new().with_target("epibot", LevelFilter::INFO);
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("epibot"))
            .with_location(false)
            .with_threads(false)
            .with_filter(ours);
        Ok((Self(Some(provider)), Some(spans)))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown()
        {
            tracing::debug!(%error, "the last traces could not be sent");
        }
    }
}
