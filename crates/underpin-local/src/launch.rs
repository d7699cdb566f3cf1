//! Starting the server and waiting until it says that it is ready.

use crate::error::{DISK_FULL_HINT, READ_ONLY_HINT};
use crate::layout::Layout;
use crate::log::{self, Log};
use crate::postmaster::{Postmaster, State, disown_stale_file};
use crate::record::Record;
use crate::start::Chosen;
use crate::wait::Deadline;
use crate::{Error, socket};
use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;
use underpin_core::ErrorKind;

/// How many ports are tried when others keep winning the race for them.
const PORT_ATTEMPTS: usize = 8;

/// Below this, an unexplained failure is explained by the disk.
const DISK_FULL_BYTES: u64 = 24 * 1024 * 1024;

/// How long a server that is ended in the middle of its start may take for it.
const END_DEADLINE: Duration = Duration::from_secs(5);

/// How one attempt ended.
enum Attempt {
    Ready(Postmaster),
    /// Someone else took the port between choosing and binding it.
    PortTaken(Error),
    /// Backends of a server that was killed are still at work; they notice soon.
    StillInUse(Error),
}

/// Starts a server on a cluster that has none. The start lock is held.
pub(crate) fn launch(chosen: &Chosen<'_>) -> Result<Postmaster, Error> {
    disown_stale_file(chosen.layout)?;
    let mut port = socket::free_port(Record::read(chosen.layout)?.map(|record| record.port))?;
    let mut ports_lost = 0;
    loop {
        let failure = match attempt(chosen, port)? {
            Attempt::Ready(postmaster) => return Ok(postmaster),
            Attempt::PortTaken(error) => {
                ports_lost += 1;
                port = socket::free_port(None)?;
                error
            }
            Attempt::StillInUse(error) => {
                let pause = Deadline::after(Duration::from_millis(100));
                pause.poll(|| Ok::<_, Error>(None::<()>))?;
                error
            }
        };
        if ports_lost >= PORT_ATTEMPTS || chosen.deadline.passed() {
            return Err(failure);
        }
    }
}

fn attempt(chosen: &Chosen<'_>, port: u16) -> Result<Attempt, Error> {
    let log = Log::open(chosen.layout)?;
    let mut child = spawn(chosen, port, &log)?;
    let mut recorded = false;
    let ended = chosen.deadline.poll(|| {
        if let Some(postmaster) =
            Postmaster::running(chosen.layout)?.filter(|found| is_child(found, &child))
        {
            if !recorded {
                // Before it is ready: if this process dies now, the next one knows whose server it is.
                record(chosen, &postmaster)?;
                recorded = true;
            }
            if matches!(postmaster.state, State::Ready | State::Standby) {
                return Ok(Some(Ok(postmaster)));
            }
        }
        child
            .try_wait()
            .map(|status| status.map(Err))
            .map_err(|cause| {
                Error::new(ErrorKind::Io, "could not wait for the server").with_source(cause)
            })
    });
    match ended {
        Ok(Some(Ok(postmaster))) => {
            reap(child);
            Ok(Attempt::Ready(postmaster))
        }
        Ok(Some(Err(status))) => classify(chosen.layout, status, &log.text()),
        Ok(None) if chosen.deadline.is_interrupted() => {
            end(child);
            Err(not_ready_in_time(chosen, &log.text()))
        }
        Ok(None) => {
            // Recovery after a crash may be long. It goes on: the next start finds it further on.
            reap(child);
            Err(not_ready_in_time(chosen, &log.text()))
        }
        Err(error) => {
            // Without a record the server would be a stranger to the next start.
            let _ = child.kill();
            reap(child);
            Err(error)
        }
    }
}

fn spawn(chosen: &Chosen<'_>, port: u16, log: &Log) -> Result<Child, Error> {
    let program = chosen.binaries.program("postgres");
    let socket_dir = socket::folder(chosen.layout, &chosen.account)?;
    let writer = || {
        log.writer()
            .map_err(|cause| Error::io("share", &chosen.layout.log(), cause))
    };
    let mut command = chosen.account.command(&program);
    command.arg("-D").arg(chosen.layout.data());
    command.args([
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        &format!("port={port}"),
    ]);
    command.args([
        "-c",
        &format!(
            "unix_socket_directories={}",
            socket::as_setting(socket_dir.as_deref())
        ),
    ]);
    // The log goes to our file, in English, whatever the configuration file says: it is read back when a start fails.
    command.args([
        "-c",
        "log_destination=stderr",
        "-c",
        "logging_collector=off",
        "-c",
        "lc_messages=C",
    ]);
    for (name, value) in &chosen.settings.server {
        command.args(["-c", &format!("{name}={value}")]);
    }
    command
        .stdin(Stdio::null())
        .stdout(writer()?)
        .stderr(writer()?);
    command
        .spawn()
        .map_err(|cause| Error::io("run", &program, cause))
}

