//! Which environment comes after which: names that exist, and no circles.

use toml::Spanned;

use super::environment::{EnvironmentSettings, Placed};
use super::fault::Complaint;
use super::reader::{Document, nearest};
use crate::model::EnvironmentName;

/// Puts each environment after the one that it names.
pub(super) fn connect(document: &Document<'_>, placed: Vec<Placed<'_>>) -> Vec<EnvironmentSettings> {
    let names: Vec<EnvironmentName> = placed.iter().map(|(settings, _)| settings.name.clone()).collect();
    let mut environments = Vec::with_capacity(placed.len());
    let mut afters = Vec::with_capacity(placed.len());
    for (mut settings, after) in placed {
        settings.after = after.as_ref().and_then(|after| named(document, after, &names));
        environments.push(settings);
        afters.push(after);
    }
    for (start, place) in afters.iter().enumerate() {
        if let (Some(circle), Some(place)) = (circle(&environments, start), place) {
            complain_of_circle(document, place, &environments, &circle);
        }
    }
    environments
}

/// The environment that a text means, in any case, as it is written where it is defined. One that does not exist is
/// a fault that lists those that do.
pub(super) fn named(
    document: &Document<'_>,
    text: &Spanned<&str>,
    names: &[EnvironmentName],
) -> Option<EnvironmentName> {
    let found = names.iter().find(|name| name.as_str().eq_ignore_ascii_case(text.get_ref()));
    if found.is_none() {
        let words: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
        let expected = if words.is_empty() {
            "the name of an `[[environment]]`, of which there are none".to_owned()
        } else {
            format!("one of {}", quoted(&words))
        };
        let help = match nearest(text.get_ref(), &words) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add an `[[environment]]` with `name = {:?}`, or name one that is there", text.get_ref()),
        };
        let message = format!("there is no environment {:?}", text.get_ref());
        document.fault(text.span(), Complaint::new(message, expected, help));
    }
    found.cloned()
}

/// The circle through an environment, beginning with it; `None` when there is none, or it was found from an earlier one.
fn circle(environments: &[EnvironmentSettings], start: usize) -> Option<Vec<usize>> {
    let way = way(environments, start);
    let last = *way.last()?;
    (before(environments, last) == Some(start) && way.iter().all(|index| *index >= start)).then_some(way)
}

/// An environment and those that come before it, as far as none comes twice.
fn way(environments: &[EnvironmentSettings], start: usize) -> Vec<usize> {
    let mut way = vec![start];
    let mut at = start;
    while let Some(next) = before(environments, at).filter(|next| !way.contains(next)) {
        way.push(next);
        at = next;
    }
    way
}

fn before(environments: &[EnvironmentSettings], index: usize) -> Option<usize> {
    let name = environments.get(index)?.after.as_ref()?;
    environments.iter().position(|environment| environment.name == *name)
}

fn complain_of_circle(
    document: &Document<'_>,
    place: &Spanned<&str>,
    environments: &[EnvironmentSettings],
    circle: &[usize],
) {
    let name = |index: &usize| environments.get(*index).map_or("", |environment| environment.name.as_str());
    let members: Vec<&str> = circle.iter().map(name).collect();
    // What leads into a circle, this one or another, would be no way out.
    let ends =
        |index: &usize| way(environments, *index).last().is_some_and(|last| before(environments, *last).is_none());
    let outside = (0..environments.len()).filter(ends);
    let free: Vec<&str> = outside.map(|index| name(&index)).collect();
    let first = members.first().copied().unwrap_or_default();
    let round = members.iter().skip(1).chain([&first]).map(|name| format!(", which comes after {name:?}"));
    let message = format!("{first:?} comes{}", round.collect::<String>().replacen(", which comes", "", 1));
    let expected = match free.as_slice() {
        [] => "an order that begins somewhere".to_owned(),
        free => format!("an environment outside of this circle: {}", quoted(free)),
    };
    let help = match members.as_slice() {
        [_] => "remove `after`, or name another environment".to_owned(),
        members => format!("remove `after` from one of {}", quoted(members)),
    };
    document.fault(place.span(), Complaint::new(message, expected, help));
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
