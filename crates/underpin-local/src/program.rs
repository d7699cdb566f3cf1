//! Other programs: finding one that may be run, and running it to its end within a deadline.

use crate::wait::Deadline;
use crate::{Error, files, places};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use underpin_core::ErrorKind;

/// For programs that only answer a question: `postgres --version`, `pg_config`, `id`, `ps`.
const QUESTION_DEADLINE: Duration = Duration::from_secs(10);

/// No program that is run here has more to say.
const OUTPUT_BYTES_MAX: u64 = 1024 * 1024;

/// How long the rest of an output may take to arrive after the program has ended: a child that it left may hold the pipe.
const REST: Duration = Duration::from_secs(1);

/// A program of `PATH`; as root only one that nobody else can exchange.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is none.
pub(crate) fn in_path(name: &str) -> Result<PathBuf, Error> {
    let mut refused = None;
    for folder in places::path_folders() {
        let program = folder.join(name);
        if files::is_program(&program) {
            if files::may_run(&program) {
                return Ok(program);
            }
            refused = refused.or(Some(program));
        }
    }
    let Some(refused) = refused else {
        let message = format!("there is no program {name} in PATH");
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    let message = format!(
        "root does not run {}, because others can exchange it",
        refused.display()
    );
    Err(Error::new(ErrorKind::NotFound, message)
        .with_hint("run underpin as an unprivileged user, or take the right to write to it and its folder away"))
}

/// A command of a program of `PATH`, in `/`: Python and others run what they find in the working folder.
pub(crate) fn named(name: &str) -> Result<Command, Error> {
    let mut command = Command::new(in_path(name)?);
    command.current_dir("/");
    Ok(command)
}

/// Runs a program that only answers a question.
pub(crate) fn ask(command: &mut Command) -> io::Result<Output> {
    run(command, None, &Deadline::after(QUESTION_DEADLINE))
}

/// Runs a program and collects what it says; one that is not done in time is killed, and the error says so.
pub(crate) fn run(
    command: &mut Command,
    input: Option<&str>,
    deadline: &Deadline,
) -> io::Result<Output> {
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Read while it runs: a full pipe would stop it.
    let (stdout, stderr) = (collect(child.stdout.take())?, collect(child.stderr.take())?);
    let fed = feed(&mut child, input);
    let Some(status) = deadline.poll(|| child.try_wait())? else {
        child.kill()?;
        child.wait()?;
        let message = format!("not done within {} s", deadline.budget.as_secs());
        return Err(io::Error::new(io::ErrorKind::TimedOut, message));
    };
    let output = Output {
        status,
        stdout: stdout.recv_timeout(REST).unwrap_or_default(),
        stderr: stderr.recv_timeout(REST).unwrap_or_default(),
    };
    // Of a program that failed its own words say more than the broken pipe.
    if status.success() {
        fed.map(|()| output)
    } else {
        Ok(output)
    }
}

/// Inputs are shorter than a pipe holds, so writing one never waits.
fn feed(child: &mut Child, input: Option<&str>) -> io::Result<()> {
    match (child.stdin.take(), input) {
        (Some(mut stdin), Some(input)) => stdin.write_all(input.as_bytes()),
        _ => Ok(()),
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = sync_channel(1);
    let read = move || {
        let mut text = Vec::new();
        if let Some(pipe) = pipe {
            // What was read until an error is kept: it is for messages.
            let _ = pipe.take(OUTPUT_BYTES_MAX).read_to_end(&mut text);
        }
        // Nobody waits for what comes too late.
        let _ = sender.send(text);
    };
    std::thread::Builder::new()
        .name(String::from("underpin-local-output"))
        .spawn(read)?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_goes_in_and_both_outputs_come_out() {
        let mut command = Command::new("sh");
        command.args(["-c", "cat; echo wrong >&2; exit 3"]);
        let output = run(
            &mut command,
            Some("right"),
            &Deadline::after(QUESTION_DEADLINE),
        )
        .unwrap();
        assert_eq!(
            (output.stdout.as_slice(), output.stderr.as_slice()),
            (&b"right"[..], &b"wrong\n"[..])
        );
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn a_child_that_holds_the_output_open_is_not_waited_for() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 30 & echo done"]);
        let begun = std::time::Instant::now();
        let output = ask(&mut command).unwrap();
        assert!(output.status.success());
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_hangs_is_killed_at_the_deadline() {
        let mut command = Command::new("sleep");
        let error = run(
            command.arg("600"),
            None,
            &Deadline::after(Duration::from_millis(50)),
        )
        .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
