//! `cargo xtask bench derive`: how long the compiler takes for 50 models, and for the same as entities of sea-orm.

use super::median;
use crate::shell;
use anyhow::Context;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const MODELS: usize = 50;
/// What is printed is their median.
const ROUNDS: usize = 3;

/// A crate that is made of one source, repeated.
struct Subject {
    name: &'static str,
    source: &'static str,
    dependencies: &'static str,
    /// With the functions that use the model, or the bare declarations?
    used: bool,
}

const UNDERPIN: &str = include_str!("../../../bench/derive/underpin.rs");
const UNDERPIN_DEPENDENCIES: &str = r#"
underpin-model = { path = "../../../../crates/underpin-model" }
underpin-pool = { path = "../../../../crates/underpin-pool" }
serde_json = "1.0"
"#;

const SEA_ORM: &str = include_str!("../../../bench/derive/sea_orm.rs");
/// As in `bench/Cargo.toml`, from whose lock file the versions come.
const SEA_ORM_DEPENDENCIES: &str = r#"
sea-orm = { version = "2.0", default-features = false, features = ["macros", "postgres-array", "runtime-tokio", "sqlx-postgres", "with-chrono", "with-json", "with-uuid"] }
"#;

const SUBJECTS: [Subject; 4] = [
    Subject {
        name: "underpin-declared",
        source: UNDERPIN,
        dependencies: UNDERPIN_DEPENDENCIES,
        used: false,
    },
    Subject {
        name: "sea-orm-declared",
        source: SEA_ORM,
        dependencies: SEA_ORM_DEPENDENCIES,
        used: false,
    },
    Subject {
        name: "underpin-used",
        source: UNDERPIN,
        dependencies: UNDERPIN_DEPENDENCIES,
        used: true,
    },
    Subject {
        name: "sea-orm-used",
        source: SEA_ORM,
        dependencies: SEA_ORM_DEPENDENCIES,
        used: true,
    },
];

/// Makes the crates, builds what they depend on, then builds each crate alone, in turns.
pub(super) fn run() -> anyhow::Result<()> {
    let folder = shell::root().join("bench/target/derive");
    write_workspace(&folder)?;
    for subject in &SUBJECTS {
        shell::run(cargo(&folder, "build", subject.name).arg("--quiet"))?;
    }
    let mut times = SUBJECTS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (subject, times) in SUBJECTS.iter().zip(&mut times) {
            times.push(build(&folder, subject)?);
        }
    }
    shell::say(format_args!(
        "{MODELS} models of 16 columns, `cargo build`, dependencies built before, median of {ROUNDS}: time, processor time"
    ));
    for (subject, times) in SUBJECTS.iter().zip(times) {
        let (elapsed, cpu): (Vec<_>, Vec<_>) = times.into_iter().unzip();
        shell::say(format_args!(
            "  {:<18} {:6.2} s {:6.2} s",
            subject.name,
            median(elapsed).as_secs_f64(),
            median(cpu).as_secs_f64()
        ));
    }
    Ok(())
}

fn write_workspace(folder: &Path) -> anyhow::Result<()> {
    let members: Vec<&str> = SUBJECTS.iter().map(|subject| subject.name).collect();
    write(
        &folder.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"),
    )?;
    fs::copy(
        shell::root().join("bench/Cargo.lock"),
        folder.join("Cargo.lock"),
    )
    .context("could not copy bench/Cargo.lock")?;
    for subject in &SUBJECTS {
        let Subject {
            name, dependencies, ..
        } = subject;
        let member = folder.join(name);
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]{dependencies}"
        );
        write(&member.join("Cargo.toml"), &manifest)?;
        let modules: Vec<String> = (0..MODELS)
            .map(|number| format!("pub mod m{number};\n"))
            .collect();
        // The declarations alone do not need all that the functions need.
        let root = format!("#![allow(unused_imports)]\n{}", modules.concat());
        write(&member.join("src/lib.rs"), &root)?;
        for number in 0..MODELS {
            let path = member.join(format!("src/m{number}.rs"));
            write(&path, &subject.module(number))?;
        }
    }
    Ok(())
}

impl Subject {
    /// Each model refers to the one before it, the first one to itself.
    fn module(&self, number: usize) -> String {
        let (declared, _) = self
            .source
            .split_once("// USED")
            .unwrap_or((self.source, ""));
        let text = if self.used { self.source } else { declared };
        let parent = format!("crate::m{}", number.saturating_sub(1));
        text.replace("TABLE", &format!("things_{number}"))
            .replace("PARENT", &parent)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("could not write {}", path.display()))
}

/// Builds one crate anew; returns the time and the processor time.
fn build(folder: &Path, subject: &Subject) -> anyhow::Result<(Duration, Duration)> {
    shell::run(cargo(folder, "clean", subject.name).arg("--quiet"))?;
    let (start, cpu) = (Instant::now(), cpu_of_children()?);
    shell::run(cargo(folder, "build", subject.name).arg("--quiet"))?;
    Ok((start.elapsed(), cpu_of_children()?.saturating_sub(cpu)))
}

fn cargo(folder: &Path, verb: &str, package: &str) -> Command {
    let mut command = shell::cargo([verb, "--package", package, "--target-dir", "target"]);
    command.current_dir(folder);
    command
}

/// Processor time of the children of this process that have ended, theirs included: a machine that is busy with something
/// else changes it less than the time by the clock.
fn cpu_of_children() -> anyhow::Result<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let stat =
        fs::read_to_string("/proc/self/stat").context("processor time is read from /proc")?;
    // The name of the program, in parentheses, may contain spaces.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(13).take(2);
    let ticks: u32 = fields.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}
