//! A server that behaves as a test tells it, message by message.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Says it is PostgreSQL, in so far as a test needs.
pub(crate) struct Server(pub(crate) TcpStream);

/// The process number in its handshake: one that a server may have.
const PID: u32 = 4711;

impl Server {
    pub(crate) async fn message(&mut self, tag: u8, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).unwrap();
        let mut message = vec![tag];
        message.extend(length.to_be_bytes());
        message.extend(body);
        self.0.write_all(&message).await.unwrap();
    }

    /// An ErrorResponse (`E`) or NoticeResponse (`N`) of these fields.
    pub(crate) async fn report(&mut self, tag: u8, fields: &[&str]) {
        let text: String = fields.iter().map(|field| format!("{field}\0")).collect();
        self.message(tag, format!("{text}\0").as_bytes()).await;
    }

    pub(crate) async fn ready(&mut self) {
        self.message(b'Z', b"I").await;
    }

    /// Reads the first message of a client, which has no tag.
    pub(crate) async fn introduction(&mut self) -> Vec<u8> {
        let length = self.0.read_u32().await.unwrap();
        let mut body = vec![0; length as usize - 4];
        self.0.read_exact(&mut body).await.unwrap();
        body
    }

    /// Reads one message of the client; None once it has gone.
    pub(crate) async fn read(&mut self) -> Option<(u8, String)> {
        let tag = self.0.read_u8().await.ok()?;
        let body = self.introduction().await;
        let text = String::from_utf8_lossy(&body).into_owned();
        Some((tag, text.trim_end_matches('\0').to_owned()))
    }

    /// Lets the client in, and answers the first one's question for our process number.
    pub(crate) async fn welcome(&mut self) {
        self.let_in().await;
        assert_eq!(self.read().await.unwrap().0, b'Q');
        self.tell_pid().await;
    }

    pub(crate) async fn let_in(&mut self) {
        self.introduction().await;
        self.message(b'R', &0_u32.to_be_bytes()).await;
        self.message(b'K', &[PID.to_be_bytes(), [0; 4]].concat())
            .await;
        self.ready().await;
    }

    pub(crate) async fn tell_pid(&mut self) {
        let mut row = vec![0, 1, 0, 0, 0, 4];
        row.extend(PID.to_string().as_bytes());
        self.message(b'D', &row).await;
        self.message(b'C', b"SELECT 1\0").await;
        self.ready().await;
    }
}
