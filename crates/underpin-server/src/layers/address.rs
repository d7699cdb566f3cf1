//! The address of a request: what is refused before routing, and names that hold a slash.

use crate::problem::Problem;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;

/// Prefixes after which a name of the form `namespace/name` stands, and whether `/versions` must follow it.
const NAMED: [(&str, bool); 2] = [("/v0.1/servers/", true), ("/api/v1/registry/items/", false)];

/// Answers 400 to an address that no text could have been encoded to: it would match no route or no row otherwise.
///
/// PostgreSQL's text cannot hold NUL, and a lossy decoder would turn invalid UTF-8 into a search for something else.
pub(crate) async fn refuse_malformed(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let parts = [
        ("path", uri.path()),
        ("query", uri.query().unwrap_or_default()),
    ];
    for (part, text) in parts {
        if let Some(what) = flaw(text) {
            return Problem::bad_request(format!("the {part} of the address {what}"))
                .into_response();
        }
    }
    next.run(request).await
}

/// Why a percent-encoded text cannot be decoded to what a database can hold.
fn flaw(encoded: &str) -> Option<&'static str> {
    let decoded = percent_decoded(encoded);
    match str::from_utf8(&decoded) {
        Err(_) => Some("is not valid UTF-8 after percent-decoding"),
        Ok(text) if text.contains('\0') => Some("contains a NUL character (%00)"),
        Ok(_) => None,
    }
}

/// The bytes behind `%xx`; an escape that is none stands for itself, as in the URL standard.
fn percent_decoded(encoded: &str) -> Cow<'_, [u8]> {
    let bytes = encoded.as_bytes();
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let escape = (first == b'%').then(|| hex_pair(tail)).flatten();
        decoded.push(escape.unwrap_or(first));
        rest = if escape.is_some() { &tail[2..] } else { tail };
    }
    Cow::Owned(decoded)
}

/// The byte that the first two characters write in hexadecimal.
fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |index: usize| {
        text.get(index)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Lets a name be written with a plain slash, `com.example/weather`, where one segment `com.example%2Fweather` is meant.
///
/// A server's name has exactly one slash, so the two spellings cannot be confused: a first segment that already holds
/// `%2F` is left alone, and one without it cannot be a name.
pub(crate) fn join_slashed_names(mut request: Request<Body>) -> Request<Body> {
    if let Some(uri) = joined(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The address with the slash inside the name encoded, where there was one to encode.
fn joined(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let (prefix, versions) = NAMED.iter().find(|(prefix, _)| path.starts_with(prefix))?;
    let segments: Vec<&str> = path[prefix.len()..].split('/').collect();
    let (namespace, name, rest) = match segments.as_slice() {
        [namespace, name, rest @ ..] if !has_encoded_slash(namespace) => (namespace, name, rest),
        _ => return None,
    };
    let expected = if *versions {
        matches!(rest, ["versions"] | ["versions", _])
    } else {
        rest.is_empty()
    };
    if !expected || namespace.is_empty() || name.is_empty() {
        return None;
    }
    let mut joined = format!("{prefix}{namespace}%2F{name}");
    for segment in rest {
        joined.push('/');
        joined.push_str(segment);
    }
    if let Some(query) = uri.query() {
        joined.push('?');
        joined.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(joined).ok()?);
    Uri::from_parts(parts).ok()
}

/// Is the slash of the name already in this segment?
fn has_encoded_slash(segment: &str) -> bool {
    segment.to_ascii_lowercase().contains("%2f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_slash_in_a_name_means_an_encoded_one() {
        let check = |input: &str, expected: &str| {
            let uri: Uri = input.parse().unwrap();
            let joined = joined(&uri).unwrap_or(uri);
            assert_eq!(joined.to_string(), expected);
        };
        check(
            "/v0.1/servers/a.b/c/versions",
            "/v0.1/servers/a.b%2Fc/versions",
        );
        check(
            "/v0.1/servers/a.b/c/versions/latest?x=1",
            "/v0.1/servers/a.b%2Fc/versions/latest?x=1",
        );
        check(
            "/v0.1/servers/a.b/versions/versions",
            "/v0.1/servers/a.b%2Fversions/versions",
        );
        check(
            "/v0.1/servers/a.b%2Fc/versions/versions",
            "/v0.1/servers/a.b%2Fc/versions/versions",
        );
        check(
            "/v0.1/servers/a.b%2fc/versions/1.0.0",
            "/v0.1/servers/a.b%2fc/versions/1.0.0",
        );
        check("/v0.1/servers/a.b/versions", "/v0.1/servers/a.b/versions");
        check("/v0.1/servers//c/versions", "/v0.1/servers//c/versions");
        check(
            "/v0.1/servers/a/b/c/versions",
            "/v0.1/servers/a/b/c/versions",
        );
        check(
            "/api/v1/registry/items/a.b/c",
            "/api/v1/registry/items/a.b%2Fc",
        );
        check("/api/v1/registry/items/a", "/api/v1/registry/items/a");
        check("/health", "/health");
    }

    #[test]
    fn only_what_text_can_be_is_let_in() {
        let check =
            |input: &str, flawed: bool| assert_eq!(flaw(input).is_some(), flawed, "{input}");
        check("/v0.1/servers/com.example%2Fa", false);
        check("search=100%", false);
        check("search=%zz%4", false);
        check("search=%C3%A9", false);
        check("search=%C3", true);
        check("search=%ff", true);
        check("/a%00b", true);
    }
}
