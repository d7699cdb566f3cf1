//! The start of a connection: who we are, the proof of it, and what the server tells about itself.

use super::encoding;
use crate::error::ServerError;
use crate::socket::Transport;
use crate::{Error, ErrorKind};
use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding as Binding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;
use std::collections::HashMap;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use underpin_core::Secret;
use underpin_core::url::ChannelBinding;

/// Four letters read as a length are more than this; an ErrorResponse is shorter.
const PLAIN_WORDS_FROM: u32 = 30_000;
/// So much of one message is read before the server has let us in.
const UNREAD_MAX: usize = 64 * 1024;

/// What tells a connection from all others of the server: enough to cancel what it runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    pub(crate) backend_pid: i32,
    secret: i32,
}

impl Identity {
    /// The request that cancels what the connection runs, to be sent on another one.
    pub(crate) fn cancel_request(self) -> BytesMut {
        let mut request = BytesMut::with_capacity(16);
        frontend::cancel_request(self.backend_pid, self.secret, &mut request);
        request
    }
}

/// Who wants to come in.
pub(crate) struct Applicant<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) channel_binding: ChannelBinding,
    /// Parameters of the session, the database among them.
    pub(crate) parameters: Vec<(&'static str, &'a str)>,
}

/// A connection that the server has let in.
pub(crate) struct Started {
    pub(super) transport: Transport,
    /// What came behind the last message of the start.
    pub(super) unread: BytesMut,
    pub(super) parameters: HashMap<String, String>,
    pub(super) identity: Identity,
}

/// Introduces us to the server and waits until it is ready. Bounded by the caller.
pub(crate) async fn start_up(
    transport: Transport,
    applicant: &Applicant<'_>,
) -> Result<Started, Error> {
    let mut talk = Talk {
        transport,
        unread: BytesMut::with_capacity(4096),
        warning: None,
    };
    let user = [("user", applicant.user), ("client_encoding", "UTF8")];
    let parameters = user.into_iter().chain(applicant.parameters.iter().copied());
    talk.send(|out| frontend::startup_message(parameters, out))
        .await?;
    talk.authenticate(applicant).await?;
    let mut parameters = HashMap::new();
    let mut identity = None;
    loop {
        match talk.next().await? {
            Message::ParameterStatus(body) => {
                let name = body.name().map_err(Error::protocol)?;
                let value = body.value().map_err(Error::protocol)?;
                encoding::check(name, value)
                    .map_err(|cause| encoding::refusal(cause).unwrap_or_else(Error::protocol))?;
                parameters.insert(name.to_owned(), value.to_owned());
            }
            Message::BackendKeyData(body) => {
                identity = Some(Identity {
                    backend_pid: body.process_id(),
                    secret: body.secret_key(),
                });
            }
            Message::ReadyForQuery(_) => break,
            _ => {}
        }
    }
    let Talk {
        transport, unread, ..
    } = talk;
    Ok(Started {
        transport,
        unread,
        parameters,
        identity: identity.unwrap_or(Identity {
            backend_pid: 0,
            secret: 0,
        }),
    })
}

/// Why a server that was asked for TLS turns us away: it has sent an `E`, and says the rest now.
pub(crate) async fn turned_away(transport: Transport) -> Error {
    let mut talk = Talk {
        transport,
        unread: BytesMut::from(&b"E"[..]),
        warning: None,
    };
    match talk.next().await {
        Err(error) => error,
        Ok(_) => out_of_turn(),
    }
}

/// The conversation before the connection is ours.
struct Talk {
    transport: Transport,
    unread: BytesMut,
    /// The last notice, when it tells that the server is going.
    warning: Option<ServerError>,
}

impl Talk {
    async fn send(
        &mut self,
        encode: impl FnOnce(&mut BytesMut) -> io::Result<()>,
    ) -> Result<(), Error> {
        let mut out = BytesMut::new();
        encode(&mut out).map_err(Error::unsendable)?;
        let sent = async {
            self.transport.write_all(&out).await?;
            self.transport.flush().await
        };
        let Err(cause) = sent.await else {
            return Ok(());
        };
        // A server that turns us away before it has listened has said why.
        loop {
            match self.next().await {
                Ok(_) => {}
                Err(error) if error.server().is_some() => return Err(error),
                Err(_) => return Err(Error::broken(cause)),
            }
        }
    }

    /// The next message; what the server refuses is an error.
    async fn next(&mut self) -> Result<Message, Error> {
        loop {
            if let Some(report) = plain_words(&self.unread) {
                return Err(refused(report));
            }
            if self.unread.len() > UNREAD_MAX {
                return Err(Error::protocol(io::ErrorKind::InvalidData.into()));
            }
            match Message::parse(&mut self.unread).map_err(Error::protocol)? {
                Some(Message::ErrorResponse(body)) => {
                    let report = ServerError::parse(body.fields()).map_err(Error::protocol)?;
                    return Err(refused(report));
                }
                Some(Message::NoticeResponse(body)) => {
                    let notice = ServerError::parse(body.fields()).map_err(Error::protocol)?;
                    self.warning = Some(notice).filter(ServerError::is_shutdown);
                }
                Some(message) => return Ok(message),
                None => {
                    let read = self.transport.read_buf(&mut self.unread).await;
                    let cause = match read {
                        Ok(1..) => continue,
                        Ok(0) => closed(),
                        Err(cause) => Error::broken(cause),
                    };
                    return Err(self.warning.take().map_or(cause, refused));
                }
            }
        }
    }

