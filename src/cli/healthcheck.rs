//! `healthcheck`: asks the server on this machine whether it lives, for containers without curl.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::config::Config;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `/healthz` at HOST and PORT; an error where it does not answer 200.
pub async fn run(config: &Config, out: &mut dyn Write) -> Result<ExitCode> {
    let url = format!("http://{}:{}/healthz", reachable(&config.host), config.port);
    let http = reqwest::Client::builder().tls_certs_only([]).timeout(PATIENCE).no_proxy().build()?;
    let answer = http.get(&url).send().await.with_context(|| format!("{url} does not answer"))?;
    let status = answer.status();
    if !status.is_success() {
        bail!("{url} answers {status}");
    }
    writeln!(out, "{url} answers {}", status.as_u16())?;
    Ok(ExitCode::SUCCESS)
}

/// Where a server that listens at `host` is reached from here: "everywhere" is no address to go to.
fn reachable(host: &str) -> String {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Ok(IpAddr::V4(_)) | Err(_) => host.to_owned(),
    }
}
