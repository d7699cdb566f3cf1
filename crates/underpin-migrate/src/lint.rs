//! Lint: what is unsafe in a migration, why, and the form to use instead.
//!
//! The static layer reads the SQL alone: squawk's linter is the floor, our rules stand on top. With [`Facts`] of a
//! database the live layer weighs each finding by the table it is about: an index on 500 rows may be built at noon. With
//! what [`Measuring`] saw on a scratch server the measured layer tells locks and rewrites that no text shows.
//!
//! ```
//! use underpin_migrate::lint::{self, Level, Settings};
//!
//! let findings = lint::check("CREATE INDEX users_email ON app.users (email);", &Settings::default());
//! let index = findings.iter().find(|it| it.rule.name == "require-concurrent-index-creation");
//! assert_eq!(index.map(|it| (it.level, it.line)), Some((Level::Error, 1)));
//!
//! let safe = "CREATE INDEX CONCURRENTLY users_email ON app.users (email);";
//! assert!(lint::check(safe, &Settings::default()).iter().all(|it| it.level < Level::Error));
//! ```

mod adjust;
mod allow;
mod engine;
mod finding;
mod fix;
mod floor;
mod fresh;
mod live;
mod measured;
mod name;
mod output;
mod page;
mod rule;
mod rules;
mod script;
mod settings;
mod suspect;

pub use allow::Allowed;
pub use engine::{NotChecked, Report, check, report};
pub use finding::{Edit, Finding, Fix, Level};
pub use fix::{Applied, Fixed, fix};
pub use live::{CheckConstraint, Column, Facts, Index, Relation};
pub use measured::{Measured, MeasuredStatement, MeasuredTable, Measuring};
pub use output::{json, sarif, worst};
pub use page::{index, page};
pub use rule::{Needs, Rule, rule, rules};
pub use settings::{PgVersion, Settings};
