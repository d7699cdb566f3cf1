//! Extractors that refuse with a problem document instead of a library's text.

use crate::problem::Problem;
use axum::Json as AxumJson;
use axum::extract::{FromRequest, FromRequestParts, Path as AxumPath, Query as AxumQuery, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The body, which must be JSON, as a `T`.
#[derive(Debug, Clone, Copy)]
pub struct JsonOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOf<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match AxumJson::<T>::from_request(request, state).await {
            Ok(AxumJson(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// The query string as a `T`; unknown parameters are ignored.
#[derive(Debug, Clone, Copy)]
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumQuery::<T>::from_request_parts(parts, state).await {
            Ok(AxumQuery(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// The variable segments of the path as a `T`.
#[derive(Debug, Clone, Copy)]
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// A query parameter that is absent or empty.
pub(crate) fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

/// A whole number, or 400 that says so; whether it is within bounds is for the stores to say.
///
/// # Errors
/// When the text is no number.
pub(crate) fn whole_number(name: &str, value: Option<&String>) -> Result<Option<i64>, Problem> {
    let Some(text) = given(value) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        Problem::bad_request(format!(
            "{name} must be a whole number, not {}",
            quoted(text)
        ))
    })
}

/// `true` or `false`, or 400 that says so.
///
/// # Errors
/// When the text is neither.
pub(crate) fn flag(name: &str, value: Option<&String>) -> Result<Option<bool>, Problem> {
    match given(value) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(text) => Err(Problem::bad_request(format!(
            "{name} must be true or false, not {}",
            quoted(text)
        ))),
    }
}

/// A client's own text inside an error message, cut to a length that is still an error message.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole() {
        let check = |text: &str, expected: Option<Option<i64>>| {
            assert_eq!(
                whole_number("limit", Some(&String::from(text))).ok(),
                expected,
                "{text}"
            );
        };
        check("1", Some(Some(1)));
        check("-1", Some(Some(-1)));
        check("", Some(None));
        for refused in ["1.5", "ten", "99999999999999999999", " 1", "+ 1", "0x1"] {
            check(refused, None);
        }
    }

    #[test]
    fn a_long_text_is_cut_before_it_is_shown() {
        assert!(quoted(&"x".repeat(10_000)).len() < 100);
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }
}
