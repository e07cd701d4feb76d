//! Walks a query over the things that it asks for and gathers what they answer.

use graphql_parser::query::{Selection, TypeCondition};
use serde_json::{Map, Value, json};

use super::arguments::{Arguments, wanted};
use super::nodes::{Found, Node};
use super::{Field, Given, Selections, schema};
use crate::simulator::github::call::Context;

/// One query under way.
pub struct Execution<'e, 'c> {
    pub context: &'e mut Context<'c>,
    pub given: Given<'e>,
    pub errors: Vec<Value>,
}

/// Answers one field of an object, whose place in the answer is the path.
type AnswerField<'a, 'e, 'c> = dyn FnMut(&mut Execution<'e, 'c>, &Field, &mut Vec<Value>) -> Value + 'a;
/// Answers one item of a connection, which has this position among all of them.
type AnswerItem<'a, 'e, 'c> = dyn FnMut(&mut Execution<'e, 'c>, usize, &Node, &mut Vec<Value>) -> Value + 'a;

/// The items of a connection, with those that were asked for.
struct Page {
    kind: &'static str,
    total: usize,
    start: usize,
    nodes: Vec<Node>,
}

impl<'e, 'c> Execution<'e, 'c> {
    pub fn object(&mut self, node: &Node, selections: &Selections, path: &mut Vec<Value>) -> Value {
        let kind = node.kind(self.context.state);
        self.fields(kind, selections, path, &mut |this, field, path| this.field(node, kind, field, path))
    }

    /// Collects the fields of one object, those of matching fragments among them.
    fn fields(
        &mut self,
        kind: &str,
        selections: &Selections,
        path: &mut Vec<Value>,
        answer: &mut AnswerField<'_, 'e, 'c>,
    ) -> Value {
        let mut object = Map::new();
        let given = self.given;
        let mut left: Vec<&Selection<'static, String>> = selections.items.iter().rev().collect();
        while let Some(selection) = left.pop() {
            let (on, directives, inner) = match selection {
                Selection::Field(field) => {
                    if wanted(&field.directives, self.given.variables) {
                        let name = field.alias.as_ref().unwrap_or(&field.name);
                        path.push(name.as_str().into());
                        let value = answer(self, field, path);
                        path.pop();
                        object.insert(name.clone(), value);
                    }
                    continue;
                }
                Selection::InlineFragment(part) => {
                    (part.type_condition.as_ref(), &part.directives, &part.selection_set)
                }
                Selection::FragmentSpread(spread) => match given.fragment(&spread.fragment_name) {
                    Some(part) => (Some(&part.type_condition), &spread.directives, &part.selection_set),
                    None => continue,
                },
            };
            let meant = on.is_none_or(|TypeCondition::On(name)| schema::is_a(kind, name));
            if meant && wanted(directives, self.given.variables) {
                left.extend(inner.items.iter().rev());
            }
        }
        Value::Object(object)
    }

    fn field(&mut self, node: &Node, kind: &str, field: &Field, path: &mut Vec<Value>) -> Value {
        if field.name == "__typename" {
            return kind.into();
        }
        let arguments = Arguments::of(field, self.given.variables);
        match node.field(self.context, &field.name, &arguments) {
            Found::Plain(value) => value,
            Found::One(None) => Value::Null,
            Found::One(Some(node)) => self.object(&node, &field.selection_set, path),
            Found::Many(kind, nodes) => {
                let page = cut(kind, nodes, &arguments);
                self.connection(&page, &field.selection_set, path)
            }
            Found::Refused { kind, message } => {
                let at = json!([{"line": field.position.line, "column": field.position.column}]);
                self.errors.push(json!({"type": kind, "path": path, "locations": at, "message": message}));
                Value::Null
            }
        }
    }

    fn connection(&mut self, page: &Page, selections: &Selections, path: &mut Vec<Value>) -> Value {
        let name = format!("{}Connection", page.kind);
        self.fields(&name, selections, path, &mut |this, field, path| match field.name.as_str() {
            "__typename" => name.as_str().into(),
            "totalCount" => page.total.into(),
            "pageInfo" => {
                this.fields("PageInfo", &field.selection_set, path, &mut |_, field, _| page.info(&field.name))
            }
            "nodes" => this.each(page, path, &mut |this, _, node, path| this.object(node, &field.selection_set, path)),
            _ => this.each(page, path, &mut |this, index, node, path| {
                this.fields("Edge", &field.selection_set, path, &mut |this, field, path| match field.name.as_str() {
                    "node" => this.object(node, &field.selection_set, path),
                    "cursor" => cursor(index).into(),
                    _ => format!("{}Edge", page.kind).into(),
                })
            }),
        })
    }

    fn each(&mut self, page: &Page, path: &mut Vec<Value>, answer: &mut AnswerItem<'_, 'e, 'c>) -> Value {
        let mut shown = Vec::new();
        for (index, node) in page.nodes.iter().enumerate() {
            path.push(index.into());
            shown.push(answer(self, page.start + index, node, path));
            path.pop();
        }
        shown.into()
    }
}

impl Page {
    fn info(&self, field: &str) -> Value {
        let end = self.start + self.nodes.len();
        match field {
            "hasNextPage" => (end < self.total).into(),
            "hasPreviousPage" => (self.start > 0).into(),
            "startCursor" if !self.nodes.is_empty() => cursor(self.start).into(),
            "endCursor" if !self.nodes.is_empty() => cursor(end - 1).into(),
            "__typename" => "PageInfo".into(),
            _ => Value::Null,
        }
    }
}

/// Opaque to clients, as GitHub's are: here the position.
fn cursor(index: usize) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("cursor:v1:{index}"))
}

fn cut(kind: &'static str, mut nodes: Vec<Node>, arguments: &Arguments) -> Page {
    let total = nodes.len();
    let position = |name: &str| {
        let wanted = arguments.text(name)?;
        (0..total).find(|index| cursor(*index) == wanted)
    };
    let count = |name: &str| arguments.number(name).and_then(|count| usize::try_from(count).ok());
    let mut start = position("after").map_or(0, |index| index + 1);
    let mut end = position("before").unwrap_or(total).max(start);
    if let Some(first) = count("first") {
        end = end.min(start + first);
    }
    if let Some(last) = count("last") {
        start = start.max(end.saturating_sub(last));
    }
    nodes.truncate(end);
    Page { kind, total, start, nodes: nodes.split_off(start) }
}
