//! Wrong usage exits 2 and says what would be right; help and version exit 0.

use crate::harness::Sandbox;

#[test]
fn an_unknown_option_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox
        .underpin(["--nope"])
        .run()
        .is(2, "", "error: unexpected argument '--nope' found\n...");
    sandbox.underpin(["verify", "--nope"]).run().is(
        2,
        "",
        "error: unexpected argument '--nope' found\n...",
    );
}

#[test]
fn an_unknown_command_names_the_nearest() {
    let sandbox = Sandbox::new();
    let expected = "error: unrecognized subcommand 'verfy'\n\n  tip: a similar subcommand exists: 'verify'\n...";
    sandbox.underpin(["verfy"]).run().is(2, "", expected);
}

#[test]
fn a_value_that_is_not_allowed_names_the_allowed_ones() {
    let expected = "error: invalid value 'mauve' for '--color <WHEN>'\n  [possible values: auto, always, never]\n...";
    Sandbox::new()
        .underpin(["verify", "--color", "mauve"])
        .run()
        .is(2, "", expected);
}

#[test]
fn help_lists_every_command() {
    let help = Sandbox::new().underpin(["--help"]).run();
    help.is(0, "...", "");
    for command in [
        "serve", "verify", "health", "migrate", "registry", "config", "db", "openapi",
    ] {
        assert!(
            help.stdout.contains(&format!("\n  {command} ")),
            "{command} is not in:\n{}",
            help.stdout
        );
    }
}

#[test]
fn the_version_is_the_package_version() {
    let expected = concat!("underpin ", env!("CARGO_PKG_VERSION"));
    Sandbox::new()
        .underpin(["--version"])
        .run()
        .is(0, expected, "");
}
