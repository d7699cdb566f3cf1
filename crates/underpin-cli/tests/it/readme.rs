//! The README's chapter for people without Rust, word for word in an empty folder of a fresh machine.

use crate::harness::{DEADLINE, Finished, Sandbox};
use std::path::Path;

const README: &str = include_str!("../../../../README.md");
const CHAPTER: &str = "## From the command line";

/// The blocks of a chapter that a shell is to run.
fn blocks() -> Vec<&'static str> {
    let (_, chapter) = README.split_once(CHAPTER).unwrap();
    let (chapter, _) = chapter.split_once("\n## ").unwrap();
    let blocks = chapter.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("\n```").unwrap().0)
        .collect()
}

/// Runs lines as a shell does that stops at the first failure; `underpin` is the binary under test.
fn shell(sandbox: &Sandbox, lines: &str) -> Finished {
    let folder = Path::new(env!("CARGO_BIN_EXE_underpin")).parent().unwrap();
    let script = format!("PATH='{}':$PATH\nexport PATH\n{lines}\n", folder.display());
    let shell = sandbox.program(Path::new("/bin/sh"), ["-eu", "-c", &script]);
    shell.run()
}

#[test]
fn every_line_of_the_chapter_without_rust_works() {
    let sandbox = Sandbox::new();
    let blocks = blocks();
    let (last, first) = blocks.split_last().unwrap();
    for block in first {
        shell(&sandbox, block).is(0, "...", "...");
    }
    let (before, serve) = last.rsplit_once('\n').unwrap();
    shell(&sandbox, before).is(0, "...\ncom.example/notes  1.0.0  Notes for agents", "...");
    let words = serve.split('#').next().unwrap();
    let words: Vec<&str> = words.split_whitespace().collect();
    let ["underpin", arguments @ ..] = words.as_slice() else {
        panic!("the last line serves: {serve}");
    };
    let service = sandbox
        .underpin(arguments)
        .env("UNDERPIN_LISTEN", "127.0.0.1:0")
        .start();
    service.line_with("listening on http://");
    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
}

/// What the text says beside the blocks.
#[test]
fn the_chapter_tells_how_many_files_there_are_and_what_is_made() {
    let sandbox = Sandbox::new();
    let blocks = blocks();
    shell(&sandbox, blocks[0]).is(0, "...", "...");
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let tables = ["db", "psql", "--", "-Atc", tables];
    sandbox.underpin(tables).run().is(0, "notes", "...");
    let extensions = "SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'";
    let extensions = ["db", "psql", "--", "-Atc", extensions];
    sandbox.underpin(extensions).run().is(0, "0", "...");
    shell(&sandbox, blocks[1]).is(0, "...", "...");
    let files = std::fs::read_dir(sandbox.work().join("migrations")).unwrap();
    assert_eq!(files.count(), 6, "one pair, and two");
}
