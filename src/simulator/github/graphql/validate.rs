//! A query held against the schema before anything is looked up, with GitHub's words for what is wrong.

use graphql_parser::query::{Selection, TypeCondition};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::{Field, Given, Selections, schema};

/// <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit>
const MOST_RECORDS: i64 = 100;

struct Check<'q> {
    given: Given<'q>,
    path: Vec<String>,
    faults: Vec<Value>,
}

/// The faults of a query, none when it can be answered.
pub fn check(name: &str, selections: &Selections, given: Given<'_>) -> Vec<Value> {
    let mut check = Check { given, path: vec![name.to_owned()], faults: Vec::new() };
    check.set("Query", selections);
    check.faults
}

impl Check<'_> {
    fn set(&mut self, kind: &str, selections: &Selections) {
        for selection in &selections.items {
            match selection {
                Selection::Field(field) => self.field(kind, field),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.type_condition.as_ref().map(|TypeCondition::On(name)| name.clone());
                    self.fragment(&on.unwrap_or_else(|| kind.to_owned()), &fragment.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    let known = self.given.fragment(&spread.fragment_name);
                    match known {
                        Some(fragment) => {
                            let TypeCondition::On(on) = &fragment.type_condition;
                            self.fragment(on, &fragment.selection_set);
                        }
                        None => self.faults.push(json!({
                            "message": format!("Fragment {} was used, but not defined", spread.fragment_name),
                        })),
                    }
                }
            }
        }
    }

    fn fragment(&mut self, on: &str, selections: &Selections) {
        if schema::is_type(on) {
            self.path.push(format!("... on {on}"));
            self.set(on, selections);
            self.path.pop();
        } else {
            let message = format!("No such type {on}, so it can't be a fragment condition");
            self.faults.push(json!({"path": self.path, "message": message}));
        }
    }

    fn field(&mut self, kind: &str, field: &Field) {
        self.path.push(field.alias.clone().unwrap_or_else(|| field.name.clone()));
        match schema::leads_to(kind, &field.name) {
            None => {
                let message = format!("Field '{}' doesn't exist on type '{kind}'", field.name);
                let extensions = json!({"code": "undefinedField", "typeName": kind, "fieldName": field.name});
                self.fault(field, &message, &extensions);
            }
            Some(to) if to.is_empty() => {}
            Some(to) if field.selection_set.items.is_empty() => {
                let name = &field.name;
                let message = format!(
                    "Field must have selections (field '{name}' returns {to} but has no selections. Did you mean \
                     '{name} {{ ... }}'?)"
                );
                self.fault(field, &message, &json!({"code": "selectionMismatch"}));
            }
            Some(to) => {
                if to.ends_with("Connection") {
                    self.bounds(field);
                }
                self.set(&to, &field.selection_set);
            }
        }
        self.path.pop();
    }

    /// <https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api>
    fn bounds(&mut self, field: &Field) {
        let arguments = Arguments::of(field, self.given.variables);
        let name = &field.name;
        let mut given = ["first", "last"].into_iter().filter_map(|side| Some((side, arguments.number(side)?)));
        match given.next() {
            None => {
                let message =
                    format!("You must provide a `first` or `last` value to properly paginate the `{name}` connection.");
                self.faults
                    .push(json!({"type": "MISSING_PAGINATION_BOUNDARIES", "path": self.path, "message": message}));
            }
            Some((side, count)) if count > MOST_RECORDS => {
                let message = format!(
                    "Requesting {count} records on the `{name}` connection exceeds the `{side}` limit of \
                     {MOST_RECORDS} records."
                );
                self.faults.push(json!({"type": "EXCESSIVE_PAGINATION", "path": self.path, "message": message}));
            }
            Some(_) => {}
        }
    }

    fn fault(&mut self, field: &Field, message: &str, extensions: &Value) {
        let at = json!([{"line": field.position.line, "column": field.position.column}]);
        self.faults.push(json!({"path": self.path, "extensions": extensions, "locations": at, "message": message}));
    }
}
