//! `epibot demo`: the sample documents in a temporary index, and a chat page on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use tokio::net::TcpListener;

use crate::app::services::Services;
use crate::config::settings::Config;
use crate::config::sources::Source;
use crate::domain::access::Access;
use crate::extract::pdfium_install;
use crate::ingest::sync::SyncOptions;
use crate::runtime::lifecycle::Lifecycle;
use crate::web::demo::{DemoState, demo_router};
use crate::web::server::serve;

use super::output::Output;
use super::{ask, reindex};

static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/samples/documents");
static RECIPES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/samples/recipes");

/// Asked at the start, so that the first answer needs no browser.
const FIRST_QUESTION: &str = "What should I do about alarm E-1042?";

/// Questions that the chat page suggests.
const SUGGESTIONS: [&str; 4] = [
    FIRST_QUESTION,
    "서셉터 베이크는 몇 도에서 몇 분 하나요?",
    "How do I replace the TMGa bubbler?",
    "LED450-MQW-012A InGaN 우물층 성장 온도는?",
];

/// Timeout of the download of PDFium; the demo then starts without it.
const PDFIUM_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Port of the chat page on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Print the first answer and end, without the chat page
    #[arg(long)]
    once: bool,
}

pub(super) async fn run(
    mut config: Config,
    arguments: Arguments,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let listener = listen(arguments.port).await?;
    let address = listener.local_addr()?;
    let folder = tempfile::tempdir().context("no temporary folder can be made for the samples")?;
    prepare_pdfium(&mut config, output).await;
    configure(&mut config, folder.path(), address)?;

    let app = Services::open(&config).await?;
    let report = reindex::reindex(&app, &config, &SyncOptions::default(), output).await?;
    output.line(format!(
        "Indexed {} sample documents ({} pages, {} passages) in {:.1} s.\n\n> {FIRST_QUESTION}\n",
        report.documents, report.pages, report.passages, report.seconds
    ));
    let answer = ask::ask(&app, FIRST_QUESTION, Access::Everything, output).await?;
    ask::show(&answer, output);
    output.document(&answer)?;
    if arguments.once {
        return Ok(ExitCode::SUCCESS);
    }
    output.line(format!(
        "\nThe chat page is open at http://{address}/ until you press Ctrl-C."
    ));
    let lifecycle = Lifecycle::default();
    lifecycle.stop_when_signalled();
    serve(listener, demo_router(page(&app)), &lifecycle);
    lifecycle
        .finish(Duration::from_secs(config.shutdown.grace_s))
        .await;
    Ok(ExitCode::SUCCESS)
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "port {port} cannot be used, perhaps by another program; try `epibot demo --port 0`"
        )
    })
}

/// Puts all data into the temporary folder, except PDFium, which the next demo uses again.
fn configure(config: &mut Config, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
    config.data.dir = folder.join("data");
    config.state.database = None;
    config.sources.clear();
    for (name, files) in [("samples", &SAMPLES), ("recipes", &RECIPES)] {
        let path = folder.join(name);
        std::fs::create_dir(&path)?;
        files
            .extract(&path)
            .context("the samples cannot be unpacked")?;
        config.sources.push(Source {
            name: name.to_owned(),
            path,
            collection: "samples".to_owned(),
            ..Source::default()
        });
    }
    config.web.base_url = format!("http://{address}");
    // The contact of the invented fab, as in its gas SOP.
    "상황실 내선 5119".clone_into(&mut config.hazard.contact_korean);
    "the control room, extension 5119".clone_into(&mut config.hazard.contact_english);
    Ok(())
}

/// Finds PDFium, or downloads it to the default folder.
async fn prepare_pdfium(config: &mut Config, output: Output) {
    let reason = match tokio::time::timeout(PDFIUM_TIMEOUT, pdfium_install::install(config)).await {
        Ok(Ok(library)) => {
            config.extract.pdfium = library;
            return;
        }
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "it could not be fetched in time".to_owned(),
    };
    config.extract.pdfium = PathBuf::new();
    output.line(format!(
        "PDFium is not there ({reason}); PDFs open without marked words.\n"
    ));
}

fn page(app: &Services) -> DemoState {
    DemoState {
        web: app.web_state(),
        answerer: Arc::clone(&app.answerer),
        access: Access::Everything,
        samples: SUGGESTIONS.map(str::to_owned).to_vec(),
    }
}
