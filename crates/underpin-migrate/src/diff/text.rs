//! A route as SQL to read, to review and to run.

use super::route::{Route, Step};
use std::fmt;

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = self.steps.iter();
        if let Some(first) = steps.next() {
            write!(f, "{first}")?;
        }
        steps.try_for_each(|step| write!(f, "\n{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(hazard) = &self.hazard {
            writeln!(f, "-- loses {} ({})", hazard.loses, hazard.rule)?;
        }
        for note in &self.notes {
            writeln!(f, "-- {note}")?;
        }
        if let Some(lock) = self.lock {
            writeln!(f, "-- {lock}: {}", lock.leaves())?;
        }
        writeln!(f, "{};", self.sql)
    }
}
