//! The primary's log as far as it was seen, and what that proves of a replica.

use super::moment::Moment;
use super::replica::Seen;
use crate::Database;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::time::timeout;
use underpin_core::url::Host;

/// Positions of the primary that are remembered: the newest ones within the bound.
const POSITIONS_MAX: usize = 256;

/// How far the primary's log is on disk, which is as far as replicas can be, and on which timeline; where it listens.
const POSITION: &str = "SELECT (pg_current_wal_flush_lsn() - '0/0')::int8, \
     pg_walfile_name(pg_current_wal_flush_lsn()), host(inet_server_addr()), current_setting('port')::int4";

/// Where the primary's log was, and when.
#[derive(Debug, Default)]
pub(super) struct Log {
    positions: VecDeque<(Moment, i64)>,
    /// Of the positions: a promotion begins a new one, on which equal numbers mean other contents.
    timeline: Option<i64>,
    primary: Option<Whereabouts>,
    /// Did the primary answer when it was asked last?
    answers: bool,
}

/// Under which addresses the primary is known.
#[derive(Debug)]
struct Whereabouts {
    /// As the database URL has it.
    host: Host,
    /// As we, and as the primary itself see it: another one when something is in between.
    addresses: Vec<(IpAddr, u16)>,
}

impl Log {
    /// Asks the primary how far it is.
    pub(super) async fn ask(&mut self, primary: &Database, deadline: Duration, lag_max: Duration) {
        let asked = Moment::now();
        let answer = timeout(deadline, position(primary)).await.ok().flatten();
        self.answers = answer.is_some();
        if let Some((position, timeline, whereabouts)) = answer {
            if self.timeline.replace(timeline) != Some(timeline) {
                self.positions.clear();
            }
            self.positions.push_back((asked, position));
            self.primary = Some(whereabouts);
        }
        while self.positions.len() > POSITIONS_MAX
            || self
                .positions
                .front()
                .is_some_and(|(at, _)| at.age() > lag_max)
        {
            self.positions.pop_front();
        }
    }

    /// Is this replica on a timeline that the primary is not on? Then it follows another one, or has yet to follow.
    pub(super) fn is_foreign(&self, seen: &Seen) -> bool {
        self.timeline
            .is_some_and(|timeline| timeline != seen.timeline)
    }

    /// The latest moment whose state the replica certainly has, by what it has replayed, or by what it receives.
    pub(super) async fn proves(&self, seen: &Seen) -> Option<Moment> {
        if self.is_foreign(seen) {
            return None;
        }
        let reached = self.positions.iter().rev();
        let reached = reached
            .map(|(at, position)| (at, position))
            .find(|(_, position)| **position <= seen.replayed);
        match &seen.stream {
            // Nobody needs to be believed who can be asked.
            Some(stream) if !self.answers && self.is_primary(&stream.host, stream.port).await => {
                Some(seen.asked.before(stream.age))
            }
            _ => reached.map(|(at, _)| *at),
        }
    }

    /// Does a replica that streams from there stream from the primary itself? From another replica it would receive signs
    /// of life also when that one has lost the primary.
    async fn is_primary(&self, host: &str, port: u16) -> bool {
        let Some(primary) = &self.primary else {
            return false;
        };
        let is_as_written = match &primary.host {
            Host::Tcp { name, port: ours } => name.eq_ignore_ascii_case(host) && *ours == port,
            Host::Unix {
                directory,
                port: ours,
            } => directory.as_os_str() == host && *ours == port,
        };
        if is_as_written {
            return true;
        }
        let Ok(mut addresses) = lookup_host((host, port)).await else {
            return false;
        };
        addresses.any(|address| primary.addresses.contains(&(address.ip(), address.port())))
    }
}

async fn position(primary: &Database) -> Option<(i64, i64, Whereabouts)> {
    let session = primary.checkout().await.ok()?;
    let row = session.query_one(POSITION, &[]).await.ok()?;
    let file: &str = row.get(1).ok()?;
    let timeline = i64::from_str_radix(file.get(..8)?, 16).ok()?;
    let own: Option<&str> = row.get(2).ok()?;
    let own = own.and_then(|address| address.parse().ok());
    let port = u16::try_from(row.get::<i32>(3).ok()?).ok()?;
    let peer = session.wire().peer();
    let peer = peer.map(|peer| (peer.ip(), peer.port()));
    let whereabouts = Whereabouts {
        host: session.wire().host().clone(),
        addresses: own.map(|own| (own, port)).into_iter().chain(peer).collect(),
    };
    Some((row.get(0).ok()?, timeline, whereabouts))
}
