//! The notes of a release: what landed, grouped, with its pull requests and authors linked.

use super::conventional::{Headline, headline, is_known};
use super::conventional::{Weight, without_number};
use super::escape;
use super::landed::{self, Item};
use super::level;
use super::places::Places;
use crate::model::{LabelName, LandedCommit, LandedPull, Login, ReleaseRange, Tag, TagName};
use crate::policy::ReleaseSettings;

/// GitHub takes 125,000 characters; a release pull request adds some of its own.
pub(super) const MOST_CHARS: usize = 120_000;
/// Kept free for what stands at the end.
const END_CHARS: usize = 1_000;

const BREAKING: &str = "Breaking changes";
const OTHER: &str = "Other changes";
/// Headlines of ours by conventional type, in this order; [`BREAKING`] stands before them and [`OTHER`] behind.
const BY_TYPE: [(&str, &str); 4] =
    [("feat", "Features"), ("fix", "Fixes"), ("perf", "Performance"), ("revert", "Reverts")];

/// What notes are of.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// What landed.
    pub(super) range: &'a ReleaseRange,
    /// The version before; `None` for the first.
    pub(super) previous: Option<&'a Tag>,
    /// The version's tag.
    pub(super) tag: &'a TagName,
    /// Groups, and what is left out.
    pub(super) settings: &'a ReleaseSettings,
}

/// A headline with its lines.
struct Group {
    title: String,
    lines: Vec<String>,
}

/// The notes, in Markdown, of at most [`MOST_CHARS`] characters.
pub(super) fn notes(about: About<'_>) -> String {
    let places = Places::of(about.range);
    let mut items = landed::items(about.range);
    items.retain(|item| !is_excluded(item, about.settings));
    // As a story is told: what came first stands first.
    items.reverse();
    let mut groups = headlines(about.settings);
    for item in &items {
        let title = group_of(item, about.settings);
        let line = line(item, &places, about.settings);
        if let Some(group) = groups.iter_mut().find(|group| group.title == title) {
            group.lines.push(line);
        }
    }
    groups.push(Group { title: "New contributors".to_owned(), lines: newcomers(&items, &places) });
    assemble(&groups, about, &places)
}

fn headlines(settings: &ReleaseSettings) -> Vec<Group> {
    let own = settings.groups.iter().map(|group| group.title.as_str());
    let built_in = std::iter::once(BREAKING).chain(BY_TYPE.iter().map(|(_, title)| *title)).chain([OTHER]);
    let mut groups: Vec<Group> = Vec::new();
    for title in own.chain(built_in) {
        if !groups.iter().any(|group| group.title == title) {
            groups.push(Group { title: title.to_owned(), lines: Vec::new() });
        }
    }
    groups
}

fn is_excluded(item: &Item<'_>, settings: &ReleaseSettings) -> bool {
    match item {
        Item::Pull(pull, _) => settings.exclude_labels.iter().any(|label| has(pull, label)),
        Item::Commit(_) => false,
    }
}

fn has(pull: &LandedPull, label: &LabelName) -> bool {
    pull.labels.iter().any(|own| own.as_str().eq_ignore_ascii_case(label.as_str()))
}

/// The headline under which an item stands: the first of the policy's that it fits, else one of ours.
fn group_of<'a>(item: &Item<'_>, settings: &'a ReleaseSettings) -> &'a str {
    let kind = kind(item);
    let fits_label = |labels: &[LabelName]| match item {
        Item::Pull(pull, _) => labels.iter().any(|label| has(pull, label)),
        Item::Commit(_) => false,
    };
    let fits_type = |types: &[String]| {
        kind.as_ref().is_some_and(|kind| types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind)))
    };
    if let Some(own) = settings.groups.iter().find(|group| fits_label(&group.labels) || fits_type(&group.types)) {
        return &own.title;
    }
    let labelled = matches!(item, Item::Pull(pull, _) if level::is_labelled_major(pull));
    if labelled || level::weight(item) == Some(Weight::Breaking) {
        return BREAKING;
    }
    BY_TYPE.iter().find(|(known, _)| kind.as_deref() == Some(known)).map_or(OTHER, |(_, title)| title)
}

/// The conventional type of an item's title.
fn kind(item: &Item<'_>) -> Option<String> {
    match headline(item.title()) {
        Headline::Conventional { kind, .. } => Some(kind),
        Headline::Revert(_) => Some("revert".to_owned()),
        Headline::Reapply(of) => match headline(of) {
            Headline::Conventional { kind, .. } => Some(kind),
            Headline::Revert(_) | Headline::Reapply(_) | Headline::Plain(_) => None,
        },
        Headline::Plain(_) => None,
    }
}

