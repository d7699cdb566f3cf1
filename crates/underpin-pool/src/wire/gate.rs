//! Who may queue a request on the line, and when: what keeps a transaction whole and its tasks apart.
//!
//! Requests of one transaction are sent one behind another without waiting, except where the server's answer decides what
//! the next one would mean:
//!
//! * outside a transaction nobody is let in behind another: each request stands for itself, also when one is cancelled;
//! * nobody is let in behind a request that begins, marks or ends a transaction, that carries a COPY, or whose text may do
//!   so, before its answer is there;
//! * nobody is let in behind a request whose owner has gone, so that the cancel for that one can hit no other;
//! * while the data of a COPY are being written, statements are refused: the task that would wait may be the one that
//!   writes;
//! * statements of a transaction that is over on the server are refused.
//!
//! A lane has no gate: its statements stand each for itself, and none is cancelled.

use super::answer::Answer;
use super::line::{Line, TransactionStatus};
use super::request::encode_first;
use crate::Error;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use underpin_core::ErrorKind;

/// What a request is to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Others may be sent behind it.
    Statement,
    /// As a statement; its rows are read as they are asked for, and only so many are kept for later.
    Stream,
    /// A statement that may end the transaction or start a COPY: nobody is let in behind it.
    Alone,
    /// As `Alone`; where it rolls back, another transaction follows at once.
    Chain,
    /// Begins, marks or ends a transaction, for this crate itself: as `Alone`, and never cancelled.
    Control,
    /// Its owner writes the data.
    CopyIn,
    /// As `Alone`; its data are read as they are asked for.
    CopyOut,
}

impl Nature {
    /// What the text of one statement makes it.
    pub(crate) fn of(sql: &str) -> Self {
        const ALONE: [&str; 6] = ["abort", "commit", "copy", "end", "prepare", "rollback"];
        let word = first_word(sql);
        match ALONE.iter().any(|alone| word.eq_ignore_ascii_case(alone)) {
            true => Self::of_batch(sql),
            false => Self::Statement,
        }
    }

    /// What the text of several statements makes them.
    pub(super) fn of_batch(sql: &str) -> Self {
        let mut words = sql
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty());
        let mut is_and = false;
        let chains = words.any(|word| {
            let chains = is_and && word.eq_ignore_ascii_case("chain");
            is_and = word.eq_ignore_ascii_case("and");
            chains
        });
        match chains {
            true => Self::Chain,
            false => Self::Alone,
        }
    }

    pub(super) fn is_alone(self) -> bool {
        !matches!(self, Self::Statement | Self::Stream)
    }

    /// Are only so many of its rows kept for later?
    pub(super) fn is_bounded(self) -> bool {
        matches!(self, Self::Stream | Self::CopyOut)
    }
}

/// The first word of a statement, behind blanks, comments and empty statements.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest =
            rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b' || c == ';');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.trim_start_matches(|c| c != '\n' && c != '\r')
        } else if let Some(comment) = rest.strip_prefix("/*") {
            behind_comment(comment)
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic());
            return &rest[..end.unwrap_or(rest.len())];
        };
    }
}

/// What follows a comment, which may have others inside.
fn behind_comment(mut rest: &str) -> &str {
    let mut depth = 1;
    while depth > 0 {
        let next = [rest.find("/*"), rest.find("*/")];
        let (step, at) = match next {
            [Some(open), Some(close)] if open < close => (1, open),
            [_, Some(close)] => (-1, close),
            _ => return "",
        };
        depth += step;
        rest = &rest[at + 2..];
    }
    rest
}

/// BEGIN of a transaction: travels ahead of the transaction's first request, in the same packet.
#[derive(Debug)]
pub(crate) struct Begin {
    sql: String,
    /// Set only with the lock of the line, and only when it was queued.
    is_sent: AtomicBool,
}

impl Begin {
    pub(crate) fn new(sql: String) -> Self {
        Self {
            sql,
            is_sent: AtomicBool::new(false),
        }
    }

    /// Was it queued, so that the server has the transaction, or will have it?
    pub(crate) fn is_sent(&self) -> bool {
        self.is_sent.load(Ordering::Acquire)
    }

    pub(super) fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        encode_first(&self.sql, out)
    }

    pub(super) fn note_sent(&self) {
        self.is_sent.store(true, Ordering::Release);
    }
}

/// Where the latest transaction stands that began with a [`Begin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// BEGIN was sent, or the transaction is open.
    Open,
    /// There is none. Was all of it undone?
    Over { undone: bool },
}

/// What is sent, without anybody to wait for it, once all requests before it are answered.
#[derive(Debug)]
pub(crate) enum Later {
    Run(String),
    /// Only when a statement has failed, the end of a savepoint for example.
    RunIfFailed(String),
}

