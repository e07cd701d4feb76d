//! Judges GraphQL: a query by GitHub's published schema, and an answer by the query and the schema.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use graphql_parser::query::{Definition, FragmentDefinition, OperationDefinition, Selection, SelectionSet};
use graphql_parser::query::{Field, TypeCondition, Value as Literal, VariableDefinition};
use serde_json::{Map, Value};

use super::graphql_schema::SCHEMA;

type Selections = SelectionSet<'static, String>;
type Variables = BTreeMap<String, VariableDefinition<'static, String>>;

/// What is wrong with a query, and then with the `data` that answer it.
pub fn judge(query: &str, data: Option<&Value>) -> (Vec<String>, Vec<String>) {
    let document = match graphql_parser::parse_query::<String>(query) {
        Ok(document) => document.into_static(),
        Err(error) => return (vec![error.to_string()], Vec::new()),
    };
    let mut walk = Walk::default();
    let mut operations = Vec::new();
    for definition in document.definitions {
        match definition {
            Definition::Fragment(fragment) => {
                walk.fragments.insert(fragment.name.clone(), fragment);
            }
            Definition::Operation(operation) => operations.push(operation),
        }
    }
    for operation in operations {
        let (root, definitions, selections) = match operation {
            OperationDefinition::SelectionSet(set) => ("Query", Vec::new(), set),
            OperationDefinition::Query(query) => ("Query", query.variable_definitions, query.selection_set),
            OperationDefinition::Mutation(it) => ("Mutation", it.variable_definitions, it.selection_set),
            OperationDefinition::Subscription(_) => {
                walk.wrong.push("GitHub has no subscriptions".to_owned());
                continue;
            }
        };
        walk.variables = definitions.into_iter().map(|one| (one.name.clone(), one)).collect();
        let data = data.filter(|data| !data.is_null());
        walk.object(root, &selections, data, "");
    }
    let unused: Vec<String> = walk.variables.keys().filter(|name| !walk.used.contains(*name)).cloned().collect();
    walk.wrong.extend(unused.iter().map(|name| format!("${name} is not used")));
    (walk.wrong, walk.answered)
}

#[derive(Default)]
struct Walk {
    fragments: HashMap<String, FragmentDefinition<'static, String>>,
    variables: Variables,
    used: BTreeSet<String>,
    wrong: Vec<String>,
    answered: Vec<String>,
}

impl Walk {
    /// Holds a selection on a type against the schema, and an object that answers it against both.
    fn object(&mut self, kind: &str, selections: &Selections, data: Option<&Value>, at: &str) {
        let mut known = BTreeSet::new();
        self.selections(kind, selections, (data, true), (at, &mut known));
        match data {
            None => {}
            Some(Value::Object(object)) => {
                let extra = object.keys().filter(|key| !known.contains(*key));
                let said: Vec<String> = extra.map(|key| format!("{at}/{key}: nobody asked for it")).collect();
                self.answered.extend(said);
            }
            Some(_) => self.answered.push(format!("{at}: is no object")),
        }
    }

    fn selections(
        &mut self,
        kind: &str,
        selections: &Selections,
        (data, must): (Option<&Value>, bool),
        (at, known): (&str, &mut BTreeSet<String>),
    ) {
        for selection in &selections.items {
            match selection {
                Selection::Field(field) => {
                    known.insert(field.alias.clone().unwrap_or_else(|| field.name.clone()));
                    self.field(kind, field, (data, must), at);
                }
                Selection::InlineFragment(inline) => {
                    for directive in &inline.directives {
                        self.mentioned(&directive.arguments);
                    }
                    let must = must && inline.directives.is_empty();
                    let on = inline.type_condition.as_ref().map(|TypeCondition::On(on)| on.clone());
                    let on = on.unwrap_or_else(|| kind.to_owned());
                    let must = must && self.applies(kind, &on, data, at);
                    self.selections(&on, &inline.selection_set, (data, must), (at, known));
                }
                Selection::FragmentSpread(spread) => {
                    for directive in &spread.directives {
                        self.mentioned(&directive.arguments);
                    }
                    let must = must && spread.directives.is_empty();
                    let Some(fragment) = self.fragments.get(&spread.fragment_name).cloned() else {
                        self.wrong.push(format!("{at}: there is no fragment {}", spread.fragment_name));
                        continue;
                    };
                    let TypeCondition::On(on) = &fragment.type_condition;
                    let must = must && self.applies(kind, on, data, at);
                    self.selections(on, &fragment.selection_set, (data, must), (at, known));
                }
            }
        }
    }

