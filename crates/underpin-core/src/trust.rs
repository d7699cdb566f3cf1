//! Who else can change what a path leads to.
//!
//! Root must not run a program, or believe a settings file, that another user can exchange: that user would be root. The
//! rules are those of ssh and sudo. [`check`] walks the path from `/`, links included; each folder, link and file on the way
//! must belong to root or to this process's own user, and nobody else may write to it. In a folder with the sticky bit, such
//! as `/tmp`, others can add names but not exchange those of somebody else, so it may be passed.

use rustix::process::geteuid;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::{fmt, fs, io};

/// A path of more links than this is a loop.
const LINKS_MAX: usize = 40;

const ROOT: u32 = 0;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// Why a path cannot be trusted: who can change which part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    part: PathBuf,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    Owner(u32),
    Group(u32),
    Everybody,
    TooManyLinks,
}

impl Distrust {
    /// The file, folder or link that somebody else can change.
    #[must_use]
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// The command that takes the right to change it away.
    #[must_use]
    pub fn remedy(&self) -> String {
        let part = self.part.display();
        match self.why {
            Why::Owner(_) => format!("chown -h root '{part}'"),
            Why::Group(_) | Why::Everybody => format!("chmod go-w '{part}'"),
            Why::TooManyLinks => format!("ls -l '{part}'"),
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.display();
        match self.why {
            Why::Owner(uid) => write!(f, "{part} belongs to user {uid}"),
            Why::Group(gid) => write!(f, "group {gid} may write to {part}"),
            Why::Everybody => write!(f, "everybody may write to {part}"),
            Why::TooManyLinks => write!(f, "{part} leads through more than {LINKS_MAX} links"),
        }
    }
}

/// Does this process run as root, so that [`check`] matters?
#[must_use]
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Finds out whether anybody but root and this process's own user can change what `path` leads to.
///
/// # Errors
/// What the file system says when a part of the path is missing or may not be looked at.
///
/// # Example
/// ```
/// use std::path::Path;
/// use underpin_core::trust;
///
/// assert_eq!(trust::check(Path::new("/"))?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn check(path: &Path) -> io::Result<Option<Distrust>> {
    walk(path, &[ROOT, geteuid().as_raw()], doubt)
}

/// Finds out whether anybody but root and this process's own user could have put a link on the way to `path`.
///
/// That is less than [`check`] asks: root may write a file into the folder of another user, but must not be led elsewhere.
///
/// # Errors
/// Those of [`check`].
pub fn check_links(path: &Path) -> io::Result<Option<Distrust>> {
    walk(path, &[ROOT, geteuid().as_raw()], doubt_of_link)
}

/// What may be wrong with a part of the path: itself, the folder that it is in, and whether the path goes on from it.
type Doubt = fn(&fs::Metadata, Option<&fs::Metadata>, bool, &[u32]) -> Option<Why>;

fn walk(path: &Path, trusted: &[u32], doubt: Doubt) -> io::Result<Option<Distrust>> {
    let mut ahead: VecDeque<OsString> = parts(&std::path::absolute(path)?).collect();
    let mut here = PathBuf::new();
    let mut links = 0;
    while let Some(part) = ahead.pop_front() {
        if part == ".." {
            here.pop();
            continue;
        }
        let place = here.join(&part);
        let metadata = fs::symlink_metadata(&place)?;
        let passed = metadata.is_dir() && !ahead.is_empty();
        let folder = (part != "/")
            .then(|| fs::symlink_metadata(&here))
            .transpose()?;
        if let Some(why) = doubt(&metadata, folder.as_ref(), passed, trusted) {
            return Ok(Some(Distrust { part: place, why }));
        }
        if !metadata.is_symlink() {
            here = place;
            continue;
        }
        links += 1;
        if links > LINKS_MAX {
            let why = Why::TooManyLinks;
            return Ok(Some(Distrust { part: place, why }));
        }
        let target = fs::read_link(&place)?;
        if target.is_absolute() {
            here = PathBuf::new();
        }
        for part in parts(&target).rev() {
            ahead.push_front(part);
        }
    }
    Ok(None)
}

/// `/`, `..` and the names of a path.
fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    let kept = path
        .components()
        .filter(|part| !matches!(part, Component::CurDir));
    kept.map(|part| part.as_os_str().to_owned())
}

