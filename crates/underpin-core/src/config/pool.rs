//! `pool.*`: how connections are kept.

use super::kind::{Count, Optional, Span, Switch};
use super::problem::Problem;
use super::reader::Reader;
use super::setting::Setting;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// `pool.*`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many idle sessions are kept.
    pub size: usize,
    /// How many more may be opened under load; closed on return.
    pub max_overflow: usize,
    /// The whole checkout: waiting, connecting, pre-ping.
    pub timeout: Duration,
    /// Sessions older than this are replaced, with 10 % jitter.
    pub recycle: Duration,
    /// Sessions idle longer than this are closed.
    pub idle_timeout: Duration,
    /// Sessions kept ready.
    pub min_idle: usize,
    /// Free liveness check always, a bounded round trip only after 30 s idle.
    pub pre_ping: bool,
    /// Shared pipelined connections for single autocommit statements; 0 switches them off.
    pub lanes: usize,
    /// Statements slower than this are logged.
    pub slow_query: Duration,
    /// Log every statement.
    pub echo: bool,
    /// Prepared statements kept per connection.
    pub statement_cache: usize,
    /// `statement_timeout` of each session; None leaves the server's.
    pub statement_timeout: Option<Duration>,
    /// `lock_timeout` of each session; None leaves the server's.
    pub lock_timeout: Option<Duration>,
    /// `idle_in_transaction_session_timeout` of each session; None leaves the server's.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// Cancel on the server what a dropped future was waiting for; otherwise it runs to its end.
    pub cancel_on_drop: bool,
    /// A session held for longer is logged with the place that took it; None watches nothing.
    pub leak_threshold: Option<Duration>,
    /// How long closing the pool waits for sessions in use before it cancels their statements and cuts them off.
    pub shutdown_grace: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            size: 10,
            max_overflow: 10,
            timeout: Duration::from_secs(5),
            recycle: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(600),
            min_idle: 0,
            pre_ping: true,
            lanes: 2,
            slow_query: Duration::from_millis(200),
            echo: false,
            statement_cache: 256,
            statement_timeout: None,
            lock_timeout: None,
            idle_in_transaction_timeout: None,
            cancel_on_drop: true,
            leak_threshold: None,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// A time limit, or none.
const LIMIT: Optional<Span> = Optional {
    kind: Span(MS..=Duration::from_secs(24 * 3600)),
    absent: "none",
};

