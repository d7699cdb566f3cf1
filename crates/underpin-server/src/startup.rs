//! From a process that listens to one that is ready: the migrations, as soon as the database lets them run.

use underpin_migrate::Chain;

/// The migrations of the tables that the routes read: the chain `underpin`.
///
/// # Errors
/// Never in a released program: the files are compiled in, and a test reads them.
pub fn migrations() -> Result<Chain, underpin_migrate::Error> {
    Chain::embedded("underpin", &underpin_stores::MIGRATIONS)
}
