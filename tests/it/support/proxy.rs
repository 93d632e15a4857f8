//! A network between two programs that can be cut.

use std::sync::Arc;

use epibot::runtime::lifecycle::Lifecycle;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How it stands with the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Open,
    /// Connections are closed, and new ones are.
    Cut,
    /// Nothing gets through, and nobody is told.
    Dead,
}

/// Passes connections on to a port of this machine.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    line: Arc<watch::Sender<Line>>,
    _tasks: Lifecycle,
}

impl Proxy {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (line, tasks) = (
            Arc::new(watch::Sender::new(Line::Open)),
            Lifecycle::default(),
        );
        let (seen, spawning) = (line.subscribe(), tasks.clone());
        tasks.spawn("proxy", async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut seen = seen.clone();
                spawning.spawn("connection", async move {
                    let _ = seen.wait_for(|line| *line != Line::Dead).await;
                    if *seen.borrow() == Line::Cut {
                        return;
                    }
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                        pass(client, server, seen).await;
                    }
                });
            }
        });
        Self {
            port: own,
            line,
            _tasks: tasks,
        }
    }

    /// Closes every connection, on both sides.
    pub(crate) fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Nothing gets through any more, without a word.
    pub(crate) fn kill(&self) {
        self.line.send_replace(Line::Dead);
    }

    pub(crate) fn mend(&self) {
        self.line.send_replace(Line::Open);
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, mut line: watch::Receiver<Line>) {
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        _ = line.wait_for(|line| *line != Line::Open) => {}
    }
    // What was on its way is lost, so that this connection is of no more use.
    let _ = line.wait_for(|line| *line != Line::Dead).await;
}
