//! Reads names of branches and tags, and what tags begin with, as far as git and a command line bear them.

use toml::Spanned;

use super::fault::Complaint;
use super::reader::Document;

/// The longest prefix of a tag in bytes, far below what file systems allow a ref.
const PREFIX_BYTES: usize = 100;

/// The name of a branch or tag, see <https://git-scm.com/docs/git-check-ref-format>.
pub(super) fn read_git_name(document: &Document<'_>, text: &Spanned<&str>, key: &str) -> Option<String> {
    let name: &str = text.get_ref();
    let bad = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\{}".contains(c);
    let fits = !name.is_empty() && !name.contains(bad) && !name.contains("..") && !name.starts_with(['-', '/']);
    if fits && !name.ends_with(['/', '.']) && !name.starts_with("refs/") {
        return Some(name.to_owned());
    }
    let help = if name.starts_with("refs/") {
        "write it without refs/heads/ or refs/tags/"
    } else {
        "write one name in full; globs and expressions are not followed here"
    };
    let message = format!("{name:?} is not a name that git gives");
    document.fault(text.span(), Complaint::new(message, format!("a name such as `{key} = \"main\"`"), help));
    None
}

/// What stands before the number in a tag. Tags become arguments of commands, so this holds plain signs only.
pub(super) fn read_prefix(document: &Document<'_>, text: &Spanned<&str>) -> Option<String> {
    let prefix: &str = text.get_ref();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '@');
    let refused_by_git = ["..", "//", "/.", ".lock/"].iter().any(|part| prefix.contains(part));
    let fits = prefix.len() <= PREFIX_BYTES && prefix.chars().all(good) && !refused_by_git;
    if fits && !prefix.starts_with(['-', '/', '.']) {
        return Some(prefix.to_owned());
    }
    let message = format!("{prefix:?} cannot be the beginning of a tag");
    let expected = "letters, digits, `.`, `_`, `-`, `/` and `@`, not beginning with `.`, `-` or `/`, or nothing";
    let help = "write something such as \"v\" or \"app/v\", as git accepts it before a number";
    document.fault(text.span(), Complaint::new(message, expected, help));
    None
}
