//! Several addresses of one host: none of them uses up the time of the others.
//!
//! A name often stands for two addresses of one machine, or for several machines, and some of them swallow packets: an
//! IPv6 route that leads nowhere, a node that died. So an address that does not answer soon is not waited for alone: the
//! next one is dialled beside it (RFC 8305, "Happy Eyeballs"). One that takes the connection and then says nothing gets
//! its share of the time, and is still listened to while the next one is tried.

use crate::Error;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use underpin_core::ErrorKind;

/// An address that has not answered after this long gets company.
const STAGGER: Duration = Duration::from_millis(250);

/// What an attempt has come to.
enum Step<T> {
    Dialled(io::Result<TcpStream>),
    Entered(Result<T, Error>),
}

type Attempt<'a, T> = Pin<Box<dyn Future<Output = Step<T>> + Send + 'a>>;

/// Dials addresses in their order, runs `enter` on the sockets that come of it, and returns what succeeds first.
///
/// # Errors
/// That of the last address; at once an error that another address would not change, such as a wrong password.
///
/// # Cancel safety
/// All sockets but that of the result are closed.
pub(crate) async fn first_of<'a, T: 'a, F>(
    addresses: Vec<SocketAddr>,
    deadline: Instant,
    enter: impl Fn(TcpStream) -> F,
    unreachable: impl Fn(io::Error) -> Error,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>> + Send + 'a,
{
    let mut race = Race::new(addresses, deadline);
    let mut failure = None;
    let mut running: FuturesUnordered<Attempt<'a, T>> = FuturesUnordered::new();
    loop {
        let step = tokio::select! {
            biased;
            Some(step) = running.next() => step,
            () = sleep_until(race.next), if race.has_more() => {
                match race.start() {
                    Some(Start::Enter(socket)) => {
                        let entered = enter(socket);
                        running.push(Box::pin(async { Step::Entered(entered.await) }));
                    }
                    Some(Start::Dial(address)) => running.push(Box::pin(async move {
                        Step::Dialled(TcpStream::connect(address).await)
                    })),
                    None => {}
                }
                continue;
            }
            else => {
                let nothing = || unreachable(io::ErrorKind::AddrNotAvailable.into());
                return Err(failure.unwrap_or_else(nothing));
            }
        };
        match step {
            Step::Dialled(Ok(socket)) => race.dialled(Some(socket)),
            Step::Dialled(Err(cause)) => {
                race.dialled(None);
                note(&mut failure, unreachable(cause));
            }
            Step::Entered(Err(error)) if is_of_address(error.kind()) => {
                race.left();
                note(&mut failure, error);
            }
            Step::Entered(outcome) => return outcome,
        }
    }
}

/// Who has started, and when the next one does.
struct Race {
    /// Not dialled yet.
    waiting: VecDeque<SocketAddr>,
    /// Connected while another one was introducing us.
    connected: VecDeque<TcpStream>,
    dialling: u32,
    entering: u32,
    next: Instant,
    deadline: Instant,
}

enum Start {
    Dial(SocketAddr),
    Enter(TcpStream),
}

impl Race {
    fn new(addresses: Vec<SocketAddr>, deadline: Instant) -> Self {
        Self {
            waiting: interleaved(addresses),
            connected: VecDeque::new(),
            dialling: 0,
            entering: 0,
            next: Instant::now(),
            deadline,
        }
    }

    /// What starts next, when its time has come.
    fn start(&mut self) -> Option<Start> {
        if let Some(socket) = self.connected.pop_front() {
            self.entering += 1;
            self.next = Instant::now() + self.share();
            return Some(Start::Enter(socket));
        }
        let address = self.waiting.pop_front()?;
        self.dialling += 1;
        self.next = Instant::now() + self.share().min(STAGGER);
        Some(Start::Dial(address))
    }

    fn has_more(&self) -> bool {
        !self.waiting.is_empty() || !self.connected.is_empty()
    }

    /// An equal part of the rest of the time, for the one that starts now and those that could still do better.
    fn share(&self) -> Duration {
        let others = self.waiting.len() + self.connected.len() + self.dialling as usize;
        let rest = self.deadline.saturating_duration_since(Instant::now());
        rest / u32::try_from(others + 1).unwrap_or(u32::MAX)
    }

    /// A dialled address has answered.
    fn dialled(&mut self, socket: Option<TcpStream>) {
        self.dialling -= 1;
        self.connected.extend(socket);
        if self.entering == 0 {
            self.next = Instant::now();
        }
    }

    /// A server did not let us in.
    fn left(&mut self) {
        self.entering -= 1;
        self.next = Instant::now();
    }
}

/// Keeps why it failed: that a server is not there says more than that another one is of the wrong kind.
pub(crate) fn note(failure: &mut Option<Error>, error: Error) {
    if failure.is_none() || error.kind() != ErrorKind::ReadOnly {
        *failure = Some(error);
    }
}

/// May another address of the host do better?
fn is_of_address(kind: ErrorKind) -> bool {
    kind.is_unavailable() || matches!(kind, ErrorKind::Timeout | ErrorKind::ReadOnly)
}

/// The addresses in their order, but IPv4 and IPv6 in turn, and each only once.
fn interleaved(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (of_first, of_other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut order = VecDeque::with_capacity(of_first.len() + of_other.len());
    let (mut of_first, mut of_other) = (of_first.into_iter(), of_other.into_iter());
    loop {
        let pair = [of_first.next(), of_other.next()];
        if pair == [None; 2] {
            return order;
        }
        for address in pair.into_iter().flatten() {
            if !order.contains(&address) {
                order.push_back(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use underpin_testkit::BlackHole;

    /// What every attempt may take together; the machine may be slow.
    const DEADLINE: Duration = Duration::from_secs(20);

    fn deadline() -> Instant {
        Instant::now() + DEADLINE
    }

    fn unreachable(cause: io::Error) -> Error {
        Error::new(ErrorKind::ConnectionRefused, "nobody there").with_source(cause)
    }

    /// Reads the letter with which a server greets.
    async fn greeted(mut socket: TcpStream) -> Result<u8, Error> {
        socket.read_u8().await.map_err(Error::broken)
    }

    /// A server that greets everybody with this letter; without one it takes connections and says nothing.
    async fn server(letter: Option<u8>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::runtime::Handle::current().spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                if let Some(letter) = letter {
                    let _ = socket.write_u8(letter).await;
                }
                held.push(socket);
            }
        });
        address
    }

    fn closed() -> SocketAddr {
        "127.0.0.1:1".parse().unwrap()
    }

    #[tokio::test]
    async fn address_that_swallows_packets_does_not_keep_the_next_from_its_turn() {
        let (hole, other) = (BlackHole::dig().await, BlackHole::dig().await);
        let good = server(Some(b'a')).await;
        let addresses = vec![hole.address(), other.address(), closed(), good];
        let began = Instant::now();
        let letter = first_of(addresses, deadline(), greeted, unreachable).await;
        assert_eq!(letter.unwrap(), b'a');
        // Two of them got company after a moment; nobody waited for its end.
        assert!(began.elapsed() >= STAGGER * 2, "{:?}", began.elapsed());
        assert!(began.elapsed() < DEADLINE / 2, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn server_that_takes_the_connection_and_says_nothing_leaves_time_for_the_next() {
        let addresses = vec![server(None).await, server(Some(b'a')).await];
        let deadline = Instant::now() + Duration::from_secs(2);
        let letter = first_of(addresses, deadline, greeted, unreachable).await;
        assert_eq!(letter.unwrap(), b'a');
    }

    #[tokio::test]
    async fn first_address_is_taken_when_it_answers() {
        let addresses = vec![server(Some(b'a')).await, server(Some(b'b')).await];
        for _ in 0..20 {
            let letter = first_of(addresses.clone(), deadline(), greeted, unreachable).await;
            assert_eq!(letter.unwrap(), b'a');
        }
    }

    #[tokio::test]
    async fn what_another_address_would_not_change_is_told_at_once() {
        let addresses = vec![server(Some(b'a')).await, server(Some(b'b')).await];
        let refuse = async |_| -> Result<(), Error> {
            Err(Error::new(ErrorKind::Authentication, "wrong password"))
        };
        let error = first_of(addresses, deadline(), refuse, unreachable).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Authentication);
    }

    #[tokio::test]
    async fn when_nobody_listens_the_operating_system_says_why() {
        let error = first_of(vec![closed()], deadline(), greeted, unreachable).await;
        let error = error.unwrap_err();
        let text = underpin_core::Chain(&error).to_string();
        assert!(text.contains("refused"), "{text}");
        let none = first_of(Vec::new(), deadline(), greeted, unreachable).await;
        assert_eq!(none.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn families_take_turns_and_no_address_comes_twice() {
        let parse = |text: &str| text.parse::<SocketAddr>().unwrap();
        let [a, b, c] = ["[::1]:1", "[::2]:1", "[::3]:1"].map(parse);
        let [x, y] = ["10.0.0.1:1", "10.0.0.2:1"].map(parse);
        assert_eq!(interleaved(vec![a, b, a, c, x, y]), [a, x, b, y, c]);
        assert_eq!(interleaved(vec![x, a]), [x, a]);
        assert_eq!(interleaved(Vec::new()), []);
    }
}
