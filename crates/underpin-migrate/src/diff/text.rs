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
            let what = match hazard.is_access {
                true => String::from("access:"),
                false => hazard.harm.to_string(),
            };
            comment(f, &format!("{what} {} ({})", hazard.loses, hazard.rule))?;
        }
        for note in &self.notes {
            comment(f, note)?;
        }
        let lock = self.lock.map(|lock| format!("{lock}: {}", lock.leaves()));
        let alone = self.alone.then(|| String::from("outside a transaction"));
        let how: Vec<String> = alone.into_iter().chain(lock).collect();
        if !how.is_empty() {
            comment(f, &how.join("; "))?;
        }
        writeln!(f, "{};", self.sql)
    }
}

/// A name may hold a line break, which must not end the comment.
fn comment(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "-- {}", text.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::super::cast::Harm;
    use super::super::hazard::Hazard;
    use super::*;
    use underpin_schema::{Object, QualifiedName};

    #[test]
    fn a_name_with_a_line_break_stays_in_its_comment() {
        let name = QualifiedName::new("public", "a\nDROP TABLE b");
        let mut step = Step::new(Object::Table(name), "DROP TABLE x");
        step.hazard = Some(Hazard {
            rule: "ban-drop-table",
            harm: Harm::Loses,
            loses: String::from("all rows of public.\"a\nDROP TABLE b\""),
            is_access: false,
            countable: None,
        });
        assert_eq!(
            step.to_string(),
            "-- loses all rows of public.\"a DROP TABLE b\" (ban-drop-table)\n\
             -- ACCESS EXCLUSIVE: nobody else reads or writes\nDROP TABLE x;\n"
        );
    }
}
