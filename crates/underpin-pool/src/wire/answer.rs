//! What the server has answered to one request so far.

use super::frame::tag;
use crate::error::ServerError;
use bytes::Bytes;
use std::collections::VecDeque;

/// How many bytes of a stream are kept that nobody has asked for, while statements wait behind it.
pub(crate) const KEPT_MAX: usize = 16 * 1024 * 1024;

/// The answer to one request, as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Why the server refused; the first reason counts.
    pub(crate) error: Option<Box<ServerError>>,
    /// ParameterDescription, as it came.
    pub(crate) params: Option<Bytes>,
    /// RowDescription, as it came.
    pub(crate) columns: Option<Bytes>,
    /// DataRow or CopyData messages, whole ones in each block.
    blocks: VecDeque<Bytes>,
    /// How many of its statements have got their values, and run from then on.
    pub(crate) binds: u16,
    /// Rows affected, from the last command.
    pub(crate) affected: u64,
    /// The server takes or sends the data of a COPY now.
    pub(crate) is_copying: bool,
    /// There are more rows, which the server sends when it is asked.
    pub(crate) is_suspended: bool,
    /// The rows behind those that are here were thrown away: too many were kept for later.
    pub(crate) is_cut: bool,
    /// How many bytes of rows are kept.
    kept: usize,
    /// A command has ended the transaction, whatever the status says now.
    pub(crate) has_ended: bool,
    /// A command has committed what was done.
    pub(crate) has_committed: bool,
    /// A command has rolled back, to a savepoint or all.
    pub(crate) has_rolled_back: bool,
    /// Nothing more comes.
    pub(crate) done: bool,
}

impl Answer {
    /// The whole of a complete answer.
    pub(super) fn take(&mut self) -> Self {
        let done = self.done;
        Self {
            done,
            ..std::mem::replace(
                self,
                Self {
                    done,
                    ..Self::default()
                },
            )
        }
    }

    /// Rows came. Of those that are read as they are asked for only so many are kept; a single row may be larger.
    pub(super) fn put(&mut self, block: Bytes, is_bounded: bool) {
        if is_bounded && self.kept > 0 && self.kept + block.len() > KEPT_MAX {
            self.is_cut = true;
        } else {
            self.kept += block.len();
            self.blocks.push_back(block);
        }
    }

    /// The rows that come next, which stay there.
    pub(super) fn first_rows(&self) -> Option<&Bytes> {
        self.blocks.front()
    }

    /// The next rows that are here.
    pub(crate) fn next_rows(&mut self) -> Option<Bytes> {
        let block = self.blocks.pop_front()?;
        self.kept -= block.len();
        Some(block)
    }

    pub(crate) fn has_rows(&self) -> bool {
        !self.blocks.is_empty()
    }

    pub(super) fn clear_rows(&mut self) {
        self.blocks.clear();
        self.kept = 0;
    }

    /// A description came.
    pub(super) fn description(&mut self, tag: u8, message: Bytes) {
        if tag == tag::ROW_DESCRIPTION {
            self.columns = Some(message);
        } else {
            self.params = Some(message);
        }
    }

    /// A command is complete: `INSERT 0 5`, `SELECT 3`, `BEGIN`.
    pub(super) fn command(&mut self, body: &[u8]) {
        match body {
            b"COMMIT\0" | b"PREPARE TRANSACTION\0" => {
                (self.has_ended, self.has_committed) = (true, true);
            }
            b"ROLLBACK\0" => self.has_rolled_back = true,
            // What was rolled back was all of it.
            b"BEGIN\0" | b"START TRANSACTION\0" => self.has_ended |= self.has_rolled_back,
            _ => {}
        }
        let digits = body.strip_suffix(&[0]).unwrap_or(body);
        let start = digits
            .iter()
            .rposition(|byte| !byte.is_ascii_digit())
            .map_or(0, |last| last + 1);
        let digits = &digits[start..];
        self.affected = digits.iter().fold(0_u64, |number, digit| {
            number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affected_rows_are_the_last_number_of_the_command() {
        for (command, expected) in [
            (&b"INSERT 0 5\0"[..], 5),
            (b"SELECT 10000\0", 10_000),
            (b"BEGIN\0", 0),
            (b"COPY 3\0", 3),
            (b"\0", 0),
        ] {
            let mut answer = Answer::default();
            answer.command(command);
            assert_eq!(answer.affected, expected, "{command:?}");
        }
    }
}
