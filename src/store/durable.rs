//! Where the database makes a change durable: every commit passes here by name, so that a test can end the process there.
//!
//! In a release build a name is a word for the reader and nothing else: the future is handed on as it is. A debug
//! build reads the environment variable `STATIONMASTER_CRASH_AT`, which names a folder: the file `armed` in it lists
//! commits (`before finish_action`, a line each) at which the process kills itself as SIGKILL would from outside,
//! having written the line to `hit`. Every name that is passed is added to the file `passed`.

use std::future::Future;

/// A statement or a transaction whose end makes a change durable.
pub(super) trait Durable: Future + Sized {
    /// Gives the commit its name: that of the store's method, and what tells several in one method apart.
    #[cfg(not(debug_assertions))]
    fn durably(self, _name: &'static str) -> Self {
        self
    }

    /// Gives the commit its name: that of the store's method, and what tells several in one method apart.
    #[cfg(debug_assertions)]
    fn durably<T, E>(self, name: &'static str) -> impl Future<Output = Result<T, E>> + Send
    where
        Self: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
    {
        async move {
            points::pass("before", name);
            let end = self.await;
            if end.is_ok() {
                points::pass("after", name);
            }
            end
        }
    }
}

impl<F: Future> Durable for F {}

#[cfg(debug_assertions)]
mod points {
    use std::collections::BTreeSet;
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::sync::LazyLock;

    use rustix::process::{Signal, getpid, kill_process};

    struct Points {
        folder: PathBuf,
        armed: BTreeSet<String>,
    }

    static POINTS: LazyLock<Option<Points>> = LazyLock::new(|| {
        let folder = PathBuf::from(std::env::var_os("STATIONMASTER_CRASH_AT")?);
        let armed = fs::read_to_string(folder.join("armed")).unwrap_or_default();
        Some(Points { folder, armed: armed.lines().map(str::to_owned).collect() })
    });

    pub(super) fn pass(side: &str, name: &str) {
        let Some(points) = POINTS.as_ref() else { return };
        let line = format!("{side} {name}");
        // A test that cannot be told finds out by what is missing.
        if let Ok(mut passed) = OpenOptions::new().create(true).append(true).open(points.folder.join("passed")) {
            let _ = passed.write_all(format!("{line}\n").as_bytes());
        }
        if points.armed.contains(&line) {
            let _ = fs::write(points.folder.join("hit"), &line);
            let _ = kill_process(getpid(), Signal::KILL);
            // The signal may be a moment on its way to this thread, which must do nothing more.
            loop {
                std::thread::park();
            }
        }
    }
}
