//! What may be said about a connection: one table for the parser's errors and for the reference.

use super::ParseError;
use crate::ErrorKind;

/// One word of a connection string.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// As libpq names it.
    pub name: &'static str,
    /// The environment variable that libpq reads for it, used when no URL is given.
    pub variable: &'static str,
    /// What it may be.
    pub values: &'static str,
    /// What it does, and its default.
    pub about: &'static str,
}

/// Every parameter that is understood; any other is an error.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "host",
        variable: "PGHOST",
        values: "names, addresses or absolute socket folders, separated by commas",
        about: "Where the server listens; `localhost` when absent. Replaces the hosts of the URL.",
    },
    Parameter {
        name: "port",
        variable: "PGPORT",
        values: "1 to 65535; one for all hosts, or one each, separated by commas",
        about: "5432 when absent.",
    },
    Parameter {
        name: "user",
        variable: "PGUSER",
        values: "text",
        about: "The role.",
    },
    Parameter {
        name: "password",
        variable: "PGPASSWORD",
        values: "text",
        about: "Its password. Masked wherever the URL is printed.",
    },
    Parameter {
        name: "dbname",
        variable: "PGDATABASE",
        values: "text",
        about: "The database; named like the role when absent.",
    },
    Parameter {
        name: "sslmode",
        variable: "PGSSLMODE",
        values: "`disable`, `allow` (means `prefer`), `prefer`, `require`, `verify-ca`, `verify-full`",
        about: "How much TLS. When absent: `prefer` if all hosts are local, else `verify-full`.",
    },
    Parameter {
        name: "sslrootcert",
        variable: "PGSSLROOTCERT",
        values: "path of a PEM file, or `system`",
        about: "The authorities to trust; the system's when absent. `system` requires `verify-full`.",
    },
    Parameter {
        name: "sslcert",
        variable: "PGSSLCERT",
        values: "path of a PEM file",
        about: "The client's certificate; needs `sslkey`.",
    },
    Parameter {
        name: "sslkey",
        variable: "PGSSLKEY",
        values: "path of a PEM file",
        about: "The client's private key; needs `sslcert`.",
    },
    Parameter {
        name: "channel_binding",
        variable: "PGCHANNELBINDING",
        values: "`disable`, `prefer`, `require`",
        about: "Ties the login to the TLS connection, against a man in the middle. `prefer` when absent.",
    },
    Parameter {
        name: "target_session_attrs",
        variable: "PGTARGETSESSIONATTRS",
        values: "`any`, `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`",
        about: "Which of several servers will do: by whether sessions may write, or by whether it is a standby. `any` when \
absent.",
    },
    Parameter {
        name: "load_balance_hosts",
        variable: "PGLOADBALANCEHOSTS",
        values: "`disable`, `random`",
        about: "Try the hosts in order or at random. `disable` when absent.",
    },
    Parameter {
        name: "application_name",
        variable: "PGAPPNAME",
        values: "up to 63 bytes",
        about: "Shown in `pg_stat_activity`. Underpin's own when absent.",
    },
    Parameter {
        name: "options",
        variable: "PGOPTIONS",
        values: "text such as `-c statement_timeout=5s`",
        about: "Settings of each session, sent when it starts.",
    },
    Parameter {
        name: "connect_timeout",
        variable: "PGCONNECT_TIMEOUT",
        values: "0 to 86400 seconds; 0 means no limit of its own",
        about: "Limit of one connection attempt; the pool's own deadline holds in any case.",
    },
];

/// Is it in the table?
pub(super) fn is_known(name: &str) -> bool {
    PARAMETERS.iter().any(|parameter| parameter.name == name)
}

/// The error for a name that is not in the table.
pub(super) fn unknown(name: &str) -> ParseError {
    let names: Vec<_> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
    let shown = super::parts::shown(name);
    ParseError::new(ErrorKind::Config, format!("unknown parameter {shown}"))
        .with_hint(format!("allowed parameters: {}", names.join(", ")))
}