    /// Whether a fragment on `on` surely applies to this object; that it may apply at all is checked.
    fn applies(&mut self, kind: &str, on: &str, data: Option<&Value>, at: &str) -> bool {
        let (here, there) = (possible(kind), possible(on));
        if here.is_disjoint(&there) {
            self.wrong.push(format!("{at}: a {kind} is never a {on}"));
        }
        let is = data.and_then(|data| data.get("__typename")).and_then(Value::as_str);
        here.is_subset(&there) || is.is_some_and(|is| there.contains(is))
    }

    fn field(&mut self, kind: &str, field: &Field<'static, String>, (data, must): (Option<&Value>, bool), at: &str) {
        for directive in &field.directives {
            self.mentioned(&directive.arguments);
        }
        let key = field.alias.as_ref().unwrap_or(&field.name);
        let at = format!("{at}/{key}");
        let value = data.and_then(|data| data.get(key));
        if data.is_some() && must && value.is_none() && field.directives.is_empty() {
            self.answered.push(format!("{at}: was asked for and is not there"));
        }
        if field.name == "__typename" {
            return;
        }
        let described = SCHEMA.get(kind).and_then(|kind| named(&kind["fields"], &field.name));
        let Some(described) = described else {
            self.wrong.push(format!("{at}: a {kind} has no {}", field.name));
            return;
        };
        self.arguments(&described["args"], &field.arguments, &at);
        let (inner, leaf) = innermost(&described["type"]);
        if leaf != field.selection_set.items.is_empty() {
            self.wrong.push(format!("{at}: {inner} {} parts to select", if leaf { "has no" } else { "has" }));
        }
        self.value(&described["type"], field, value, &at);
        if value.is_none() && !leaf {
            // The query is held against the schema also where nothing was answered.
            self.object(inner, &field.selection_set, None, &at);
        }
    }

