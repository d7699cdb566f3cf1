//! SQLSTATE to [`ErrorKind`]: the one place that interprets the server's error codes.
//!
//! Codes are those of PostgreSQL's Appendix A. Every class has a decision in `class`, and every code that differs from
//! its class is an arm of [`kind`]: so a code of a later version falls to its class, and a class that PostgreSQL does not
//! have to [`ErrorKind::Internal`]. No default says "try again": a retry is only right where a code says so itself.
//!
//! A code alone does not tell whose fault it is. `57P01` and `08006` as FATAL are the server's farewell, but as ERROR
//! they come from a parallel worker, a foreign server, dblink, or a function's own RAISE, and the session lives on: see
//! `kind_in_session`.

mod stale;

pub(crate) use stale::{is_stale_plan, may_be_stale};

use underpin_core::ErrorKind;

/// The kind of an error the server reported.
///
/// ```
/// use underpin_pool::{ErrorKind, sqlstate};
/// assert_eq!(sqlstate::kind("23505"), ErrorKind::UniqueViolation);
/// assert_eq!(sqlstate::kind("40P01"), ErrorKind::Serialization);
/// assert_eq!(sqlstate::kind("22ZZZ"), ErrorKind::InvalidInput, "an unknown code has the kind of its class");
/// ```
#[must_use]
pub fn kind(code: &str) -> ErrorKind {
    match code {
        "08007" | "40003" => ErrorKind::UnknownOutcome,
        "0L000" | "42501" => ErrorKind::PermissionDenied,
        // A sequence that is used up, and what a foreign server lacks: no input would be better.
        "2200H" | "HV001" | "HV014" | "HV00N" => ErrorKind::OutOfResources,
        "23001" | "23503" => ErrorKind::ForeignKeyViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23505" => ErrorKind::UniqueViolation,
        "23P01" => ErrorKind::ExclusionViolation,
        "25006" => ErrorKind::ReadOnly,
        "25P03" | "25P04" | "57P05" => ErrorKind::Timeout,
        "26000" | "42P05" => ErrorKind::StalePlan,
        "40001" | "40P01" => ErrorKind::Serialization,
        // A deferred constraint, and RAISE EXCEPTION: a rule of the database refuses the row.
        "40002" | "P0001" => ErrorKind::CheckViolation,
        "53300" => ErrorKind::TooManyConnections,
        "55P03" => ErrorKind::LockTimeout,
        "57P01" | "57P02" | "57P03" => ErrorKind::ServerNotReady,
        "57P04" => ErrorKind::UnknownDatabase,
        _ => class(code.get(..2).unwrap_or_default()),
    }
}

fn class(class: &str) -> ErrorKind {
    match class {
        "08" => ErrorKind::Disconnected,
        "0A" => ErrorKind::Unsupported,
        "10" | "22" | "54" => ErrorKind::InvalidInput,
        "23" | "44" => ErrorKind::CheckViolation,
        "0B" | "25" | "2D" | "3B" | "40" | "55" => ErrorKind::TransactionState,
        "28" => ErrorKind::Authentication,
        "3D" => ErrorKind::UnknownDatabase,
        // The statement, or a function, trigger or cursor that it uses, is written wrong.
        "03" | "09" | "0F" | "0L" | "0P" | "0Z" | "20" | "21" | "24" | "26" | "27" | "2B"
        | "2F" | "34" | "38" | "39" | "3F" | "42" | "P0" => ErrorKind::Sql,
        "53" => ErrorKind::OutOfResources,
        "57" => ErrorKind::Cancelled,
        "58" => ErrorKind::Io,
        // The snapshot outlived old_snapshot_threshold, which was dropped in 17.
        "72" => ErrorKind::Timeout,
        // A warning reported as an error (00, 01, 02), the server's configuration (F0), a foreign data wrapper (HV), an
        // internal error (XX), and what RAISE made up.
        _ => ErrorKind::Internal,
    }
}

/// The kind of an error after which the session goes on: the server itself is then neither away nor full.
pub(crate) fn kind_in_session(code: &str) -> ErrorKind {
    match kind(code) {
        ErrorKind::Disconnected if code == "08P01" => ErrorKind::Internal,
        // Another database than ours: we are connected to that one.
        ErrorKind::UnknownDatabase => ErrorKind::Sql,
        // Something that the statement used is away: a parallel worker, a foreign server.
        kind if kind.is_unavailable() => ErrorKind::OutOfResources,
        kind => kind,
    }
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
        "53400" => {
            "the statement reached a limit of the server's configuration: see the server's message, and for example \
             temp_file_limit"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_no_list_falls_to_its_class_and_never_to_a_retry() {
        for (code, expected) in [
            ("22ZZZ", ErrorKind::InvalidInput),
            ("23ZZZ", ErrorKind::CheckViolation),
            ("40ZZZ", ErrorKind::TransactionState),
            ("53ZZZ", ErrorKind::OutOfResources),
            ("54ZZZ", ErrorKind::InvalidInput),
            ("57ZZZ", ErrorKind::Cancelled),
            ("99999", ErrorKind::Internal),
            ("ZZ001", ErrorKind::Internal),
            ("5", ErrorKind::Internal),
            ("\u{e9}1", ErrorKind::Internal),
            ("", ErrorKind::Internal),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }

    #[test]
    fn server_is_not_away_when_the_session_goes_on() {
        for (code, expected) in [
            ("08006", ErrorKind::OutOfResources),
            ("08P01", ErrorKind::Internal),
            ("53300", ErrorKind::OutOfResources),
            ("57P01", ErrorKind::OutOfResources),
            ("3D000", ErrorKind::Sql),
            ("40001", ErrorKind::Serialization),
        ] {
            assert_eq!(kind_in_session(code), expected, "{code}");
        }
    }
}
