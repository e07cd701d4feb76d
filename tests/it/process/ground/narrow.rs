//! A disk that is full, or takes nothing at all, under a server that runs.
//!
//! Where a file system may be mounted (as root, or where users may have namespaces), the disk is a small one of its own
//! and is really filled. Elsewhere, as in a bare container, the kernel is told how large a file of the process may grow
//! (`prlimit`), which has every write past that fail just as well.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::process::{Place, Server};

/// Room for the database with its log, and a little more.
const DISK: &str = "12m";

/// How a disk is kept from taking more.
enum How {
    /// A file system of its own within the server's namespace, with a file that fills it.
    Disk,
    /// A limit for the files of the process.
    Files,
}

/// The disk of a server.
pub(super) struct Narrow {
    how: How,
    process: String,
    /// The folder of the database, as it is seen from here.
    folder: PathBuf,
}

impl Narrow {
    /// Whether a file system may be mounted here.
    async fn may_mount() -> bool {
        let mut tried = Command::new("unshare");
        tried.args(["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]);
        tried.stdout(Stdio::null()).stderr(Stdio::null()).status().await.is_ok_and(|status| status.success())
    }

    /// Starts a server whose database is on a disk of its own, where that can be had and is wanted.
    pub(super) async fn serve(place: &Place, on_its_own: bool, changed: &[(&'static str, &str)]) -> (Server, Self) {
        let folder = place.folder.path().join("disk");
        std::fs::create_dir_all(&folder).unwrap();
        let mount = on_its_own && Self::may_mount().await;
        let file = folder.join("station.db");
        let mut settings = place.settings();
        settings.insert("DATABASE_URL", format!("sqlite://{}", file.display()));
        settings.insert("PATH", std::env::var("PATH").unwrap());
        settings.extend(changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
        // Past its limit a write is to fail, not to end the process.
        let (program, first, script) = if mount {
            ("unshare", "-rm", format!("mount -t tmpfs -o size={DISK} tmpfs {} && exec \"$0\" serve", folder.display()))
        } else {
            ("sh", "-e", "trap '' XFSZ; exec \"$0\" serve".to_owned())
        };
        let mut command = Command::new(program);
        command.arg(first);
        if mount {
            command.arg("sh");
        }
        command.args(["-c", &script, env!("CARGO_BIN_EXE_stationmaster")]).env_clear().envs(&settings);
        command.current_dir(place.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let server = Server::spawn(command).await;
        place.github.set_webhook_target(&format!("http://{}/webhooks/github", server.address));
        let id = server.child.id().unwrap();
        // What is mounted there is seen through the process alone.
        let seen = if mount { PathBuf::from(format!("/proc/{id}/root{}", folder.display())) } else { folder };
        let how = if mount { How::Disk } else { How::Files };
        (server, Self { how, process: id.to_string(), folder: seen })
    }

    /// From now on nothing more is taken.
    pub(super) async fn fill(&self) {
        match self.how {
            How::Disk => {
                let mut file = File::create(self.folder.join("filler")).unwrap();
                for size in [64 * 1024, 1024, 1] {
                    let piece = vec![b'x'; size];
                    while file.write_all(&piece).is_ok() {}
                }
            }
            How::Files => limit(&self.process, "0").await,
        }
    }

    /// There is room again.
    pub(super) async fn clear(&self) {
        match self.how {
            How::Disk => std::fs::remove_file(self.folder.join("filler")).unwrap(),
            How::Files => limit(&self.process, "unlimited").await,
        }
    }

    /// A copy of the database as it is at one moment, at which the server stands still, and its address.
    pub(super) async fn copy(&self, server: &Server, into: &Path) -> String {
        std::fs::create_dir_all(into).unwrap();
        server.signal("STOP").await;
        for name in ["station.db", "station.db-wal"] {
            std::fs::copy(self.folder.join(name), into.join(name)).unwrap();
        }
        server.signal("CONT").await;
        format!("sqlite://{}", into.join("station.db").display())
    }
}

async fn limit(id: &str, bytes: &str) {
    let set = Command::new("prlimit").args(["--pid", id, &format!("--fsize={bytes}:unlimited")]).status().await;
    let set = set.expect("install util-linux: `prlimit` keeps a process from writing");
    assert!(set.success(), "prlimit could not set the limit of {id}");
}