impl PoolSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let Self {
            size,
            max_overflow,
            timeout,
            recycle,
            idle_timeout,
            min_idle,
            pre_ping,
            lanes,
            slow_query,
            echo,
            statement_cache,
            statement_timeout,
            lock_timeout,
            idle_in_transaction_timeout,
            cancel_on_drop,
            leak_threshold,
            shutdown_grace,
        } = Self::default();
        Self {
            size: reader.get(
                Setting {
                    key: "pool.size",
                    variable: "DB_POOL_SIZE",
                    about: "How many idle sessions are kept.",
                },
                &Count(1..=10_000),
                size,
            ),
            max_overflow: reader.get(
                Setting {
                    key: "pool.max_overflow",
                    variable: "DB_MAX_OVERFLOW",
                    about: "How many more may be opened under load; they are closed on return.",
                },
                &Count(0..=10_000),
                max_overflow,
            ),
            timeout: reader.get(
                Setting {
                    key: "pool.timeout",
                    variable: "DB_POOL_TIMEOUT",
                    about: "The whole checkout: waiting, connecting and the pre-ping together.",
                },
                &Span(MS * 10..=Duration::from_secs(600)),
                timeout,
            ),
            recycle: reader.get(
                Setting {
                    key: "pool.recycle",
                    variable: "DB_POOL_RECYCLE",
                    about: "Sessions older than this are replaced, up to 10 % earlier so that they do not expire together.",
                },
                &Span(SECOND..=HOUR * 24 * 30),
                recycle,
            ),
            idle_timeout: reader.get(
                Setting {
                    key: "pool.idle_timeout",
                    variable: "DB_POOL_IDLE_TIMEOUT",
                    about: "Sessions idle for longer are closed, down to `pool.min_idle`.",
                },
                &Span(SECOND..=HOUR * 24 * 30),
                idle_timeout,
            ),
            min_idle: reader.get(
                Setting {
                    key: "pool.min_idle",
                    variable: "DB_POOL_MIN_IDLE",
                    about: "Sessions kept ready; not more than `pool.size`.",
                },
                &Count(0..=10_000),
                min_idle,
            ),
            pre_ping: reader.get(
                Setting {
                    key: "pool.pre_ping",
                    variable: "DB_POOL_PRE_PING",
                    about: "Ask a session that was idle for 30 s whether it lives before it is handed out. \
                            The free look at its socket happens always.",
                },
                &Switch,
                pre_ping,
            ),
            lanes: reader.get(
                Setting {
                    key: "pool.lanes",
                    variable: "DB_POOL_LANES",
                    about: "Shared, pipelined connections for single autocommit statements; 0 switches them off.",
                },
                &Count(0..=64),
                lanes,
            ),
            slow_query: reader.get(
                Setting {
                    key: "pool.slow_query",
                    variable: "DB_SLOW_QUERY",
                    about: "Statements slower than this are logged, without their parameters.",
                },
                &Span(Duration::ZERO..=HOUR),
                slow_query,
            ),
            echo: reader.get(
                Setting {
                    key: "pool.echo",
                    variable: "DB_ECHO_SQL",
                    about: "Log every statement, without its parameters.",
                },
                &Switch,
                echo,
            ),
            statement_cache: reader.get(
                Setting {
                    key: "pool.statement_cache",
                    variable: "DB_POOL_STATEMENT_CACHE",
                    about: "Prepared statements kept per connection; 0 keeps none. Behind a pooler that loses them none is kept anyway.",
                },
                &Count(0..=65_536),
                statement_cache,
            ),
            statement_timeout: reader.get(
                Setting {
                    key: "pool.statement_timeout",
                    variable: "DB_STATEMENT_TIMEOUT",
                    about: "PostgreSQL cancels a statement that runs longer; `none` leaves the server's own setting.",
                },
                &LIMIT,
                statement_timeout,
            ),
            lock_timeout: reader.get(
                Setting {
                    key: "pool.lock_timeout",
                    variable: "DB_LOCK_TIMEOUT",
                    about: "PostgreSQL cancels a statement that waits longer for a lock; `none` leaves the server's own setting.",
                },
                &LIMIT,
                lock_timeout,
            ),
            idle_in_transaction_timeout: reader.get(
                Setting {
                    key: "pool.idle_in_transaction_timeout",
                    variable: "DB_IDLE_IN_TRANSACTION_TIMEOUT",
                    about: "PostgreSQL ends a session that sits in an open transaction for longer; `none` leaves the server's own setting.",
                },
                &LIMIT,
                idle_in_transaction_timeout,
            ),
            cancel_on_drop: reader.get(
                Setting {
                    key: "pool.cancel_on_drop",
                    variable: "DB_POOL_CANCEL_ON_DROP",
                    about: "When a query's future is dropped, cancel the query on the server; off lets it run to its end.",
                },
                &Switch,
                cancel_on_drop,
            ),
            leak_threshold: reader.get(
                Setting {
                    key: "pool.leak_threshold",
                    variable: "DB_POOL_LEAK_THRESHOLD",
                    about: "A session held for longer is logged once, with the place in the program that took it; `none` watches nothing.",
                },
                &LIMIT,
                leak_threshold,
            ),
            shutdown_grace: reader.get(
                Setting {
                    key: "pool.shutdown_grace",
                    variable: "DB_POOL_SHUTDOWN_GRACE",
                    about: "How long closing the pool waits for sessions in use; then their statements are cancelled and their connections cut.",
                },
                &Span(Duration::ZERO..=Duration::from_secs(600)),
                shutdown_grace,
            ),
        }
    }

    /// What two settings say together.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let (size, min_idle) = (self.size, self.min_idle);
        let too_many = (min_idle > size).then(|| {
            Problem::new(format!(
                "pool.min_idle is {min_idle}, more than pool.size, which is {size}"
            ))
            .with_hint("lower pool.min_idle (DB_POOL_MIN_IDLE) or raise pool.size (DB_POOL_SIZE)")
        });
        too_many.into_iter().collect()
    }
}
