//! Routing by a thousand rules: the prefilter against a loop and against a `RegexSet`, all from cold caches.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use regex::{RegexBuilder, RegexSetBuilder};
use stationmaster::decide::classify;
use stationmaster::policy::{Policy, RouteInput, RuleFile, Rules};

use crate::row::{Row, Target};

const RULES: usize = 1000;
const TEXTS: usize = 300;
const TEXT_BYTES: usize = 1024;

fn patterns() -> Vec<String> {
    let verbs = ["deploy", "release", "rotate", "migrate", "restore", "resize", "archive", "audit", "patch", "rename"];
    let of = |index: usize| format!(r"\b{}\s+(?:the\s+)?service{:03}\b", verbs[index % verbs.len()], index);
    (0..RULES).map(of).collect()
}

/// Prose of 1 KB in which one rule of the thousand matches, somewhere in the middle.
fn texts() -> Vec<String> {
    let words = "the of build server deploy log time request queue and after restart service00 release notes was";
    let words: Vec<&str> = words.split(' ').collect();
    let verbs = ["deploy", "release", "rotate", "migrate", "restore", "resize", "archive", "audit", "patch", "rename"];
    let text = |seed: usize| {
        let mut text = String::new();
        let mut state = seed * 7919 + 13;
        while text.len() < TEXT_BYTES {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(words[(state >> 33) % words.len()]);
            text.push(' ');
            let rule = seed * 3 % RULES;
            if text.len() > TEXT_BYTES / 2 && !text.contains("Service") {
                let _ = write!(text, "{} the Service{rule:03} ", verbs[rule % verbs.len()]);
            }
        }
        text
    };
    (0..TEXTS).map(text).collect()
}

/// Time for one pass over all texts, and how many rules matched in all.
fn pass(texts: &[String], mut matching: impl FnMut(&str) -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let hits = texts.iter().map(|text| black_box(matching(text))).sum();
    (start.elapsed(), hits)
}

/// The rate of a thousand rules, and what the shipped ones take.
pub fn rows() -> Vec<Row> {
    let (patterns, texts) = (patterns(), texts());
    let mut file = String::new();
    for (index, pattern) in patterns.iter().enumerate() {
        let _ = writeln!(file, "[[rule]]\nname = \"r{index}\"\nbody = '{pattern}'\ntype = \"t\"\npriority = 1");
    }
    let rules = Rules::from_files(vec![RuleFile::new("routing.toml", file)]).expect("the generated rules are good");
    let routing = Policy::combine(&rules, None).routing;
    let compile = |pattern: &String| RegexBuilder::new(pattern).case_insensitive(true).build().expect("a good pattern");
    let loop_over: Vec<_> = patterns.iter().map(compile).collect();
    let set = RegexSetBuilder::new(&patterns).case_insensitive(true).size_limit(1 << 30).build().expect("a good set");

    let (filtered, hits) =
        pass(&texts, |text| routing.matching(&RouteInput { body: text, ..RouteInput::title_alone("") }).len());
    let (looped, loop_hits) = pass(&texts, |text| loop_over.iter().filter(|regex| regex.is_match(text)).count());
    let (by_set, set_hits) = pass(&texts, |text| set.matches(text).iter().count());
    assert!(hits == loop_hits && hits == set_hits && hits > 0, "{hits} {loop_hits} {set_hits}");

    let to_loop = |took: Duration| looped.as_secs_f64() / took.as_secs_f64();
    let rate = |took: Duration| texts.len() as f64 / took.as_secs_f64();
    let name = format!("{RULES} rules, first pass over texts of 1 KB, to a loop over compiled regexes");
    let prefilter = Row::new(name, "issue 2", (Target::AtLeast(10.0), "×"), to_loop(filtered)).with(format!(
        "{:.0} texts per second; `RegexSet` {:.1}×",
        rate(filtered),
        to_loop(by_set)
    ));
    vec![prefilter, classified()]
}

fn classified() -> Row {
    let policy = Policy::combine(&Rules::builtin().expect("the shipped rules are good"), None);
    let titles =
        ["Deploy v2.0 to production", "fix(parser): off by one", "Cannot log in", "URGENT: hotfix for the cart"];
    let start = Instant::now();
    let rounds = 5_000;
    for round in 0..rounds {
        black_box(classify(&policy, &RouteInput::title_alone(titles[round % titles.len()])));
    }
    let each_us = start.elapsed().as_secs_f64() * 1e6 / rounds as f64;
    Row::new("classifying a title by the shipped rules", "issue 2", (Target::AtMost(20.0), " µs"), each_us)
}
