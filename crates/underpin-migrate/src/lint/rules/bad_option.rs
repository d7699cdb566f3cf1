//! Options of a file that say nothing.

use crate::lint::Level;
use crate::lint::rule::Rule;

pub(in crate::lint) static BAD_OPTION: Rule = Rule {
    name: "bad-option",
    level: Level::Error,
    title: "An option of the file cannot be read",
    why: "A misspelt option would be overlooked, so `migrate up` refuses the file. Options stand in comments before the \
          first statement.",
    bad: "-- underpin: alow=ban-drop-column reason=\"unused since v4\"\nSELECT 1;",
    good: "-- underpin: allow=ban-drop-column reason=\"unused since v4\"\nSELECT 1;",
    ..Rule::USUAL
};