/// The state of the gate.
#[derive(Debug)]
pub(super) struct Gate {
    /// Is this the line of one user, which has a gate?
    is_shut: bool,
    /// The unanswered request that nobody is let in behind.
    alone: Option<usize>,
    phase: Phase,
    later: VecDeque<Later>,
    /// A request to cancel is on its way.
    pub(super) is_cancelling: bool,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            is_shut: true,
            alone: None,
            phase: Phase::Over { undone: true },
            later: VecDeque::new(),
            is_cancelling: false,
        }
    }

    pub(super) fn open(&mut self) {
        self.is_shut = false;
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    /// A request was queued.
    pub(super) fn note_queued(&mut self, key: usize, nature: Nature, begins: bool) {
        if begins {
            self.phase = Phase::Open;
        }
        if nature.is_alone() || begins {
            self.alone = Some(key);
        }
    }

    /// A request was answered: does that end the transaction?
    pub(super) fn note_answered(
        &mut self,
        key: usize,
        nature: Nature,
        answer: &Answer,
        status: TransactionStatus,
    ) {
        self.alone.take_if(|alone| *alone == key);
        let has_ended = status == TransactionStatus::Idle
            || answer.has_ended
            || (nature == Nature::Chain && answer.has_rolled_back);
        if self.phase == Phase::Open && has_ended {
            let undone = !answer.has_committed;
            self.phase = Phase::Over { undone };
        }
    }
}

impl Line {
    /// May this request be queued now? An error when waiting cannot help.
    pub(super) fn lets_in(&self, nature: Nature, begin: Option<&Begin>) -> Result<bool, Error> {
        let gate = &self.gate;
        if !gate.is_shut {
            return Ok(true);
        }
        if let Some(alone) = gate.alone
            && self.writes_copy(alone)
        {
            return Err(busy());
        }
        let begins = begin.is_some_and(|begin| !begin.is_sent());
        if begin.is_some() && !begins && self.has_ended_transaction() {
            return Err(over());
        }
        let must_wait = gate.alone.is_some()
            || gate.is_cancelling
            || !gate.later.is_empty()
            || self.abandoned() > 0
            || (!self.is_quiet() && (nature.is_alone() || begins || gate.phase != Phase::Open));
        Ok(!must_wait)
    }

    /// Is the transaction that began over on the server?
    pub(super) fn has_ended_transaction(&self) -> bool {
        // The second should follow from the first.
        self.gate.phase != Phase::Open
            || (self.is_quiet() && self.status() == TransactionStatus::Idle)
    }

    /// Is everything answered, and nothing more to come by itself?
    pub(super) fn is_at_rest(&self) -> bool {
        self.is_quiet() && self.gate.later.is_empty() && !self.gate.is_cancelling
    }

    /// Sends this once all before it is answered.
    pub(super) fn put_off(&mut self, later: Later) {
        self.gate.later.push_back(later);
        self.send_put_off();
    }

    /// Queues what was put off, as far as its time has come.
    pub(super) fn send_put_off(&mut self) {
        if self.gate.is_cancelling || !self.is_quiet() {
            return;
        }
        while let Some(later) = self.gate.later.pop_front() {
            let sql = match &later {
                Later::Run(sql) => sql,
                Later::RunIfFailed(_) if !self.is_quiet() => {
                    self.gate.later.push_front(later);
                    return;
                }
                Later::RunIfFailed(_) if self.status() != TransactionStatus::Failed => continue,
                Later::RunIfFailed(sql) => sql,
            };
            // A text of this crate has no zero byte, the only thing that could go wrong.
            let queued = self.submit(Nature::Statement, None, |out| {
                frontend::query(sql, out).map_err(Error::unsendable)
            });
            if let Ok(key) = queued {
                self.leave_unattended(key);
                self.is_urgent = true;
            }
        }
    }
}

fn busy() -> Error {
    Error::new(
        ErrorKind::TransactionState,
        "a COPY is being written on this session",
    )
    .with_hint("finish or drop it before the next statement, or use another session")
}

/// The transaction of a handle is over on the server.
pub(crate) fn over() -> Error {
    Error::new(
        ErrorKind::TransactionState,
        "the server has no open transaction: a statement ended it, or BEGIN was refused",
    )
    .with_hint("end a transaction with commit() or rollback(), not with SQL of its own")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_may_end_a_transaction_or_start_a_copy_are_alone() {
        for sql in [
            "COMMIT",
            " ;\n-- first\r\n/* a /* b */ c */ Rollback to x",
            "end",
            "ABORT;",
            "prepare transaction 'x'",
            "COPY t FROM STDIN",
        ] {
            assert_eq!(Nature::of(sql), Nature::Alone, "{sql}");
        }
        for sql in ["rollback and\nCHAIN", "SELECT 1; ROLLBACK WORK AND CHAIN;"] {
            assert_eq!(Nature::of_batch(sql), Nature::Chain, "{sql}");
        }
        assert_eq!(Nature::of("ROLLBACK AND NO CHAIN"), Nature::Alone);
        for sql in [
            "",
            "SELECT 1",
            "-- COMMIT",
            "/* COMMIT",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "committed",
            "UPDATE t SET a = 1 -- COMMIT",
        ] {
            assert_eq!(Nature::of(sql), Nature::Statement, "{sql}");
        }
    }
}
