//! All rules that apply to a repository, in the order that breaks ties, behind one fast question: which of them match.

use std::sync::Arc;

use super::prefilter::Prefilter;
use super::rule::Rule;
use crate::model::{LabelName, Login, RepositoryName};

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct RouteInput<'i> {
    /// The title.
    pub title: &'i str,
    /// The text; empty where there is none.
    pub body: &'i str,
    /// The labels it carries.
    pub labels: &'i [LabelName],
    /// Who opened it; rules with `author` do not match when it is not known.
    pub author: Option<&'i Login>,
    /// Where it lives; rules with `repo` do not match when it is not known.
    pub repository: Option<&'i RepositoryName>,
}

impl<'i> RouteInput<'i> {
    /// A title of which nothing else is known, as the command line and the playground have it.
    #[must_use]
    pub const fn title_alone(title: &'i str) -> Self {
        Self { title, body: "", labels: &[], author: None, repository: None }
    }
}

/// Rules that are ready to be asked.
#[derive(Debug, Clone)]
pub struct Routing {
    rules: Vec<Arc<Rule>>,
    titles: Prefilter,
    bodies: Prefilter,
}

impl Routing {
    /// Prepares rules; the one that stands first wins the last kind of tie.
    #[must_use]
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        let titles = Prefilter::new(rules.iter().map(|rule| rule.title.as_ref()));
        let bodies = Prefilter::new(rules.iter().map(|rule| rule.body.as_ref()));
        Self { rules, titles, bodies }
    }

    /// Every rule, in order.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The rules that match, in order: exactly those for which [`Rule::matches`] holds, without running the
    /// regexes of those that cannot.
    #[must_use]
    pub fn matching(&self, input: &RouteInput<'_>) -> Vec<&Rule> {
        let candidates = self.titles.candidates(input.title).in_both(&self.bodies.candidates(input.body));
        candidates
            .into_iter()
            .filter_map(|index| self.rules.get(index))
            .map(Arc::as_ref)
            .filter(|rule| rule.matches(input))
            .collect()
    }
}
