//! Python imports in the groups of PEP 8: the standard library, what is installed, what is local.

use ast_grep_language::SupportLang;

use crate::policy::SyntaxTree;

/// Packages of Python's standard library that are imported most (<https://docs.python.org/3/py-modindex.html>).
const STANDARD: &str = " abc argparse array ast asyncio atexit base64 binascii bisect builtins bz2 calendar cmath cmd code \
codecs collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg cProfile csv ctypes \
curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl \
filecmp fileinput fnmatch fractions ftplib functools gc getopt getpass gettext glob graphlib grp gzip hashlib heapq \
hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox \
marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc numbers operator optparse os pathlib pdb pickle \
pickletools pkgutil platform plistlib poplib posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue \
quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal \
site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys \
sysconfig syslog tarfile tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace \
traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser \
winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo ";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Future,
    Standard,
    Installed,
    Local,
}

impl Group {
    /// The group of a module, seen from a file: what begins as the file's own path does is local.
    fn of(module: &str, path: &str) -> Self {
        let package = module.split('.').next().unwrap_or_default();
        if package == "__future__" {
            return Self::Future;
        }
        if package.is_empty() {
            return Self::Local;
        }
        if STANDARD.split_ascii_whitespace().any(|known| known == package) {
            return Self::Standard;
        }
        let mut folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
        if folders.any(|folder| folder == package) { Self::Local } else { Self::Installed }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Future => "`__future__`",
            Self::Standard => "the standard library",
            Self::Installed => "installed packages",
            Self::Local => "local modules",
        }
    }
}

/// Imports at the top level of a Python file that are out of their group, by line.
pub(super) fn ungrouped(tree: &SyntaxTree, path: &str) -> Vec<(u32, String)> {
    if *tree.lang() != SupportLang::Python {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut highest: Option<Group> = None;
    let mut before: Option<(Group, usize)> = None;
    for node in tree.root().children() {
        let kind = node.kind();
        if !matches!(&*kind, "import_statement" | "import_from_statement" | "future_import_statement") {
            continue;
        }
        let text = node.text();
        let module = text.split_whitespace().nth(1).unwrap_or_default().trim_end_matches([',', ';']);
        let group = Group::of(module, path);
        let line = node.start_pos().line();
        let shown = u32::try_from(line + 1).unwrap_or(u32::MAX);
        if let Some(highest) = highest
            && group < highest
        {
            let (own, other) = (group.name(), highest.name());
            found.push((shown, format!("Import of {own} after {other}: move `{module}` up to its group.")));
        } else if let Some((last, end)) = before
            && last != group
            && end + 1 >= line
        {
            let (own, other) = (group.name(), last.name());
            found.push((
                shown,
                format!("Imports of {own} and of {other} are not apart: leave a line free before `{module}`."),
            ));
        }
        highest = highest.max(Some(group));
        before = Some((group, node.end_pos().line()));
    }
    found
}
