//! A real PostgreSQL server, started once for all tests and stopped with them; each test has a database of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use epibot::config;
use epibot::storage::database::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgConnection};

use super::requirement::Requirement;

/// A running server.
pub(crate) struct Server {
    programs: PathBuf,
    port: u16,
    /// Its folder goes when the server does.
    _keeper: Child,
}

/// A database of one test.
pub(crate) struct Database {
    server: &'static Server,
    pub(crate) name: String,
}

/// The server, where its programs are installed.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| programs().map(Server::start));
    if server.is_none() {
        Requirement::POSTGRES.skip();
    }
    server.as_ref()
}

/// Where the server's programs are: Debian keeps them apart by version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut folders: Vec<PathBuf> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.push("/usr/local/bin".into());
    folders.push("/usr/bin".into());
    let is_whole = |folder: &&PathBuf| {
        ["initdb", "pg_ctl", "pg_dump", "psql"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    folders.iter().find(is_whole).cloned()
}

/// A command as a user whom the server accepts: it refuses to run as root.
fn as_user(folder: &Path, script: &str) -> Command {
    let is_root = std::fs::metadata("/proc/self")
        .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "nobody", "--", "sh", "-c", script]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    };
    command.current_dir(folder);
    command
}

impl Server {
    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("epibot-postgres-")
            .tempdir()
            .unwrap()
            .keep();
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777))
            .unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let (bin, place) = (programs.display(), folder.display());
        let made =
            format!("{bin}/initdb -D {place}/data -U epibot -A trust -E UTF8 --locale=C --no-sync");
        let made = as_user(&folder, &made)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        // The shell says when the server takes connections. It ends the server and takes its folder away once this
        // process, however it ends, lets go of the pipe.
        let run = format!(
            "trap '' INT; {bin}/pg_ctl start --wait -D {place}/data -l {place}/log -o '-p {port} -k {place} \
             -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400 -c log_min_messages=fatal \
             -c logging_collector=off' >{place}/start && echo ready && read line; \
             {bin}/pg_ctl stop -D {place}/data -m fast >{place}/stop; rm -rf {place}/data"
        );
        let mut keeper = as_user(&folder, &run)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(keeper.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(
            line, "ready\n",
            "the server does not start: see {place}/log"
        );
        Self {
            programs,
            port,
            _keeper: keeper,
        }
    }

    /// Runs one of the server's programs against a database; whether it succeeded, and what it said.
    fn run(&self, program: &str, database: &str, input: &str) -> (bool, String) {
        let mut child = Command::new(self.programs.join(program))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                "epibot",
                "-d",
                database,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writing = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    }

    /// A new database, empty or with what this script makes.
    fn database(&'static self, script: &str) -> Database {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(
            self.run("psql", "postgres", &format!("CREATE DATABASE {name};"))
                .0
        );
        if !script.is_empty() {
            assert!(self.run("psql", &name, script).0);
        }
        Database { server: self, name }
    }
}

impl Database {
    /// An empty one, where there is a server.
    pub(crate) fn new() -> Option<Self> {
        Some(server()?.database(""))
    }

    pub(crate) fn address(&self) -> String {
        self.address_by(self.server.port)
    }

    /// Its address by way of another port.
    pub(crate) fn address_by(&self, port: u16) -> String {
        format!("postgres://epibot@127.0.0.1:{port}/{}", self.name)
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    /// What a crash of everybody at this moment would leave.
    pub(crate) fn copy(&self) -> Self {
        let (done, script) = self.server.run("pg_dump", &self.name, "");
        assert!(done, "pg_dump failed");
        self.server.database(&script)
    }

    /// A connection that goes past epibot.
    pub(crate) async fn outsider(&self) -> PgConnection {
        self.address()
            .parse::<PgConnectOptions>()
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.outsider()
            .await
            .execute(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap();
    }

    /// Ends every session but this one.
    pub(crate) async fn disconnect_all(&self) {
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
    }

    /// Transactions that were undone.
    pub(crate) async fn refusals(&self) -> i64 {
        let mut connection = self.outsider().await;
        sqlx::query_scalar(
            "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap()
    }

    pub(crate) async fn open(&self) -> Postgres {
        connect(&self.address()).await.unwrap()
    }
}

/// With a lease that a busy machine does not miss.
pub(crate) async fn connect(address: &str) -> anyhow::Result<Postgres> {
    leased(address, 60).await
}

/// With a lease of so many seconds.
pub(crate) async fn leased(address: &str, lease_s: u64) -> anyhow::Result<Postgres> {
    let config = config::storage::State {
        database: None,
        connections: 10,
        // A busy machine may take longer than Slack would wait.
        connect_timeout_s: 60,
        lease_s,
    };
    Postgres::connect(address, &config).await
}
