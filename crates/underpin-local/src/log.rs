//! The server's log file: opened for the server, read back when it fails.

use crate::Error;
use crate::layout::{LOG, Layout};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// At a start, a log longer than this becomes `server.log.1`, replacing the one before.
const ROTATE_BYTES: u64 = 10 * 1024 * 1024;

/// What it becomes.
const OLD: &str = "server.log.1";

/// How much of the end of the log is looked at.
const TAIL_BYTES: u64 = 64 * 1024;

/// How many of the last lines an error shows.
const TAIL_LINES: usize = 12;

/// The log of one start.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    /// Where this start's lines begin.
    begin: u64,
}

impl Log {
    pub(crate) fn open(layout: &Layout) -> Result<Self, Error> {
        let mut file = layout.append(LOG)?;
        let mut begin = length(&file, layout)?;
        if begin > ROTATE_BYTES {
            let rotated = layout.folder().rename(LOG, OLD);
            rotated.map_err(|cause| Error::io("rotate", &layout.log(), cause))?;
            file = layout.append(LOG)?;
            begin = length(&file, layout)?;
        }
        Ok(Self { file, begin })
    }

    /// A handle for the server to write to.
    pub(crate) fn writer(&self) -> std::io::Result<File> {
        self.file.try_clone()
    }

    /// What the server wrote in this start; at most the last 64 KiB. Unreadable counts as silent.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        let read = || -> std::io::Result<()> {
            let mut file = &self.file;
            let end = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(
                self.begin.max(end.saturating_sub(TAIL_BYTES)),
            ))?;
            file.take(TAIL_BYTES).read_to_end(&mut text)?;
            Ok(())
        };
        let mut read = read;
        if read().is_err() {
            return String::new();
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn length(file: &File, layout: &Layout) -> Result<u64, Error> {
    let metadata = file.metadata();
    metadata
        .map(|metadata| metadata.len())
        .map_err(|cause| Error::io("read the length of", &layout.log(), cause))
}

/// The last lines, as the cause of an error.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
