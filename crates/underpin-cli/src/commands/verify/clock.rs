//! Do the server's clock and this machine's agree?

use super::CLOCK;
use super::check::Check;
use jiff::{SignedDuration, Timestamp};
use underpin_pool::{Error, Session};

/// How often the server is asked; the fastest answer is the most exact one.
const SAMPLES: usize = 3;
/// From here on, cursors and `updated_since` of clients miss or repeat items.
const WARN_AT: SignedDuration = SignedDuration::from_secs(1);
/// From here on, tokens and certificates start to be refused.
const FAIL_AT: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn check(session: &Session) -> Check {
    let mut best: Option<Sample> = None;
    for _ in 0..SAMPLES {
        match Sample::take(session).await {
            Ok(sample) if best.is_none_or(|best| sample.round_trip < best.round_trip) => {
                best = Some(sample)
            }
            Ok(_) => {}
            Err(error) => return Check::error(CLOCK, &error),
        }
    }
    best.map_or_else(
        || Check::skip(CLOCK, "not checked: the server was not asked"),
        judge,
    )
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    /// The server's clock minus ours, half a round trip taken off.
    skew: SignedDuration,
    round_trip: SignedDuration,
}

impl Sample {
    async fn take(session: &Session) -> Result<Self, Error> {
        let before = Timestamp::now();
        let row = session.query_one("SELECT clock_timestamp()", &[]).await?;
        let round_trip = before.duration_until(Timestamp::now());
        let server: Timestamp = row.get(0)?;
        Ok(Self {
            skew: before.duration_until(server) - round_trip / 2,
            round_trip,
        })
    }
}

fn judge(Sample { skew, round_trip }: Sample) -> Check {
    let (ahead_or_behind, size) = if skew.is_negative() {
        ("behind", -skew)
    } else {
        ("ahead of", skew)
    };
    let text = format!(
        "the server is {} ms {ahead_or_behind} this machine (round trip {} ms)",
        size.as_millis(),
        round_trip.as_millis()
    );
    let hint = "synchronise both clocks, for example with chrony or systemd-timesyncd";
    if size >= FAIL_AT {
        Check::fail(CLOCK, text).hint(hint)
    } else if size >= WARN_AT {
        Check::warn(CLOCK, text).hint(hint)
    } else {
        Check::ok(CLOCK, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_warned_about_then_fails() {
        let check = |milliseconds: i64, expected: &str| {
            let skew = SignedDuration::from_millis(milliseconds);
            let line = judge(Sample {
                skew,
                round_trip: SignedDuration::from_millis(1),
            })
            .to_string();
            assert!(line.starts_with(expected), "{line}");
        };
        check(3, "ok   clock: the server is 3 ms ahead of this machine");
        check(-999, "ok   clock: the server is 999 ms behind this machine");
        check(
            -1_000,
            "warn clock: the server is 1000 ms behind this machine",
        );
        check(
            60_000,
            "fail clock: the server is 60000 ms ahead of this machine",
        );
    }
}