fn doubt_of_link(
    metadata: &fs::Metadata,
    folder: Option<&fs::Metadata>,
    _passed: bool,
    trusted: &[u32],
) -> Option<Why> {
    let folder = folder.filter(|_| metadata.is_symlink())?;
    if !trusted.contains(&metadata.uid()) {
        return Some(Why::Owner(metadata.uid()));
    }
    doubt(folder, None, true, trusted)
}

fn doubt(
    metadata: &fs::Metadata,
    _folder: Option<&fs::Metadata>,
    passed: bool,
    trusted: &[u32],
) -> Option<Why> {
    if !trusted.contains(&metadata.uid()) {
        return Some(Why::Owner(metadata.uid()));
    }
    let mode = metadata.mode();
    // The mode of a link says nothing, and nobody can exchange a name of ours in a sticky folder.
    if metadata.is_symlink() || (passed && mode & STICKY != 0) {
        return None;
    }
    if mode & OTHERS_WRITE != 0 {
        return Some(Why::Everybody);
    }
    // Whoever is in the group of root is root's equal already.
    (mode & GROUP_WRITES != 0 && metadata.gid() != ROOT).then(|| Why::Group(metadata.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A file in a folder in a folder, all ours alone.
    fn placed() -> (tempfile::TempDir, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let file = inner.join("file");
        fs::write(&file, "").unwrap();
        set_mode(&inner, 0o755);
        set_mode(&file, 0o644);
        (outer, file)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn doubted(path: &Path) -> Option<PathBuf> {
        check(path).unwrap().map(|found| found.part)
    }

    #[test]
    fn a_file_of_our_own_in_a_sticky_folder_of_everybody_is_trusted() {
        let (outer, file) = placed();
        assert_eq!(doubted(&file), None);
        set_mode(outer.path(), 0o1777);
        assert_eq!(doubted(&file), None);
        set_mode(outer.path(), 0o777);
        assert_eq!(doubted(&file).as_deref(), Some(outer.path()));
        set_mode(outer.path(), 0o755);
        // The folder itself, asked for by name, is one in which others add names.
        set_mode(file.parent().unwrap(), 0o1777);
        assert_eq!(doubted(file.parent().unwrap()).as_deref(), file.parent());
    }

    #[test]
    fn a_file_that_others_may_write_to_is_not_trusted() {
        let (_outer, file) = placed();
        set_mode(&file, 0o646);
        assert_eq!(doubted(&file).as_deref(), Some(&*file));
        set_mode(&file, 0o664);
        let group = file.metadata().unwrap().gid();
        assert_eq!(doubted(&file).is_some(), group != ROOT);
    }

    #[test]
    fn what_belongs_to_a_stranger_is_not_trusted_and_the_remedy_names_it() {
        let (_outer, file) = placed();
        let ours = file.metadata().unwrap().uid();
        assert_eq!(walk(&file, &[ROOT, ours], doubt).unwrap(), None);
        let found = walk(&file, &[ours + 1], doubt).unwrap().unwrap();
        assert_eq!(found.part(), Path::new("/"));
        assert_eq!(found.to_string(), "/ belongs to user 0");
        assert_eq!(found.remedy(), "chown -h root '/'");
    }

    #[test]
    fn links_are_followed_and_every_folder_on_the_way_is_looked_at() {
        let (outer, file) = placed();
        let second = tempfile::tempdir().unwrap();
        set_mode(second.path(), 0o755);
        let link = second.path().join("link");
        symlink(&file, &link).unwrap();
        let relative = second.path().join("relative");
        symlink("./link", &relative).unwrap();
        assert_eq!(doubted(&relative), None);
        set_mode(outer.path(), 0o777);
        assert_eq!(doubted(&relative).as_deref(), Some(outer.path()));
        set_mode(outer.path(), 0o755);
        set_mode(second.path(), 0o777);
        assert_eq!(doubted(&relative).as_deref(), Some(second.path()));
    }

    #[test]
    fn a_loop_of_links_ends_and_a_missing_file_is_an_error() {
        let (outer, file) = placed();
        let link = outer.path().join("loop");
        symlink("loop", &link).unwrap();
        assert_eq!(check(&link).unwrap().unwrap().why, Why::TooManyLinks);
        let missing = check(&file.with_file_name("missing")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
