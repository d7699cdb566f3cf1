//! Where documents come from: files, folders, standard input. Bounded reads, clear refusals.

use crate::Error;
use crate::registry::fault::Fault;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

/// The largest file, in bytes. The official registry's complete list fits.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// A file with more places that are no UTF-8 is no text.
const BROKEN_MAX: usize = 10_000;
/// Folders below folders.
const DEPTH_MAX: usize = 32;
/// Files of one folder, all levels.
const FILES_MAX: usize = 200_000;

/// A text and the name it is reported under.
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) name: String,
    /// What was read, or why it could not be. Bytes that are no UTF-8 are replaced in it.
    pub(crate) text: Result<String, Fault>,
    /// Where they were.
    pub(crate) broken: Vec<Broken>,
}

/// Bytes that are no UTF-8.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Broken {
    /// Their place in the text.
    pub(crate) at: usize,
    /// Their place in what was read.
    byte: usize,
}

impl Source {
    /// A text that is there already.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let (text, broken) = decode(bytes);
        Self {
            name: name.into(),
            text,
            broken,
        }
    }

    /// Reads to the end, or to [`FILE_BYTES_MAX`]. Trouble is kept, and reported as a fault of this source.
    pub fn from_reader(name: impl Into<String>, reader: impl Read) -> Self {
        let mut bytes = Vec::new();
        match reader.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes) {
            Err(error) => Self::unreadable(name.into(), unreadable(&error)),
            Ok(_) if bytes.len() as u64 > FILE_BYTES_MAX => {
                Self::unreadable(name.into(), too_large())
            }
            Ok(_) => Self::from_bytes(name, bytes),
        }
    }

    fn unreadable(name: String, fault: Fault) -> Self {
        Self {
            name,
            text: Err(fault),
            broken: Vec::new(),
        }
    }

    /// The fault of bytes that are no UTF-8.
    pub(crate) fn fault(&self, broken: Broken) -> Fault {
        let before = self.text.as_deref().unwrap_or_default().get(..broken.at);
        let lines = before.unwrap_or_default().matches('\n').count();
        not_utf8(broken.byte, lines + 1)
    }

    /// Reads a file. A file that is too large is not read at all.
    #[must_use]
    pub fn from_file(path: &Path) -> Self {
        let name = path.display().to_string();
        let open = || -> io::Result<(File, u64)> {
            let file = File::open(path)?;
            let bytes = file.metadata()?.len();
            Ok((file, bytes))
        };
        match open() {
            Err(error) => Self::unreadable(name, unreadable(&error)),
            Ok((_, bytes)) if bytes > FILE_BYTES_MAX => Self::unreadable(name, too_large()),
            Ok((file, _)) => Self::from_reader(name, file),
        }
    }
}

/// The text, and where bytes of it had to be replaced: they spoil the document that they are in, and no other.
fn decode(mut bytes: Vec<u8>) -> (Result<String, Fault>, Vec<Broken>) {
    // Some editors begin a file with a byte order mark; JSON has no use for it.
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3).len()
    } else {
        0
    };
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (Ok(text), Vec::new()),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut broken = Vec::new();
    let mut byte = mark;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        byte += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            if broken.len() == BROKEN_MAX {
                let lines = text.matches('\n').count();
                return (Err(not_utf8(byte, lines + 1)), Vec::new());
            }
            broken.push(Broken {
                at: text.len(),
                byte,
            });
            text.push(char::REPLACEMENT_CHARACTER);
            byte += chunk.invalid().len();
        }
    }
    (Ok(text), broken)
}

fn not_utf8(byte: usize, line: usize) -> Fault {
    let message = format!("invalid UTF-8 at byte {byte}, line {line}");
    Fault::new("", "utf-8", message)
}

fn too_large() -> Fault {
    let mebibytes = FILE_BYTES_MAX / 1024 / 1024;
    Fault::new(
        "",
        "size",
        format!("has more than {mebibytes} MiB; split it into several files"),
    )
}

fn unreadable(error: &io::Error) -> Fault {
    Fault::new("", "io", format!("could not be read: {error}"))
}

/// The files that a path stands for: itself, or the `*.json` below a folder, sorted by path.
///
/// Hidden files and folders and links to folders are passed over.
///
/// # Errors
/// `InvalidInput` when there is nothing at the path or no file in the folder; `Io` when a folder cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let metadata = fs::metadata(path).map_err(|error| {
        let kind = if error.kind() == io::ErrorKind::NotFound {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::Io
        };
        Error::new(kind, format!("could not read {}", path.display())).with_source(error)
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, 0, &mut found)?;
    if found.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{} has no .json file", path.display()),
        ));
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unread = |error: io::Error| {
        Error::new(
            ErrorKind::Io,
            format!("could not read the folder {}", folder.display()),
        )
        .with_source(error)
    };
    let refused = |what: String| {
        Err(Error::new(ErrorKind::InvalidInput, what).with_hint("import its parts one by one"))
    };
    if depth > DEPTH_MAX {
        return refused(format!(
            "{} is nested deeper than {DEPTH_MAX} folders",
            folder.display()
        ));
    }
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(unread)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_hidden {
            continue;
        }
        if kind.is_dir() {
            walk(&path, depth + 1, found)?;
        } else if is_json && path.is_file() {
            if found.len() == FILES_MAX {
                return refused(format!(
                    "{} has more than {FILES_MAX} files",
                    folder.display()
                ));
            }
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf8_says_where() {
        let source = Source::from_bytes("x", b"{\n\"a\":\"\xff\"}".to_vec());
        assert_eq!(
            source.fault(source.broken[0]).message,
            "invalid UTF-8 at byte 7, line 2"
        );
        let source = Source::from_bytes("x", b"\xef\xbb\xbf\xff\n\xf0\x9f{}".to_vec());
        assert_eq!(source.text.as_deref().unwrap(), "\u{fffd}\n\u{fffd}{}");
        assert_eq!(
            source.fault(source.broken[1]).message,
            "invalid UTF-8 at byte 5, line 2"
        );
    }

    #[test]
    fn what_is_no_text_at_all_is_one_fault() {
        let source = Source::from_bytes("x", vec![0xff; BROKEN_MAX + 1]);
        assert_eq!(source.text.unwrap_err().rule, "utf-8");
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(
            Source::from_bytes("x", b"\xef\xbb\xbf{}".to_vec())
                .text
                .unwrap(),
            "{}"
        );
    }

    #[test]
    fn an_endless_reader_is_bounded() {
        let fault = Source::from_reader("x", io::repeat(b' ')).text.unwrap_err();
        assert_eq!(fault.rule, "size");
    }

    #[test]
    fn a_folder_gives_its_json_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert!(
            files(path)
                .unwrap_err()
                .to_string()
                .ends_with("has no .json file")
        );
        fs::create_dir_all(path.join("b/.git")).unwrap();
        for name in [
            "z.json",
            "b/a.JSON",
            "b/.git/x.json",
            "b/readme.md",
            ".hidden.json",
        ] {
            fs::write(path.join(name), "{}").unwrap();
        }
        assert_eq!(
            files(path).unwrap(),
            [path.join("b/a.JSON"), path.join("z.json")]
        );
        assert_eq!(
            files(&path.join("missing")).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
}
