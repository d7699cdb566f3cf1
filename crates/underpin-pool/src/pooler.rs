//! Is there a pooler between us and PostgreSQL, and does it keep prepared statements?
//!
//! Behind a transaction pooler each transaction may run on another server process. Prepared statements are names on a
//! server process: one that was prepared before may be missing, or, since programs count their names from `s0` or the like,
//! be *somebody else's statement*. So the pool finds out before it uses the first name, not from errors.
//!
//! * Poolers make up the process number of the handshake. One above what Linux hands out gives them away without a
//!   question; otherwise the first connection asks the server for its own, one round trip a pool.
//! * Behind one, a statement is prepared inside a transaction and looked up in `pg_prepared_statements`. PgBouncer
//!   from 1.21 on, with `max_prepared_statements` above 0, gives it a name of its own there, and prepares it anew
//!   wherever it is missing. Under our own name it would be lost with the transaction.

use crate::wire::Wire;
use crate::{Error, ErrorKind, Options, ServerError};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// The highest process number of Linux (2^22); macOS and the BSDs stay far below.
const PID_MAX: i32 = 1 << 22;

const PROBE: &str = "SELECT 1 AS underpin_asks_for_a_pooler";

/// What stands between this program and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// Nothing that shows.
    Nothing,
    /// A pooler that carries prepared statements along.
    Keeper,
    /// A pooler that loses prepared statements, or does not tell.
    Loser,
}

/// What was found out about one address, once for all its connections.
#[derive(Debug, Default)]
pub(crate) struct Pooler {
    /// 0: not asked yet.
    found: AtomicU8,
    refuses_options: AtomicBool,
    told: AtomicBool,
}

impl Pooler {
    /// Finds out what stands before a new connection's server and lets the connection know.
    pub(crate) async fn look(&self, wire: &Wire, options: &Options) -> Result<(), Error> {
        let is_made_up = !(1..=PID_MAX).contains(&wire.backend_pid());
        let between = match self.found() {
            Some(Between::Nothing) if !is_made_up => Between::Nothing,
            Some(between) if between != Between::Nothing => between,
            _ => ask(wire, is_made_up, options.pool.statement_cache > 0).await?,
        };
        self.found.store(between as u8 + 1, Ordering::Release);
        wire.statements().between(between);
        if between == Between::Nothing && self.refuses_options() {
            wire.settle_in(set(options)).await?;
        }
        Ok(())
    }

    /// Was this start-up refused because of settings that we sent along, which poolers cannot pass on?
    pub(crate) fn is_refusal(&self, report: Option<&ServerError>, options: &Options) -> bool {
        let refuses = !timeouts(options).is_empty()
            && !self.refuses_options()
            && report.is_some_and(is_unsupported);
        if refuses {
            self.refuses_options.store(true, Ordering::Release);
        }
        refuses
    }

    pub(crate) fn refuses_options(&self) -> bool {
        self.refuses_options.load(Ordering::Acquire)
    }

    /// Says once which settings a pooler keeps from the server.
    pub(crate) fn tell(&self, wire: &Wire, options: &Options) {
        let lost = timeouts(options);
        if wire.statements().is_pooled()
            && !lost.is_empty()
            && !self.told.swap(true, Ordering::AcqRel)
        {
            let names: Vec<_> = lost.iter().map(|(name, _)| *name).collect();
            tracing::warn!(
                settings = names.join(", "),
                "a pooler stands before PostgreSQL: session settings are not applied; set them for the role instead \
                 (ALTER ROLE … SET …)"
            );
        }
    }

    fn found(&self) -> Option<Between> {
        match self.found.load(Ordering::Acquire) {
            1 => Some(Between::Nothing),
            2 => Some(Between::Keeper),
            3 => Some(Between::Loser),
            _ => None,
        }
    }
}

/// Does PgBouncer not know a parameter of the start-up? Its messages are never translated; PostgreSQL's are, and name the
/// routine that they come from.
pub(crate) fn is_unsupported(report: &ServerError) -> bool {
    report.code == "08P01"
        && report.routine.is_none()
        && report.message.contains("unsupported startup parameter")
}

/// Why a pooler ended the connection while it was looked at, with what to do about it.
pub(crate) fn explained(error: Error) -> Error {
    // PgBouncer's words, which it does not translate.
    let is_of_statements = error
        .server()
        .is_some_and(|report| report.message.contains("statement pooling mode"));
    if !is_of_statements {
        return error;
    }
    Error::new(ErrorKind::Config, "the pooler gives each statement another server")
        .with_source(error)
        .with_hint(
            "set PgBouncer's pool_mode to transaction or session, or DB_POOL_STATEMENT_CACHE=0 to run single statements \
             only",
        )
}

/// The settings of a session that travel with its start-up, in milliseconds.
pub(crate) fn timeouts(options: &Options) -> Vec<(&'static str, u128)> {
    let pool = &options.pool;
    let all = [
        ("statement_timeout", pool.statement_timeout),
        ("lock_timeout", pool.lock_timeout),
        (
            "idle_in_transaction_session_timeout",
            pool.idle_in_transaction_timeout,
        ),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?.as_millis())))
        .collect()
}

fn set(options: &Options) -> String {
    timeouts(options)
        .iter()
        .map(|(name, value)| format!("SET {name} = {value};"))
        .collect()
}

async fn ask(wire: &Wire, is_made_up: bool, wants_names: bool) -> Result<Between, Error> {
    if !is_made_up {
        match wire.query_one_simple("SELECT pg_backend_pid()").await {
            Ok(Some(real)) if real == wire.backend_pid().to_string() => {
                return Ok(Between::Nothing);
            }
            Err(error) if wire.has_ended() => return Err(error),
            // Another number, or a console that is no database.
            _ => {}
        }
    }
    if !wants_names {
        return Ok(Between::Loser);
    }
    match keeps_names(wire).await {
        Ok(true) => Ok(Between::Keeper),
        Ok(false) => Ok(Between::Loser),
        Err(error) if wire.has_ended() => Err(error),
        // A name that is taken already, or a console that is no database.
        Err(_) => Ok(Between::Loser),
    }
}

/// Does a prepared statement have another name on the server than here?
async fn keeps_names(wire: &Wire) -> Result<bool, Error> {
    let prepare = async {
        wire.batch("BEGIN").await?;
        wire.prepare(None, PROBE).await?;
        let renamed = format!(
            "SELECT name FROM pg_prepared_statements WHERE statement = '{PROBE}' AND name !~ '^u[0-9]+$'"
        );
        let renamed = wire.query_one_simple(&renamed).await?;
        // Its name goes before the end of the transaction, while the server process is the same.
        wire.forget_statements();
        Ok(renamed.is_some())
    };
    let outcome = prepare.await;
    let ended = wire.batch("ROLLBACK").await;
    let renamed = outcome?;
    ended.map(|()| renamed)
}
