//! Errors as the client sees them: RFC 9457 `application/problem+json`, and the one map from kind to status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;
use underpin_core::{Chain, Diagnose, ErrorKind};
use underpin_model::Fault;

/// The media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// How long a client should wait before it asks an unavailable service again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// An error response: status, what went wrong, and for 503 when to come back.
///
/// Any error of ours becomes one with `?`. For a 4xx the text is the error's own sentence and hint; for a 5xx it is a
/// fixed sentence, because text from below may hold SQL, addresses or values, and the whole chain is logged instead.
/// What models find wrong with a request becomes an entry each: a pointer into its body, or a parameter of its query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    faults: Vec<FaultBody>,
}

/// The body of every error response (RFC 9457), with `error` added for clients of the MCP registry API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Problem")]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status code.
    status: u16,
    /// What went wrong with this request, and where it helps what to do.
    detail: &'a str,
    /// The same text as `detail`, under the name that the MCP registry API uses.
    error: &'a str,
    /// What is wrong with which field, where that is known.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FaultBody],
}

/// What is wrong with one field of a request: it has a `pointer` or a `parameter`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(title = "Fault")]
pub(crate) struct FaultBody {
    /// The field, as a JSON pointer (RFC 6901) into the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/title")]
    pointer: Option<String>,
    /// The parameter of the query string, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    parameter: Option<String>,
    /// What is wrong with it.
    detail: String,
    /// The constraint of the database that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<String>,
}

impl FaultBody {
    /// One for each field: a constraint may be about several. A fault of the whole row is in the sentence already.
    fn of(fault: &Fault) -> Vec<Self> {
        let body = |pointer, parameter| Self {
            pointer,
            parameter,
            detail: fault.message.clone(),
            constraint: fault.constraint.clone(),
        };
        if let Some(parameter) = &fault.parameter {
            return vec![body(None, Some(parameter.clone()))];
        }
        let fields = fault.field.iter().flat_map(|fields| fields.split(", "));
        let pointer = |field: &str| format!("/{}", field.replace('~', "~0").replace('/', "~1"));
        fields
            .map(|field| body(Some(pointer(field)), None))
            .collect()
    }
}

impl Problem {
    /// A problem with its own text.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: detail.into(),
            faults: Vec::new(),
        }
    }

    /// A problem that only says its status.
    #[must_use]
    pub fn bare(status: StatusCode) -> Self {
        Self::new(status, default_detail(status))
    }

    /// 400: the request is malformed.
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404: the thing asked for does not exist.
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 503: come back later.
    #[must_use]
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl<E: Diagnose> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = status_of(error.kind());
        if status.is_server_error() {
            tracing::error!(error.kind = ?error.kind(), status = status.as_u16(), "request failed: {}", Chain(&error));
            return Self::bare(status);
        }
        let detail = match error.hint() {
            Some(hint) => format!("{error}: {hint}"),
            None => error.to_string(),
        };
        let model = Chain(&error)
            .iter()
            .find_map(|cause| cause.downcast_ref::<underpin_model::Error>());
        let faults = model.map_or(&[][..], underpin_model::Error::faults);
        Self {
            faults: faults.iter().flat_map(FaultBody::of).collect(),
            ..Self::new(status, detail)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            error: &self.detail,
            errors: &self.faults,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(RETRY_AFTER.as_secs()),
            );
        }
        response
    }
}

/// The status of an error: the one place where a kind becomes one.
///
/// A row that was changed by someone else is 412, as the client's `If-Match` asked for.
/// A database that cannot be used is 503, never 404: clients of the registry read any 4xx as "not in the registry".
/// What the service did wrong is 500, even where PostgreSQL calls it a missing permission.
#[must_use]
pub fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::Refused => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::ExclusionViolation => StatusCode::CONFLICT,
        ErrorKind::StaleVersion => StatusCode::PRECONDITION_FAILED,
        ErrorKind::CheckViolation | ErrorKind::NotNullViolation => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::UnknownHost
        | ErrorKind::ConnectionRefused
        | ErrorKind::ServerNotReady
        | ErrorKind::TooManyConnections
        | ErrorKind::Disconnected
        | ErrorKind::CheckoutTimeout
        | ErrorKind::Unavailable
        | ErrorKind::ShuttingDown
        | ErrorKind::Authentication
        | ErrorKind::UnknownDatabase
        | ErrorKind::TlsRequired
        | ErrorKind::Tls
        | ErrorKind::LockTimeout
        | ErrorKind::LockDeadline
        | ErrorKind::Serialization
        | ErrorKind::StalePlan
        | ErrorKind::ReadOnly
        | ErrorKind::OutOfResources => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Timeout | ErrorKind::Cancelled => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Config
        | ErrorKind::TooManyRows
        | ErrorKind::Decode
        | ErrorKind::Sql
        | ErrorKind::PermissionDenied
        | ErrorKind::UnknownOutcome
        | ErrorKind::TransactionState
        | ErrorKind::HistoryConflict
        | ErrorKind::Io
        | ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What a status means here, for errors that carry no text of their own or must not show it.
