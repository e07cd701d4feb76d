//! Addresses of our own pages, in which every value stays a value.

/// A text as the value of a query.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A path with those pairs as its query that have a value.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(key, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A text as one segment of a path (<https://www.rfc-editor.org/rfc/rfc3986#section-3.3>), where a plus is no space.
pub(super) fn segment(text: &str) -> String {
    encoded(text).replace('+', "%20")
}