fn is_child(postmaster: &Postmaster, child: &Child) -> bool {
    u32::try_from(postmaster.pid.as_raw_nonzero().get()) == Ok(child.id())
}

/// Ends a server that nobody has used yet: at once, as it recovers at the next start anyway.
fn end(mut child: Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // Not yet waited for, so the number is still the child's.
    let told = pid.map(|pid| kill_process(pid, Signal::QUIT));
    let ended = Deadline::after(END_DEADLINE).poll(|| child.try_wait());
    if !matches!((told, ended), (Some(Ok(())), Ok(Some(_)))) {
        let _ = child.kill();
        reap(child);
    }
}

/// Waits for the server's end in a thread of its own. A dead child that nobody waits for stays a zombie, which a later start
/// would have to tell from a running server.
fn reap(mut child: Child) {
    let wait = move || {
        // The status is in the log; here only the zombie matters.
        let _ = child.wait();
    };
    if let Err(cause) = std::thread::Builder::new()
        .name(String::from("underpin-local-reaper"))
        .spawn(wait)
    {
        tracing::warn!(%cause, "no thread to wait for the server's end");
    }
}

fn record(chosen: &Chosen<'_>, postmaster: &Postmaster) -> Result<(), Error> {
    let record = Record {
        pid: postmaster.pid.as_raw_nonzero().get(),
        started: postmaster.started,
        port: postmaster.port,
        lifetime: chosen.settings.lifetime,
        binaries: chosen.binaries.folder().to_path_buf(),
        version: String::from(chosen.binaries.version()),
        run_as: chosen.account.name().map(String::from),
        starter: std::process::id(),
    };
    record.write(chosen.layout)
}

/// The server ended before it was ready: why, and is it worth another try?
fn classify(layout: &Layout, status: ExitStatus, said: &str) -> Result<Attempt, Error> {
    let data = layout.data();
    let failed = |kind, message: String| {
        Error::new(kind, message)
            .with_hint(format!("the server's log is {}", layout.log().display()))
            .with_source(io::Error::other(log::tail(said)))
    };
    if said.contains("Address already in use") {
        return Ok(Attempt::PortTaken(failed(
            ErrorKind::OutOfResources,
            format!("{PORT_ATTEMPTS} loopback ports in a row were taken by others"),
        )));
    }
    if said.contains("pre-existing shared memory block") {
        let message = format!(
            "processes of a server that was killed are still at work on {}",
            data.display()
        );
        return Ok(Attempt::StillInUse(failed(
            ErrorKind::ServerNotReady,
            message,
        )));
    }
    let at = format!("PostgreSQL did not start on {}", data.display());
    if said.contains("No space left on device")
        || (said.is_empty() && free_bytes(layout).is_some_and(|free| free < DISK_FULL_BYTES))
    {
        return Err(
            failed(ErrorKind::OutOfResources, format!("{at}: the disk is full"))
                .with_hint(DISK_FULL_HINT),
        );
    }
    if said.contains("Read-only file system") {
        return Err(
            failed(ErrorKind::Io, format!("{at}: the file system is read-only"))
                .with_hint(READ_ONLY_HINT),
        );
    }
    Err(failed(ErrorKind::Internal, format!("{at} ({status})")))
}

fn not_ready_in_time(chosen: &Chosen<'_>, said: &str) -> Error {
    let layout = chosen.layout;
    let message = format!(
        "PostgreSQL on {} was not ready within {} s",
        layout.data().display(),
        chosen.deadline.budget.as_secs()
    );
    Error::new(ErrorKind::Timeout, message)
        .with_hint(format!(
            "it goes on starting, recovery may take long: look at {} and try again",
            layout.log().display()
        ))
        .with_source(io::Error::other(log::tail(said)))
}

fn free_bytes(layout: &Layout) -> Option<u64> {
    layout.folder().free_bytes()
}
