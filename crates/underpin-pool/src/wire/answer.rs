//! What the server has answered to one request so far.

use super::frame::tag;
use crate::error::ServerError;
use bytes::Bytes;
use std::collections::VecDeque;

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
    pub(crate) blocks: VecDeque<Bytes>,
    /// Rows affected, from the last command.
    pub(crate) affected: u64,
    /// The server takes or sends the data of a COPY now.
    pub(crate) is_copying: bool,
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
