//! GitHub's published GraphQL schema, in the shape that introspection gives it.

use std::collections::HashMap;
use std::sync::LazyLock;

use graphql_parser::schema::{Definition, Document, Field, InputValue, Type, TypeDefinition};
use serde_json::{Value, json};

use super::description::package_file;

/// Its types by name. The package's own introspection is older than its schema.
pub static SCHEMA: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(package_file("@octokit/graphql-schema/schema.graphql")).unwrap();
    // Descriptions are two thirds of it, and the parser is slow.
    let bare = regex::Regex::new("(?s)\"\"\".*?\"\"\"").unwrap().replace_all(&text, "");
    let document: Document<'_, String> = graphql_parser::parse_schema(&bare).unwrap();
    types(&document)
});

fn types(document: &Document<'_, String>) -> HashMap<String, Value> {
    let kinds: HashMap<&str, &str> = document.definitions.iter().filter_map(defined).map(kind_of).collect();
    let mut types = HashMap::new();
    let mut possible: HashMap<&str, Vec<Value>> = HashMap::new();
    for definition in document.definitions.iter().filter_map(defined) {
        let (name, kind) = kind_of(definition);
        let mut made = json!({"name": name, "kind": kind});
        match definition {
            TypeDefinition::Scalar(_) => {}
            TypeDefinition::Object(object) => {
                made["fields"] = object.fields.iter().map(|field| shown(field, &kinds)).collect();
                for interface in &object.implements_interfaces {
                    possible.entry(interface).or_default().push(json!({"name": name}));
                }
            }
            TypeDefinition::Interface(interface) => {
                made["fields"] = interface.fields.iter().map(|field| shown(field, &kinds)).collect();
            }
            TypeDefinition::Union(union) => {
                made["possibleTypes"] = union.types.iter().map(|one| json!({"name": one})).collect();
            }
            TypeDefinition::Enum(of) => {
                made["enumValues"] = of.values.iter().map(|value| json!({"name": value.name})).collect();
            }
            TypeDefinition::InputObject(input) => {
                made["inputFields"] = input.fields.iter().map(|field| given(field, &kinds)).collect();
            }
        }
        types.insert(name.to_owned(), made);
    }
    for (interface, objects) in possible {
        if let Some(made) = types.get_mut(interface) {
            made["possibleTypes"] = Value::Array(objects);
        }
    }
    types
}

fn defined<'a, 'b>(definition: &'b Definition<'a, String>) -> Option<&'b TypeDefinition<'a, String>> {
    match definition {
        Definition::TypeDefinition(definition) => Some(definition),
        Definition::SchemaDefinition(_) | Definition::TypeExtension(_) | Definition::DirectiveDefinition(_) => None,
    }
}

fn kind_of<'b>(definition: &'b TypeDefinition<'_, String>) -> (&'b str, &'static str) {
    match definition {
        TypeDefinition::Scalar(one) => (&one.name, "SCALAR"),
        TypeDefinition::Object(one) => (&one.name, "OBJECT"),
        TypeDefinition::Interface(one) => (&one.name, "INTERFACE"),
        TypeDefinition::Union(one) => (&one.name, "UNION"),
        TypeDefinition::Enum(one) => (&one.name, "ENUM"),
        TypeDefinition::InputObject(one) => (&one.name, "INPUT_OBJECT"),
    }
}

fn shown(field: &Field<'_, String>, kinds: &HashMap<&str, &str>) -> Value {
    let arguments: Vec<Value> = field.arguments.iter().map(|argument| given(argument, kinds)).collect();
    json!({"name": field.name, "args": arguments, "type": referred(&field.field_type, kinds)})
}

fn given(input: &InputValue<'_, String>, kinds: &HashMap<&str, &str>) -> Value {
    let default = input.default_value.as_ref().map(ToString::to_string);
    json!({"name": input.name, "type": referred(&input.value_type, kinds), "defaultValue": default})
}

fn referred(kind: &Type<'_, String>, kinds: &HashMap<&str, &str>) -> Value {
    match kind {
        // GraphQL's own five are declared nowhere.
        Type::NamedType(name) => json!({"name": name, "kind": kinds.get(name.as_str()).unwrap_or(&"SCALAR")}),
        Type::ListType(inner) => json!({"kind": "LIST", "ofType": referred(inner, kinds)}),
        Type::NonNullType(inner) => json!({"kind": "NON_NULL", "ofType": referred(inner, kinds)}),
    }
}