fn default_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "there is nothing at this address: see /docs for what there is",
        StatusCode::METHOD_NOT_ALLOWED => {
            "this address does not take this method: see the Allow header"
        }
        StatusCode::PAYLOAD_TOO_LARGE => "the request body is too large",
        StatusCode::REQUEST_TIMEOUT => "the request did not arrive in time",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "this address takes application/json",
        StatusCode::NOT_IMPLEMENTED => "this is not supported here",
        StatusCode::SERVICE_UNAVAILABLE => {
            "the database is not available at the moment: try again shortly"
        }
        StatusCode::GATEWAY_TIMEOUT => "the answer took too long: try again, or ask for less",
        status if status.is_server_error() => {
            "something went wrong on our side: the log has the details under this request's X-Request-Id"
        }
        _ => "the request is malformed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_core::error::Details;
    use underpin_model::NewRow;

    /// An error of some layer below.
    #[derive(Debug, thiserror::Error)]
    #[error("{}", .0.message)]
    struct Below(Details);

    impl Diagnose for Below {
        fn kind(&self) -> ErrorKind {
            self.0.kind
        }
        fn hint(&self) -> Option<&str> {
            self.0.hint.as_deref()
        }
    }

    fn below(kind: ErrorKind, message: &'static str, hint: Option<&'static str>) -> Below {
        Below(Details {
            kind,
            message: message.into(),
            hint: hint.map(Cow::Borrowed),
            source: None,
        })
    }

    #[test]
    fn a_4xx_says_what_the_error_says_and_its_hint() {
        let problem = Problem::from(below(
            ErrorKind::InvalidInput,
            "limit is -1",
            Some("use 1 to 100"),
        ));
        assert_eq!(problem, Problem::bad_request("limit is -1: use 1 to 100"));
    }

    /// A model, so that models have something to complain about.
    #[derive(Debug, Clone, underpin_model::Model)]
    struct Parcel {
        #[model(primary_key)]
        number: i64,
        #[model(max_len = 3)]
        sender: String,
        #[model(range(max = 100))]
        weight: i32,
    }

    #[test]
    fn what_a_model_refuses_points_into_the_body_or_names_the_parameter() {
        let parcel = NewParcel {
            number: 1,
            sender: "Ada of London".into(),
            weight: 101,
        };
        let check = |error: underpin_model::Error, expected: &[&str]| {
            let problem = Problem::from(error);
            assert_eq!(problem.status, StatusCode::BAD_REQUEST);
            let place = |fault: &FaultBody| match (&fault.pointer, &fault.parameter) {
                (Some(place), None) | (None, Some(place)) => place.clone(),
                both => panic!("{both:?}"),
            };
            let places: Vec<String> = problem.faults.iter().map(place).collect();
            assert_eq!(places, expected);
            assert!(!format!("{problem:?}").contains("London"), "{problem:?}");
        };
        check(parcel.validate().unwrap_err(), &["/sender", "/weight"]);
        let rules = underpin_model::QueryRules::<Parcel>::new();
        for (query, parameter) in [
            ("sort=-price", "sort"),
            ("a~b/c=1", "a~b/c"),
            ("weight=London", "weight"),
            ("weight[lt]=London", "weight[lt]"),
            ("limit=0", "limit"),
            ("cursor=forged&limit=1", "cursor"),
        ] {
            check(rules.parse(query).unwrap_err(), &[parameter]);
        }
    }

    #[test]
    fn a_5xx_says_nothing_of_what_happened_below() {
        let problem = Problem::from(below(
            ErrorKind::Sql,
            "relation \"secret\" does not exist",
            Some("SELECT 1"),
        ));
        assert_eq!(problem, Problem::bare(StatusCode::INTERNAL_SERVER_ERROR));
        assert!(!problem.detail.contains("secret") && !problem.detail.contains("SELECT"));
    }

    #[test]
    fn every_kind_that_means_an_outage_is_503_and_says_when_to_come_back() {
        for kind in [
            ErrorKind::UnknownHost,
            ErrorKind::ConnectionRefused,
            ErrorKind::ServerNotReady,
            ErrorKind::TooManyConnections,
            ErrorKind::Disconnected,
            ErrorKind::CheckoutTimeout,
            ErrorKind::Unavailable,
            ErrorKind::ShuttingDown,
        ] {
            assert!(kind.is_unavailable());
            let response = Problem::from(below(kind, "gone", None)).into_response();
            assert_eq!(
                response.status(),
                StatusCode::SERVICE_UNAVAILABLE,
                "{kind:?}"
            );
            assert!(
                response.headers().contains_key(header::RETRY_AFTER),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn every_error_kind_is_named_in_the_map() {
        let kinds = include_str!("../../underpin-core/src/error.rs");
        let kinds = kinds
            .split("pub enum ErrorKind {")
            .nth(1)
            .and_then(|rest| rest.split("\n}").next());
        let map = include_str!("problem.rs");
        let map = map
            .split("pub fn status_of")
            .nth(1)
            .and_then(|rest| rest.split("\n}").next());
        let (kinds, map) = (kinds.unwrap(), map.unwrap());
        let names: Vec<&str> = kinds
            .lines()
            .filter_map(|line| line.trim().strip_suffix(','))
            .collect();
        assert!(names.len() > 30, "{names:?}");
        for name in names.into_iter().filter(|name| !name.starts_with("///")) {
            assert!(
                map.split_whitespace()
                    .any(|word| word.trim_end_matches(',') == format!("ErrorKind::{name}")),
                "ErrorKind::{name} has no status"
            );
        }
    }
}
