//! Charts as SVG, made of our own numbers and words alone: nothing that people write stands in one.

use std::fmt::Write as _;

/// How wide and high a chart is drawn; the page scales it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
/// Where the drawing begins and ends within it.
const LEFT: f64 = 44.0;
const RIGHT: f64 = WIDTH - 8.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 26.0;
/// So many labels have room below it.
const LABELS: usize = 8;

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Side by side.
    Bars,
    /// From point to point.
    Lines,
}

/// One row of values, of which each has a place on the axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: &'static str,
    /// `None` where there is no value.
    pub(super) values: Vec<Option<f64>>,
}

/// A chart, and the same numbers as a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chart {
    kind: Kind,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What is counted, in a sentence.
    pub(super) says: &'static str,
    pub(super) svg: String,
    /// The table's first column.
    pub(super) labels: Vec<String>,
    pub(super) first: &'static str,
    pub(super) series: Vec<Series>,
    /// What the page says where there is nothing to draw.
    pub(super) none: &'static str,
}

/// What a chart is called and about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) says: &'static str,
    pub(super) first: &'static str,
    pub(super) none: &'static str,
}

impl Chart {
    pub(super) fn new(about: About, kind: Kind, labels: Vec<String>, series: Vec<Series>) -> Self {
        let About { id, title, says, first, none } = about;
        Self { kind, id, title, says, svg: drawn(kind, title, &labels, &series), labels, first, series, none }
    }

    /// Whether there is nothing to draw.
    pub(super) fn is_empty(&self) -> bool {
        let mut values = self.series.iter().flat_map(|series| &series.values);
        match self.kind {
            Kind::Bars => values.all(|value| value.is_none_or(|value| value <= 0.0)),
            Kind::Lines => values.all(Option::is_none),
        }
    }

    /// The rows of the table.
    pub(super) fn rows(&self) -> Vec<(String, Vec<String>)> {
        let row = |(index, label): (usize, &String)| {
            let value = |series: &Series| series.values.get(index).copied().flatten();
            let shown = |series: &Series| value(series).map_or_else(|| "–".to_owned(), number);
            (label.clone(), self.series.iter().map(shown).collect())
        };
        self.labels.iter().enumerate().map(row).collect()
    }
}

/// A whole number as such, else one digit after the point.
pub(super) fn number(value: f64) -> String {
    if (value - value.round()).abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn drawn(kind: Kind, title: &str, labels: &[String], series: &[Series]) -> String {
    let most = series.iter().flat_map(|series| &series.values).filter_map(|value| *value).fold(0.0, f64::max);
    let top = nice(most);
    let mut svg =
        format!("<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{}</title>", plain(title));
    for part in [0.0, 0.5, 1.0] {
        let y = place(top * part, top);
        push(&mut svg, format_args!("<line class=\"axis\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>"));
        let (x, y, value) = (LEFT - 6.0, y + 4.0, number(top * part));
        push(&mut svg, format_args!("<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{value}</text>"));
    }
    let step = (RIGHT - LEFT) / float(labels.len().max(1));
    let every = labels.len().div_ceil(LABELS).max(1);
    for (index, label) in labels.iter().enumerate().filter(|(index, _)| index % every == 0) {
        let x = LEFT + step * (float(index) + 0.5);
        let y = HEIGHT - 8.0;
        push(&mut svg, format_args!("<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", plain(label)));
    }
    for (place_of, one) in series.iter().enumerate() {
        match kind {
            Kind::Bars => bars(&mut svg, one, (place_of, series.len()), (step, top)),
            Kind::Lines => line(&mut svg, one, place_of, (step, top)),
        }
    }
    svg.push_str("</svg>");
    svg
}

fn bars(svg: &mut String, series: &Series, (place_of, all): (usize, usize), (step, top): (f64, f64)) {
    let width = step * 0.8 / float(all.max(1));
    for (index, value) in series.values.iter().enumerate() {
        let Some(value) = value.filter(|value| *value > 0.0) else { continue };
        let x = LEFT + step * (float(index) + 0.1) + width * float(place_of);
        let y = place(value, top);
        let height = BOTTOM - y;
        let class = class("bar", place_of);
        push(
            svg,
            format_args!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
            ),
        );
    }
}

/// Points that have no value between them are joined all the same; one alone is a dot.
fn line(svg: &mut String, series: &Series, place_of: usize, (step, top): (f64, f64)) {
    let points = series.values.iter().enumerate();
    let points = points.filter_map(|(index, value)| Some((LEFT + step * (float(index) + 0.5), place((*value)?, top))));
    let points: Vec<(f64, f64)> = points.collect();
    let joined: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    push(svg, format_args!("<polyline class=\"{}\" points=\"{}\"/>", class("line", place_of), joined.join(" ")));
    for (x, y) in points {
        push(svg, format_args!("<circle class=\"{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>", class("bar", place_of)));
    }
}

fn class(kind: &str, place_of: usize) -> String {
    if place_of == 0 { kind.to_owned() } else { format!("{kind}-{}", place_of + 1) }
}

fn place(value: f64, top: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (value / top).clamp(0.0, 1.0)
}

/// The next number above it that is easy to read: 1, 2 or 5 with zeros, at least 2.
fn nice(value: f64) -> f64 {
    let value = value.max(2.0);
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|nice| *nice >= value).unwrap_or(value)
}

/// Words of ours have none of these letters; this is for the day on which they do.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[expect(clippy::cast_precision_loss, reason = "no chart has so many values that a float could not count them")]
const fn float(count: usize) -> f64 {
    count as f64
}

fn push(svg: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = svg.write_fmt(part);
}
