//! `epibot healthcheck`: asks the running server whether it is healthy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::config::settings::Config;
use crate::runtime::http;

use super::output::Output;

const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, output: Output) -> anyhow::Result<ExitCode> {
    let address = reachable(config.web.listen);
    let client = http::client().timeout(TIMEOUT).no_proxy().build()?;
    let response = client
        .get(format!("http://{address}/healthz"))
        .send()
        .await
        .with_context(|| {
            format!(
                "no epibot answers at {address}; is `epibot serve` running with this configuration?"
            )
        })?;
    let healthy = response.status().is_success();
    let report: Value = response
        .json()
        .await
        .context("something else than epibot answers there")?;
    output.line(if healthy {
        "healthy".to_owned()
    } else {
        format!("not healthy: {report}")
    });
    output.document(&report)?;
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The address to connect to: loopback if the server listens on all addresses.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