    async fn authenticate(&mut self, applicant: &Applicant<'_>) -> Result<(), Error> {
        let mut is_bound = false;
        loop {
            match self.next().await? {
                Message::AuthenticationOk if applicant.must_bind() && !is_bound => {
                    return Err(unbound());
                }
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword if !applicant.must_bind() => {
                    let password = applicant.password()?;
                    self.send(|out| frontend::password_message(password.as_bytes(), out))
                        .await?;
                }
                Message::AuthenticationMd5Password(body) if !applicant.must_bind() => {
                    let password = applicant.password()?.as_bytes();
                    let hash = md5_hash(applicant.user.as_bytes(), password, body.salt());
                    self.send(|out| frontend::password_message(hash.as_bytes(), out))
                        .await?;
                }
                Message::AuthenticationSasl(body) => {
                    is_bound = self.scram(&body, applicant).await?;
                }
                Message::AuthenticationCleartextPassword
                | Message::AuthenticationMd5Password(_) => return Err(unbound()),
                _ => {
                    return Err(Error::new(
                        ErrorKind::Authentication,
                        "the server asks for a kind of proof that is not supported",
                    )
                    .with_hint(
                        "supported are trust, password, md5, scram-sha-256 and cert: see pg_hba.conf",
                    ));
                }
            }
        }
    }

    /// Proves that we know the password without saying it; true when the proof is bound to the TLS connection.
    async fn scram(
        &mut self,
        offer: &AuthenticationSaslBody,
        applicant: &Applicant<'_>,
    ) -> Result<bool, Error> {
        let (binding, mechanism) = choose(offer, &self.transport, applicant)?;
        let is_bound = mechanism == SCRAM_SHA_256_PLUS;
        if applicant.must_bind() && !is_bound {
            return Err(unbound());
        }
        let mut scram = ScramSha256::new(applicant.password()?.as_bytes(), binding);
        self.send(|out| frontend::sasl_initial_response(mechanism, scram.message(), out))
            .await?;
        let Message::AuthenticationSaslContinue(body) = self.next().await? else {
            return Err(out_of_turn());
        };
        scram.update(body.data()).map_err(unproven)?;
        self.send(|out| frontend::sasl_response(scram.message(), out))
            .await?;
        let Message::AuthenticationSaslFinal(body) = self.next().await? else {
            return Err(out_of_turn());
        };
        scram.finish(body.data()).map_err(unproven)?;
        Ok(is_bound)
    }
}

impl Applicant<'_> {
    fn must_bind(&self) -> bool {
        self.channel_binding == ChannelBinding::Require
    }

    fn password(&self) -> Result<&str, Error> {
        match &self.password {
            Some(password) => Ok(password.expose()),
            None => Err(Error::new(
                ErrorKind::Authentication,
                "the server asks for a password",
            )),
        }
    }
}

/// The strongest mechanism that both sides have.
fn choose(
    offer: &AuthenticationSaslBody,
    transport: &Transport,
    applicant: &Applicant<'_>,
) -> Result<(Binding, &'static str), Error> {
    use fallible_iterator::FallibleIterator;
    let offered: Vec<&str> = offer.mechanisms().collect().map_err(Error::protocol)?;
    let end_point = match applicant.channel_binding {
        ChannelBinding::Disable => None,
        ChannelBinding::Prefer | ChannelBinding::Require => transport.end_point(),
    };
    match end_point {
        Some(proof) if offered.contains(&SCRAM_SHA_256_PLUS) => {
            Ok((Binding::tls_server_end_point(proof), SCRAM_SHA_256_PLUS))
        }
        _ if !offered.contains(&SCRAM_SHA_256) => Err(Error::new(
            ErrorKind::Authentication,
            format!(
                "the server offers only {}, none of which is supported",
                offered.join(", ")
            ),
        )),
        // Tells the server that we could bind: it knows then whether somebody in between took its offer away.
        Some(_) => Ok((Binding::unrequested(), SCRAM_SHA_256)),
        None => Ok((Binding::unsupported(), SCRAM_SHA_256)),
    }
}

fn refused(report: ServerError) -> Error {
    Error::from_server("the server refused the connection", report)
}

fn closed() -> Error {
    Error::new(
        ErrorKind::Disconnected,
        "the server closed the connection during start-up",
    )
}

/// The words of a server that cannot even start a process for us: an `E`, a text, a zero byte, as before protocol 3.
fn plain_words(unread: &[u8]) -> Option<ServerError> {
    let (length, _) = unread.strip_prefix(b"E")?.split_first_chunk()?;
    // A length that no ErrorResponse has: it is text.
    if (8..=PLAIN_WORDS_FROM).contains(&u32::from_be_bytes(*length)) {
        return None;
    }
    let end = unread.iter().position(|byte| *byte == 0)?;
    Some(ServerError::unable(&unread[1..end]))
}

fn unbound() -> Error {
    Error::new(
        ErrorKind::Authentication,
        "there is no channel binding between the authentication and a TLS connection",
    )
    .with_hint(
        "channel_binding=require needs sslmode=require or stronger, and a scram-sha-256 password on the server",
    )
}

fn unproven(cause: io::Error) -> Error {
    Error::new(
        ErrorKind::Authentication,
        "the server's part of the authentication is not right",
    )
    .with_source(cause)
}

fn out_of_turn() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the server left the order of the authentication",
    )
}
