//! Are the built-in migrations applied?

use super::MIGRATIONS;
use super::check::Check;
use underpin_pool::Options;

pub(super) async fn check(options: &Options) -> Check {
    let _ = options;
    Check::skip(MIGRATIONS, "not landed")
}
