//! What comes in from the server: each message goes to the oldest request, or concerns the connection.

use super::encoding;
use super::frame::tag;
use super::gate::Nature;
use super::line::Line;
use crate::error::ServerError;
use bytes::Bytes;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use std::io;

impl Line {
    /// Does somebody want the rows that come now?
    pub(super) fn wants_rows(&mut self) -> bool {
        self.current()
            .is_some_and(|request| request.is_awaited() && !request.answer.is_cut)
    }

    /// DataRow or CopyData messages came.
    pub(super) fn rows(&mut self, block: Bytes) {
        if let Some(request) = self.current() {
            request.answer.put(block, request.nature.is_bounded());
            let is_cut = request.answer.is_cut;
            self.is_cutting = is_cut;
            self.wake_first();
        }
    }

    /// A command of the oldest request is complete.
    pub(super) fn command(&mut self, body: &[u8]) {
        if let Some(request) = self.current() {
            request.answer.command(body);
        }
    }

    /// A statement of the oldest request has got its values: from here on it runs.
    pub(super) fn bound(&mut self) {
        if let Some(request) = self.current() {
            request.answer.binds = request.answer.binds.saturating_add(1);
        }
    }

    /// A description for the oldest request came.
    pub(super) fn description(&mut self, tag: u8, message: &[u8]) {
        if let Some(request) = self.current() {
            request
                .answer
                .description(tag, Bytes::copy_from_slice(message));
        }
    }

    /// Any other message.
    pub(super) fn message(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::ErrorResponse(body) => {
                let report = Box::new(ServerError::parse(body.fields())?);
                if report.ends_session() || self.is_quiet() {
                    self.farewell = Some(report.clone());
                }
                if let Some(request) = self.current() {
                    let binds = request.answer.binds;
                    let error = &mut request.answer.error;
                    error.get_or_insert_with(|| Box::new(report.after_binds(binds)));
                }
            }
            Message::NoticeResponse(body) => {
                let notice = ServerError::parse(body.fields())?;
                tracing::debug!(
                    severity = notice.severity,
                    message = notice.message,
                    "server notice"
                );
                // A server that ends at once, or whose other process crashed, warns and leaves.
                if notice.is_shutdown() {
                    self.farewell = Some(Box::new(notice));
                }
            }
            Message::ParameterStatus(body) => {
                let (name, value) = (body.name()?.to_owned(), body.value()?.to_owned());
                encoding::check(&name, &value)?;
                self.parameters.insert(name, value);
            }
            Message::NotificationResponse(body) => {
                if let Some(inbox) = &mut self.inbox {
                    inbox.put(body.channel()?, body.message()?, body.process_id());
                    self.wake_visitors();
                }
            }
            Message::PortalSuspended => {
                if let Some(request) = self.current() {
                    request.answer.is_suspended = true;
                }
            }
            Message::CopyInResponse(_) => self.copy_in()?,
            Message::CopyOutResponse(_) => {
                if let Some(request) = self.current() {
                    request.answer.is_copying = true;
                }
                self.wake_first();
            }
            _ => {}
        }
        Ok(())
    }

    /// The server wants the data of a COPY: nobody has any unless the request is a COPY of ours and still wanted.
    fn copy_in(&mut self) -> io::Result<()> {
        let Some(request) = self.current() else {
            return Ok(());
        };
        if request.is_awaited() && request.nature == Nature::CopyIn {
            request.answer.is_copying = true;
            self.wake_first();
            return Ok(());
        }
        let is_synced = request.is_synced;
        frontend::copy_fail("there is no data: use copy_in", &mut self.out)?;
        if is_synced {
            // The server has swallowed the one behind the statement as a part of the copy.
            frontend::sync(&mut self.out);
        }
        self.is_urgent = true;
        Ok(())
    }
}

/// Messages that only say that a step was taken.
pub(super) fn is_step(tag: u8) -> bool {
    matches!(tag, tag::PARSE_COMPLETE | tag::CLOSE_COMPLETE)
}
