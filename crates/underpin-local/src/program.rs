//! Running another program to its end, within a deadline.

use crate::wait::Deadline;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

/// For programs that only answer a question: `postgres --version`, `pg_config`, `id`, `ps`.
pub(crate) const QUESTION_DEADLINE: Duration = Duration::from_secs(10);

/// Runs a program and collects what it says; one that is not done in time is killed, and the error says so.
pub(crate) fn run(
    command: &mut Command,
    input: Option<&str>,
    within: Duration,
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
    let Some(status) = Deadline::after(within).poll(|| child.try_wait())? else {
        child.kill()?;
        child.wait()?;
        let message = format!("not done within {} s", within.as_secs());
        return Err(io::Error::new(io::ErrorKind::TimedOut, message));
    };
    let output = Output {
        status,
        stdout: text_of(stdout),
        stderr: text_of(stderr),
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

fn collect(pipe: Option<impl Read + Send + 'static>) -> io::Result<JoinHandle<Vec<u8>>> {
    std::thread::Builder::new()
        .name(String::from("underpin-local-output"))
        .spawn(move || {
            let mut text = Vec::new();
            if let Some(mut pipe) = pipe {
                // What was read until an error is kept: it is for messages.
                let _ = pipe.read_to_end(&mut text);
            }
            text
        })
}

fn text_of(reading: JoinHandle<Vec<u8>>) -> Vec<u8> {
    reading.join().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_goes_in_and_both_outputs_come_out() {
        let mut command = Command::new("sh");
        command.args(["-c", "cat; echo wrong >&2; exit 3"]);
        let output = run(&mut command, Some("right"), QUESTION_DEADLINE).unwrap();
        assert_eq!(
            (output.stdout.as_slice(), output.stderr.as_slice()),
            (&b"right"[..], &b"wrong\n"[..])
        );
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn a_program_that_hangs_is_killed_at_the_deadline() {
        let mut command = Command::new("sleep");
        let error = run(command.arg("600"), None, Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
