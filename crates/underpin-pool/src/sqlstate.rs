//! SQLSTATE to [`ErrorKind`]: the one place that interprets the server's error codes.
//!
//! Codes are those of PostgreSQL's Appendix A. What is not listed here falls back to its class, then to
//! [`ErrorKind::Internal`].

use underpin_core::ErrorKind;

/// The kind of an error the server reported.
///
/// ```
/// use underpin_pool::{ErrorKind, sqlstate};
/// assert_eq!(sqlstate::kind("23505"), ErrorKind::UniqueViolation);
/// assert_eq!(sqlstate::kind("40P01"), ErrorKind::Serialization);
/// ```
#[must_use]
pub fn kind(code: &str) -> ErrorKind {
    match code {
        "0A000" => ErrorKind::Unsupported,
        "23001" | "23503" => ErrorKind::ForeignKeyViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23505" => ErrorKind::UniqueViolation,
        "23514" => ErrorKind::CheckViolation,
        "23P01" => ErrorKind::ExclusionViolation,
        "25006" => ErrorKind::ReadOnly,
        "25P03" | "57P05" => ErrorKind::Timeout,
        "26000" | "42P05" => ErrorKind::StalePlan,
        "3D000" => ErrorKind::UnknownDatabase,
        "40001" | "40P01" => ErrorKind::Serialization,
        "42501" => ErrorKind::PermissionDenied,
        "53300" | "53400" => ErrorKind::TooManyConnections,
        "55P03" => ErrorKind::LockTimeout,
        "57014" => ErrorKind::Cancelled,
        "57P01" | "57P02" | "57P03" => ErrorKind::ServerNotReady,
        _ => class(code.get(..2).unwrap_or_default()),
    }
}

fn class(class: &str) -> ErrorKind {
    match class {
        "08" => ErrorKind::Disconnected,
        "22" => ErrorKind::InvalidInput,
        "23" => ErrorKind::CheckViolation,
        "25" | "2D" | "3B" => ErrorKind::TransactionState,
        "28" => ErrorKind::Authentication,
        "40" => ErrorKind::Serialization,
        "42" | "3F" => ErrorKind::Sql,
        "53" | "54" => ErrorKind::OutOfResources,
        "57" => ErrorKind::Cancelled,
        _ => ErrorKind::Internal,
    }
}

/// Does this error mean that a cached plan is out of date, so that preparing again will help?
pub(crate) fn is_stale_plan(code: &str, message: &str) -> bool {
    code == "26000" || (code == "0A000" && message.contains("cached plan"))
}

/// May this error come from parameters of types that were right before the schema changed?
pub(crate) fn is_type_mismatch(code: &str) -> bool {
    matches!(code, "42804" | "42846" | "42883" | "42P18")
}

/// Does this error end the session, or tell that its server is going away?
pub(crate) fn ends_session(code: &str) -> bool {
    code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03")
}

/// What to do about an error, where the code alone tells.
pub(crate) fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "26000" | "42P05" => {
            "a pooler between loses prepared statements: set DB_POOL_STATEMENT_CACHE=0, or give PgBouncer (1.21 or \
             later) max_prepared_statements"
        }
        "28P01" => "check the user name and password in the database URL",
        "28000" => "the server's pg_hba.conf must let this user, database, address and TLS mode in",
        "3D000" => "create the database with `createdb`, or correct its name in the database URL",
        "53300" => {
            "lower DB_POOL_SIZE and DB_MAX_OVERFLOW, raise max_connections, or put PgBouncer in between"
        }
        "57P03" => "the server is starting up or recovering: try again shortly",
        "25006" => "this server only reads: connect with target_session_attrs=read-write",
        "42501" => "grant the role the missing privilege, or connect as another role",
        "53100" => "free disk space on the database server",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_map_to_the_kind_a_caller_acts_on() {
        for (code, expected) in [
            ("23505", ErrorKind::UniqueViolation),
            ("23503", ErrorKind::ForeignKeyViolation),
            ("40001", ErrorKind::Serialization),
            ("40P01", ErrorKind::Serialization),
            ("57P03", ErrorKind::ServerNotReady),
            ("28P01", ErrorKind::Authentication),
            ("42P01", ErrorKind::Sql),
            ("22021", ErrorKind::InvalidInput),
            ("XX000", ErrorKind::Internal),
            ("", ErrorKind::Internal),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }

    #[test]
    fn only_a_cached_plan_message_makes_0a000_a_stale_plan() {
        assert!(is_stale_plan(
            "0A000",
            "cached plan must not change result type"
        ));
        assert!(!is_stale_plan(
            "0A000",
            "cannot use serializable mode in a hot standby"
        ));
        assert!(is_stale_plan(
            "26000",
            "prepared statement \"s1\" does not exist"
        ));
    }
}
