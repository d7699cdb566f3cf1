//! The linter: what it says, what it keeps silent about, what its fixes do.

mod cases;
mod fixes;
mod levels;
mod live;
mod measured;
mod options;
mod output;
mod random;
mod rules;
mod squawk;
mod verdicts;
