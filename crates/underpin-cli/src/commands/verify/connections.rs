//! Do as many connections as the pool may open fit, next to what others use?

use super::CONNECTIONS;
use super::check::Check;
use futures_util::future::join_all;
use std::time::Duration;
use underpin_core::config::PoolSettings;
use underpin_pool::{Error, Options, Session};

/// No more than this many are really opened; a larger pool is only calculated.
const OPENED_MAX: usize = 200;
/// Connections opened at the same time, so that the test itself is no storm.
const AT_ONCE: usize = 8;
/// How long opening all of them may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Limits of server, database and role, and what others use of them; this session itself is not counted.
const SQL: &str = "\
SELECT current_setting('max_connections')::int8,
       CASE WHEN role.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int8
            + coalesce(current_setting('reserved_connections', true)::int8, 0) END,
       (SELECT count(*) FROM pg_stat_activity
         WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid()),
       role.rolconnlimit::int8,
       (SELECT datconnlimit::int8 FROM pg_database WHERE datname = current_database())
  FROM pg_roles AS role WHERE role.rolname = current_user";

pub(super) async fn check(options: &Options, session: &Session) -> Check {
    let needed = needed(&options.pool);
    let room = match Room::read(session).await {
        Ok(room) => room,
        Err(error) => return Check::error(CONNECTIONS, &error),
    };
    if let Some(check) = room.judge(needed) {
        return check;
    }
    match open(options, needed.min(OPENED_MAX)).await {
        Ok(opened) => Check::ok(
            CONNECTIONS,
            format!("the pool may open {needed}; opened {opened} at once; {room}"),
        ),
        Err(error) => {
            let check = Check::error(CONNECTIONS, &error);
            check.hint(format!("lower pool.size or pool.max_overflow ({needed} connections in all), or raise the server's limits"))
        }
    }
}

/// The most connections a pool with these settings opens.
fn needed(pool: &PoolSettings) -> usize {
    pool.size
        .saturating_add(pool.max_overflow)
        .saturating_add(pool.lanes)
}

/// What the server has to give.
#[derive(Debug, Clone, Copy)]
struct Room {
    max_connections: i64,
    reserved: i64,
    used_by_others: i64,
    /// -1: no limit of its own.
    role_limit: i64,
    /// -1: no limit of its own.
    database_limit: i64,
}

impl Room {
    async fn read(session: &Session) -> Result<Self, Error> {
        let row = session.query_one(SQL, &[]).await?;
        Ok(Self {
            max_connections: row.get(0)?,
            reserved: row.get(1)?,
            used_by_others: row.get(2)?,
            role_limit: row.get(3)?,
            database_limit: row.get(4)?,
        })
    }

    /// A failure when the numbers alone say that it does not fit.
    fn judge(&self, needed: usize) -> Option<Check> {
        let needed = i64::try_from(needed).unwrap_or(i64::MAX);
        let limits = [
            (
                "max_connections minus those reserved and used by others",
                self.free(),
            ),
            ("the role's CONNECTION LIMIT", self.role_limit),
            ("the database's CONNECTION LIMIT", self.database_limit),
        ];
        let (what, limit) = limits
            .into_iter()
            .filter(|(_, limit)| *limit >= 0)
            .min_by_key(|(_, limit)| *limit)?;
        (limit < needed).then(|| {
            Check::fail(
                CONNECTIONS,
                format!("the pool may open {needed}, but only {limit} fit: {what}; {self}"),
            )
            .hint("lower pool.size, pool.max_overflow or pool.lanes, or raise the server's limit")
        })
    }

    fn free(&self) -> i64 {
        (self.max_connections - self.reserved - self.used_by_others).max(0)
    }
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            max_connections,
            reserved,
            used_by_others,
            ..
        } = self;
        write!(
            f,
            "max_connections {max_connections}, {reserved} reserved, {used_by_others} used by others"
        )
    }
}

/// Opens `count` sessions, holds them all, then closes them.
async fn open(options: &Options, count: usize) -> Result<usize, Error> {
    let mut sessions = Vec::with_capacity(count);
    let opening = async {
        while sessions.len() < count {
            let batch = AT_ONCE.min(count - sessions.len());
            for session in join_all((0..batch).map(|_| Session::connect(options))).await {
                sessions.push(session?);
            }
        }
        Ok(())
    };
    let result = tokio::time::timeout(DEADLINE, opening).await;
    let opened = sessions.len();
    sessions.into_iter().for_each(Session::close);
    match result {
        Ok(Ok(())) => Ok(opened),
        Ok(Err(error)) => Err(error),
        Err(elapsed) => {
            let text = format!(
                "only {opened} of {count} connections could be opened within {} s",
                DEADLINE.as_secs()
            );
            Err(Error::new(underpin_core::ErrorKind::Timeout, text).with_source(elapsed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        max_connections: 100,
        reserved: 3,
        used_by_others: 7,
        role_limit: -1,
        database_limit: -1,
    };

    fn check(room: Room, needed: usize, expected: Option<&str>) {
        let line = room.judge(needed).map(|check| check.to_string());
        match (line, expected) {
            (None, None) => {}
            (Some(line), Some(expected)) => assert!(line.starts_with(expected), "{line}"),
            (line, expected) => panic!("{line:?} is not {expected:?}"),
        }
    }

    #[test]
    fn what_is_reserved_and_used_by_others_is_taken_off() {
        check(ROOM, 90, None);
        check(
            ROOM,
            91,
            Some("fail connections: the pool may open 91, but only 90 fit: max_connections minus"),
        );
    }

    #[test]
    fn limits_of_role_and_database_count() {
        check(
            Room {
                role_limit: 5,
                ..ROOM
            },
            6,
            Some("fail connections: the pool may open 6, but only 5 fit: the role's"),
        );
        check(
            Room {
                database_limit: 4,
                ..ROOM
            },
            6,
            Some("fail connections: the pool may open 6, but only 4 fit: the database's"),
        );
    }

    #[test]
    fn the_pool_needs_size_overflow_and_lanes() {
        let pool = PoolSettings {
            size: 3,
            max_overflow: 2,
            lanes: 1,
            ..PoolSettings::default()
        };
        assert_eq!(needed(&pool), 6);
    }
}
