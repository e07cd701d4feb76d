//! A PostgreSQL of our own on loopback, durable as in earnest, gone afterwards.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::servers::free_port;

/// A running cluster; it is stopped when this is dropped.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts one; `None` where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let cluster = Self { folder: tempfile::tempdir().ok()?, bin: bin()?, port: free_port() };
        if is_root() {
            let (user, group) = (id(&["-u", "postgres"])?, id(&["-g", "postgres"])?);
            chown(cluster.folder.path(), Some(user), Some(group)).ok()?;
        }
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "stationmaster", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
        let (port, folder) = (cluster.port, cluster.folder.path().display());
        let settings = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}");
        let log = format!("{folder}/log");
        cluster.run("pg_ctl", &["-D", &data, "-s", "-w", "-t", "60", "-l", &log, "-o", &settings, "start"]);
        Some(cluster)
    }

    /// The address of a new, empty database.
    pub fn new_database(&self, name: &str) -> String {
        let port = self.port.to_string();
        self.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "stationmaster", name]);
        format!("postgres://stationmaster@127.0.0.1:{port}/{name}")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status().expect("PostgreSQL's programs can be run");
        assert!(status.success(), "{program} ended with {status}");
    }

    /// PostgreSQL refuses to run as root, so root runs it as the user that came with it.
    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl").args(["-D", &data, "-m", "immediate", "-s", "-w", "-t", "20", "stop"]).status();
    }
}

/// Where `initdb` is: the newest of the versions that Debian keeps side by side.
fn bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|version| version.path().join("bin"));
    let newest = versions.filter(|bin| bin.join("initdb").exists()).max();
    newest.or_else(|| Some(PathBuf::from("/usr/local/pgsql/bin")).filter(|bin| bin.join("initdb").exists()))
}

fn is_root() -> bool {
    id(&["-u"]) == Some(0) && Path::new("/proc").exists()
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
