//! OpenTelemetry traces of questions, by OTLP over HTTP.

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

/// Timeout of an export: longer than a near collector takes, and acceptable at shutdown.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The trace exporter; pending traces are sent when it is dropped.
#[must_use = "tracing stops when this is dropped"]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Creates the exporter, if a collector is configured. Call it outside the asynchronous runtime: the exporter has its
    /// own thread.
    ///
    /// # Errors
    /// The HTTP client cannot be created.
    pub(super) fn start<S>(
        config: &config::observe::Traces,
    ) -> anyhow::Result<(Self, Option<impl Layer<S>>)>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        if config.endpoint.is_empty() {
            return Ok((Self(None), None));
        }
        http::install_crypto_provider();
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
        // Spans of libraries may contain confidential data.
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
