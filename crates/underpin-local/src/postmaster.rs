//! `postmaster.pid`: what the running server says about itself.

use crate::Error;
use crate::files::Folder;
use crate::layout::Layout;
use crate::process;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::path::PathBuf;

/// The file, in the data folder.
const FILE: &str = "postmaster.pid";

/// The lines of `postmaster.pid`, in PostgreSQL's order (`miscadmin.h`, unchanged from 10 to 18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: Pid,
    /// Seconds since 1970, by the server's clock.
    pub(crate) started: i64,
    pub(crate) port: u16,
    pub(crate) socket_dir: Option<PathBuf>,
    pub(crate) listens_on: Option<String>,
    pub(crate) state: State,
}

/// The last line. `Stopping` may go back to nothing only: the file disappears with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Reading settings, recovering.
    Starting,
    /// Accepts connections.
    Ready,
    /// A standby that accepts read-only connections, or none.
    Standby,
    /// Shutting down.
    Stopping,
}

impl Postmaster {
    /// The server that runs on the data folder now. A file left behind by a server that is gone counts as none.
    pub(crate) fn running(layout: &Layout) -> Result<Option<Self>, Error> {
        let Some(data) = layout.data_folder()? else {
            return Ok(None);
        };
        let said = read(&data)?.as_deref().and_then(parse);
        Ok(said.filter(|postmaster| process::is_postmaster_of(postmaster.pid, &data)))
    }

    /// Is this very server still there?
    pub(crate) fn is_alive(&self, layout: &Layout) -> Result<bool, Error> {
        let data = layout.data_folder()?;
        Ok(data.is_some_and(|data| process::is_postmaster_of(self.pid, &data)))
    }

    /// Is there a file, whether or not its server runs?
    pub(crate) fn is_left_behind(layout: &Layout) -> Result<bool, Error> {
        match layout.data_folder()? {
            Some(data) => Ok(read(&data)?.is_some()),
            None => Ok(false),
        }
    }

    /// Is there a file without a process number in it? A server writes it right after making the file.
    pub(crate) fn is_being_written(layout: &Layout) -> Result<bool, Error> {
        let text = match layout.data_folder()? {
            Some(data) => read(&data)?,
            None => None,
        };
        Ok(text.is_some_and(|text| first_number(&text).is_none()))
    }
}

/// Lets a new server start although the number in the file belongs to a living stranger, or to a zombie.
///
/// PostgreSQL refuses to start when a process of that number lives. Deleting the file would also throw away the number of
/// the shared memory, by which PostgreSQL notices that processes of the old server are still at work. So only the process
/// number is replaced, by our own: PostgreSQL takes its parent's number for stale and still looks at the shared memory.
///
/// A file without a number, as a power failure may leave it, is removed: PostgreSQL would refuse it for ever.
pub(crate) fn disown_stale_file(layout: &Layout) -> Result<(), Error> {
    let Some(data) = layout.data_folder()? else {
        return Ok(());
    };
    let Some(text) = read(&data)? else {
        return Ok(());
    };
    let path = data.path().join(FILE);
    let Some(number) = first_number(&text) else {
        return data
            .remove(FILE)
            .map_err(|cause| Error::io("remove the empty", &path, cause));
    };
    let lives = Pid::from_raw(number).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH));
    if !lives {
        return Ok(());
    }
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    let disowned = format!("{}\n{rest}", std::process::id());
    // In place, not by renaming: the file keeps its owner.
    data.overwrite(FILE, &disowned)
        .map_err(|cause| Error::io("correct the stale", &path, cause))
}

fn read(data: &Folder) -> Result<Option<String>, Error> {
    let path = || data.path().join(FILE);
    data.read(FILE)
        .map_err(|cause| Error::io("read", &path(), cause))
}

/// The process number. That of a single-user process is written as a negative one.
fn first_number(text: &str) -> Option<i32> {
    let number: i32 = text.lines().next()?.trim().parse().ok()?;
    number.checked_abs().filter(|number| *number > 0)
}

fn parse(text: &str) -> Option<Postmaster> {
    let mut lines = text.lines();
    // Negative is the number of a single-user process, which serves nobody.
    let pid = lines
        .next()?
        .trim()
        .parse()
        .ok()
        .filter(|pid| *pid > 0)
        .and_then(Pid::from_raw)?;
    let mut lines = lines.skip(1);
    let started = lines.next()?.trim().parse().ok()?;
    let port = lines.next()?.trim().parse().ok()?;
    let mut filled = || {
        lines
            .next()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(String::from)
    };
    let socket_dir = filled().map(PathBuf::from);
    let listens_on = filled();
    let _shared_memory = filled();
    let state = match filled().as_deref() {
        Some("ready") => State::Ready,
        Some("standby") => State::Standby,
        Some("stopping") => State::Stopping,
        _ => State::Starting,
    };
    Some(Postmaster {
        pid,
        started,
        port,
        socket_dir,
        listens_on,
        state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_read() {
        let text = "4711\n/tmp/with space/data\n1763683200\n5433\n/tmp/with space/socket\n127.0.0.1\n  1234567   42\nready   \n";
        let expected = Postmaster {
            pid: Pid::from_raw(4711).unwrap(),
            started: 1_763_683_200,
            port: 5433,
            socket_dir: Some(PathBuf::from("/tmp/with space/socket")),
            listens_on: Some(String::from("127.0.0.1")),
            state: State::Ready,
        };
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn a_file_that_is_being_written_or_has_no_positive_number_is_no_server() {
        for text in [
            "",
            "\n",
            "4711\n",
            "4711\n/data\n",
            "garbage\n/data\n1\n5433\n",
            "0\n/data\n1\n5433\n",
            "-4711\n/data\n1\n5433\n",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        let early = parse("4711\n/data\n1\n5433\n").unwrap();
        assert_eq!((early.state, early.socket_dir), (State::Starting, None));
    }
}
