//! `POST /graphql`: queries parsed, held against the part of GitHub's schema that is served, and answered from the state.

mod arguments;
mod checks;
mod execute;
mod issues;
mod nodes;
mod people;
mod pulls;
mod refs;
mod schema;
mod validate;

use graphql_parser::query::{Definition, Document, FragmentDefinition, OperationDefinition, SelectionSet};
use serde_json::{Map, Value, json};

use super::answer::{Refusal, Reply, ok};
use super::call::Context;

// Owned text makes the parser's lifetime meaningless, so that it is `'static` throughout.
type Selections = SelectionSet<'static, String>;
type Field = graphql_parser::query::Field<'static, String>;
type Fragment = FragmentDefinition<'static, String>;

/// What a query brings along besides its selections.
#[derive(Debug, Clone, Copy)]
struct Given<'q> {
    fragments: &'q [&'q Fragment],
    variables: &'q Map<String, Value>,
}

impl<'q> Given<'q> {
    fn fragment(&self, name: &str) -> Option<&'q Fragment> {
        self.fragments.iter().find(|fragment| fragment.name == name).copied()
    }
}

/// <https://docs.github.com/en/graphql/guides/forming-calls-with-graphql>
pub fn answer(context: &mut Context<'_>) -> Reply {
    if context.call.method != "POST" {
        return Err(Refusal::not_found());
    }
    context.token()?;
    let body = context.call.json()?;
    let Some(query) = body.get("query").and_then(Value::as_str) else {
        return Err(Refusal::new(400, "A query attribute must be specified and must be a string."));
    };
    let mut variables = body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
    let document = match graphql_parser::parse_query::<String>(query) {
        Ok(document) => document.into_static(),
        Err(error) => return ok(json!({"errors": [{"message": error.to_string()}]})),
    };
    match prepare(&document, &mut variables) {
        Ok((name, selections, fragments)) => {
            run(context, &name, selections, Given { fragments: &fragments, variables: &variables })
        }
        Err(message) => ok(json!({"errors": [{"message": message}]})),
    }
}

type Prepared<'q> = (String, &'q Selections, Vec<&'q Fragment>);

/// The operation to run, with the defaults of its variables filled in.
fn prepare<'q>(
    document: &'q Document<'static, String>,
    variables: &mut Map<String, Value>,
) -> Result<Prepared<'q>, String> {
    let mut fragments = Vec::new();
    let mut operation = None;
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => fragments.push(fragment),
            Definition::Operation(one) => operation = Some(one),
        }
    }
    match operation {
        Some(OperationDefinition::SelectionSet(set)) => Ok(("query".to_owned(), set, fragments)),
        Some(OperationDefinition::Query(query)) => {
            for definition in &query.variable_definitions {
                if variables.get(&definition.name).is_none_or(Value::is_null) {
                    let default = definition.default_value.as_ref().map(|value| arguments::value(value, &Map::new()));
                    if default.is_none() && matches!(definition.var_type, graphql_parser::query::Type::NonNullType(_)) {
                        let (name, kind) = (&definition.name, &definition.var_type);
                        return Err(format!(
                            "Variable ${name} of type {kind} was provided invalid value: Expected value to not be null"
                        ));
                    }
                    variables.insert(definition.name.clone(), default.unwrap_or_default());
                }
            }
            let name = query.name.as_ref().map_or_else(|| "query".to_owned(), |name| format!("query {name}"));
            Ok((name, &query.selection_set, fragments))
        }
        Some(OperationDefinition::Mutation(_) | OperationDefinition::Subscription(_)) => {
            Err("This simulated GitHub answers queries only".to_owned())
        }
        None => Err("No operation was given".to_owned()),
    }
}

fn run(context: &mut Context<'_>, name: &str, selections: &Selections, given: Given<'_>) -> Reply {
    let faults = validate::check(name, selections, given);
    if !faults.is_empty() {
        return ok(json!({"errors": faults}));
    }
    let mut execution = execute::Execution { context, given, errors: Vec::new() };
    let data = execution.object(&nodes::Node::Query, selections, &mut Vec::new());
    let errors = execution.errors;
    // What could not be resolved is null in its place, and said among the errors.
    ok(if errors.is_empty() { json!({"data": data}) } else { json!({"data": data, "errors": errors}) })
}
