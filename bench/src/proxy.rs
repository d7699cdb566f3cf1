//! A round trip of 1 ms: a TCP proxy that holds back what the server answers.
//!
//! Threads rather than tasks: the runtime's timer counts whole milliseconds, `thread::sleep` is good to some 60 µs. The
//! line is as wide as it is long: what is sent while something else is on its way arrives that much later, not after it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const CHUNK_BYTES: usize = 64 * 1024;

/// Listens on a loopback port of its own until this process ends; returns the port.
pub fn start(upstream: (String, u16), round_trip: Duration) -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A connection that cannot be made is closed: the peer reports it.
            let Ok(server) = TcpStream::connect(&upstream) else {
                continue;
            };
            let _ = relay(client, server, round_trip);
        }
    });
    Ok(port)
}

fn relay(client: TcpStream, server: TcpStream, round_trip: Duration) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pass(from, to));
    let (due, arriving) = mpsc::channel();
    thread::spawn(move || receive(server, round_trip, &due));
    thread::spawn(move || deliver(&arriving, client));
    Ok(())
}

/// What the client sends, at once.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

/// What the server answers, with the time it is due.
fn receive(mut server: TcpStream, round_trip: Duration, due: &mpsc::Sender<(Instant, Vec<u8>)>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(length @ 1..) = server.read(&mut chunk) {
        if due
            .send((Instant::now() + round_trip, chunk[..length].to_vec()))
            .is_err()
        {
            return;
        }
    }
}

fn deliver(arriving: &mpsc::Receiver<(Instant, Vec<u8>)>, mut client: TcpStream) {
    for (due, bytes) in arriving {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if client.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