    fn arguments(&mut self, described: &Value, given: &[(String, Literal<'static, String>)], at: &str) {
        for (name, literal) in given {
            match named(described, name) {
                None => self.wrong.push(format!("{at}({name}:): there is no such argument")),
                Some(argument) => self.literal(&argument["type"], literal, &format!("{at}({name}:)")),
            }
        }
        for argument in described.as_array().into_iter().flatten() {
            let needed = argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
            if needed && !given.iter().any(|(name, _)| argument["name"] == *name) {
                self.wrong.push(format!("{at}: the argument {} is missing", argument["name"]));
            }
        }
    }

    /// Variables in directives count as used; `@include` and `@skip` are all that we use.
    fn mentioned(&mut self, arguments: &[(String, Literal<'static, String>)]) {
        for (_, literal) in arguments {
            if let Literal::Variable(name) = literal {
                self.used.insert(name.clone());
            }
        }
    }

    fn literal(&mut self, wanted: &Value, literal: &Literal<'static, String>, at: &str) {
        if let Literal::Variable(name) = literal {
            self.used.insert(name.clone());
            let Some(variable) = self.variables.get(name) else {
                self.wrong.push(format!("{at}: ${name} is not declared"));
                return;
            };
            let mut declared = variable.var_type.to_string();
            if variable.default_value.is_some() && !declared.ends_with('!') {
                declared.push('!');
            }
            let wanted = written(wanted);
            if declared != wanted && declared.trim_end_matches('!') != wanted {
                self.wrong.push(format!("{at}: ${name} is {declared} where {wanted} is wanted"));
            }
            return;
        }
        let bare = if wanted["kind"] == "NON_NULL" { &wanted["ofType"] } else { wanted };
        if bare["kind"] == "LIST" && !matches!(literal, Literal::List(_) | Literal::Null) {
            // https://spec.graphql.org/October2021/#sec-List.Input-Coercion
            self.literal(&bare["ofType"], literal, at);
            return;
        }
        let name = bare["name"].as_str().unwrap_or_default();
        let fits = match literal {
            Literal::Null => wanted["kind"] != "NON_NULL",
            Literal::Int(_) => ["Int", "Float", "ID"].contains(&name),
            Literal::Float(_) => name == "Float",
            Literal::Boolean(_) => name == "Boolean",
            Literal::String(_) => bare["kind"] == "SCALAR" && !["Int", "Float", "Boolean"].contains(&name),
            Literal::Enum(value) => SCHEMA.get(name).is_some_and(|one| named(&one["enumValues"], value).is_some()),
            Literal::List(items) => {
                for item in items {
                    self.literal(&bare["ofType"], item, at);
                }
                bare["kind"] == "LIST"
            }
            Literal::Object(parts) => {
                let fields = SCHEMA.get(name).map_or(&Value::Null, |one| &one["inputFields"]);
                let given: Vec<_> = parts.iter().map(|(name, part)| (name.clone(), part.clone())).collect();
                self.arguments(fields, &given, at);
                bare["kind"] == "INPUT_OBJECT"
            }
            Literal::Variable(_) => true,
        };
        if !fits {
            self.wrong.push(format!("{at}: {literal} is no {}", written(wanted)));
        }
    }

    fn value(&mut self, kind: &Value, field: &Field<'static, String>, value: Option<&Value>, at: &str) {
        let Some(value) = value else { return };
        let name = kind["name"].as_str().unwrap_or_default();
        match (kind["kind"].as_str().unwrap_or_default(), value) {
            ("NON_NULL", Value::Null) => self.answered.push(format!("{at}: is null, and never may be")),
            ("NON_NULL", value) => self.value(&kind["ofType"], field, Some(value), at),
            (_, Value::Null) => {}
            ("LIST", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&kind["ofType"], field, Some(item), &format!("{at}/{index}"));
                }
            }
            ("OBJECT" | "INTERFACE" | "UNION", value) => self.object(name, &field.selection_set, Some(value), at),
            ("ENUM", Value::String(word)) if named(&SCHEMA[name]["enumValues"], word).is_some() => {}
            ("SCALAR", value) if is_scalar(name, value) => {}
            (_, value) => self.answered.push(format!("{at}: {value} is no {}", written(kind))),
        }
    }
}

fn is_scalar(name: &str, value: &Value) -> bool {
    match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "DateTime" | "PreciseDateTime" => {
            value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
        }
        _ => value.is_string(),
    }
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|one| one["name"] == name)
}

/// The object types that something of this type can be.
fn possible(kind: &str) -> BTreeSet<String> {
    let types = SCHEMA.get(kind).and_then(|one| one["possibleTypes"].as_array());
    match types {
        Some(types) => types.iter().filter_map(|one| one["name"].as_str()).map(str::to_owned).collect(),
        None => BTreeSet::from([kind.to_owned()]),
    }
}

/// A type without its wrappers, and whether it is a leaf.
fn innermost(kind: &Value) -> (&str, bool) {
    match kind.get("ofType") {
        Some(inner @ Value::Object(_)) => innermost(inner),
        _ => (kind["name"].as_str().unwrap_or_default(), matches!(kind["kind"].as_str(), Some("SCALAR" | "ENUM"))),
    }
}

/// A type as it is written in a query.
fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => kind["name"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The query of a body, and the data of its answer when nothing in it failed.
pub fn parts<'a>(sent: &'a Map<String, Value>, answered: Option<&'a Value>) -> (Option<&'a str>, Option<&'a Value>) {
    let data = answered.filter(|answer| answer.get("errors").is_none()).and_then(|answer| answer.get("data"));
    (sent.get("query").and_then(Value::as_str), data)
}