/// The title without its type: the headline says it. What merely looks like a type stays.
fn display<'t>(title: &'t str, settings: &ReleaseSettings) -> &'t str {
    let named =
        |kind: &str| settings.groups.iter().flat_map(|group| &group.types).any(|own| own.eq_ignore_ascii_case(kind));
    match headline(title) {
        Headline::Conventional { kind, breaking, subject } if breaking || is_known(&kind) || named(&kind) => subject,
        Headline::Conventional { .. } | Headline::Revert(_) | Headline::Reapply(_) | Headline::Plain(_) => title,
    }
}

fn line(item: &Item<'_>, places: &Places, settings: &ReleaseSettings) -> String {
    match item {
        Item::Pull(pull, _) => {
            let title = escape::title(display(item.title(), settings));
            let number = escape::link(&format!("#{}", pull.number), Some(&pull.url));
            format!("- {title} ({number}) by {}", account(&pull.author, places))
        }
        Item::Commit(commit) => commit_line(commit, places, settings),
    }
}

fn commit_line(commit: &LandedCommit, places: &Places, settings: &ReleaseSettings) -> String {
    let title = escape::title(display(without_number(landed::title_of(commit)), settings));
    let short = escape::link(&format!("`{}`", commit.sha.short()), Some(&commit.url));
    match &commit.author {
        Some(author) => format!("- {title} ({short}) by {}", account(author, places)),
        None => format!("- {title} ({short})"),
    }
}

fn account(login: &Login, places: &Places) -> String {
    escape::link(&escape::title(login.as_str()), Some(&places.account(login)))
}

/// People whose first pull request it is, each with that one. Bots are no people.
fn newcomers(items: &[Item<'_>], places: &Places) -> Vec<String> {
    let mut first: Vec<&LandedPull> = Vec::new();
    for item in items {
        let Item::Pull(pull, _) = item else { continue };
        if pull.first_contribution && !landed::is_bot(pull) && !first.iter().any(|known| known.author.is(&pull.author))
        {
            first.push(pull);
        }
    }
    let line = |pull: &&LandedPull| {
        let number = escape::link(&format!("#{}", pull.number), Some(&pull.url));
        format!("- {} made their first contribution in {number}", account(&pull.author, places))
    };
    first.iter().map(line).collect()
}

fn assemble(groups: &[Group], about: About<'_>, places: &Places) -> String {
    let comparison = places.comparison(about.previous, about.tag);
    let mut page = Page::default();
    for group in groups.iter().filter(|group| !group.lines.is_empty()) {
        page.headline(&format!("## {}", escape::title(&group.title)));
        group.lines.iter().for_each(|line| page.line(line));
    }
    if page.text.is_empty() {
        page.line("Nothing that landed is listed here.");
    }
    page.end(about.range.cut, comparison.as_deref());
    if let Some(url) = comparison.as_deref().and_then(escape::address) {
        let what = match about.previous {
            Some(previous) => format!("{}...{}", previous.name, about.tag),
            None => about.tag.to_string(),
        };
        let link = format!("\n**Full changelog**: [{}]({url})\n", escape::title(&what));
        page.text.push_str(&link);
    }
    page.text
}

/// Lines, as many as GitHub takes.
#[derive(Default)]
struct Page {
    text: String,
    chars: usize,
    /// Lines that did not fit.
    left_out: usize,
    /// A headline whose first line has not come.
    headline: Option<String>,
}

impl Page {
    fn headline(&mut self, text: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        self.headline = Some(format!("{gap}{text}\n\n"));
    }

    fn line(&mut self, line: &str) {
        let headline = self.headline.as_deref().unwrap_or_default();
        let chars = headline.chars().count() + line.chars().count() + 1;
        if self.left_out > 0 || self.chars + chars > MOST_CHARS - END_CHARS {
            self.left_out += 1;
            return;
        }
        self.chars += chars;
        self.text.push_str(headline);
        self.text.push_str(line);
        self.text.push('\n');
        self.headline = None;
    }

    /// Says what is missing, with a link to where all of it is.
    fn end(&mut self, range_cut: bool, comparison: Option<&str>) {
        let all = escape::link("the comparison", comparison);
        let missing = if self.left_out > 0 {
            let lines = if self.left_out == 1 { "line does" } else { "lines do" };
            format!("\n{} more {lines} not fit here; {all} shows everything.\n", self.left_out)
        } else if range_cut {
            format!("\nOlder changes are not listed here; {all} shows everything.\n")
        } else {
            String::new()
        };
        self.text.push_str(&missing);
    }
}
