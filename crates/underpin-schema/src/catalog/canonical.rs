//! One text for expressions that PostgreSQL writes in two ways.

use std::borrow::Cow;

const ARRAY: &str = "(ARRAY[";

/// Moves the cast of an array to its elements: `(ARRAY[a, b])::text[]` becomes `ARRAY[(a)::text, (b)::text]`.
///
/// PostgreSQL has the first form, but read and written again it becomes the second: without this a schema would differ
/// from its own copy. `status IN ('a', 'b')` on a `varchar` is `= ANY ((ARRAY[…])::text[])`: there the cast is left out,
/// since PostgreSQL then adds it itself and the copy is the same to the letter.
pub(super) fn canonical(text: String) -> String {
    match rewritten(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(rewritten) => rewritten,
    }
}

/// Takes one of two pairs of parentheses away: PostgreSQL writes `((a + b))` for an index on `(a + b)`.
pub(super) fn without_double_parentheses(text: String) -> String {
    match enclosed(&text) {
        Some(inner) if enclosed(inner).is_some() => inner.to_owned(),
        _ => text,
    }
}

/// What is in the parentheses that enclose all of a text.
fn enclosed(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut scan, mut depth) = (Scan::default(), 0_usize);
    for c in inner.chars() {
        match c {
            _ if !scan.is_code(c) => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(inner)
}

fn rewritten(text: &str) -> Cow<'_, str> {
    let mut from = 0;
    while let Some(start) = find_array(text, from) {
        if let Some(cast) = Cast::at(text, start) {
            let is_implied = cast.is_implied_after(&text[..start]);
            let elements = cast.elements.iter().map(|element| {
                let element = rewritten(element);
                match is_implied {
                    true => element.into_owned(),
                    false => format!("({element})::{}", cast.element_type),
                }
            });
            let elements: Vec<String> = elements.collect();
            let rest = rewritten(cast.rest);
            let array = elements.join(", ");
            return Cow::Owned(format!("{}ARRAY[{array}]{rest}", &text[..start]));
        }
        from = start + ARRAY.len();
    }
    Cow::Borrowed(text)
}

/// The next `(ARRAY[` outside of literals and quoted names.
fn find_array(text: &str, from: usize) -> Option<usize> {
    let mut scan = Scan::default();
    let mut places = text.char_indices();
    places.find_map(|(place, c)| {
        let is_code = scan.is_code(c);
        (is_code && place >= from && text[place..].starts_with(ARRAY)).then_some(place)
    })
}

struct Cast<'a> {
    elements: Vec<&'a str>,
    element_type: &'a str,
    rest: &'a str,
}

impl<'a> Cast<'a> {
    /// Does PostgreSQL add this cast when it is left out: of an array of `varchar` that a `text` is looked for in?
    fn is_implied_after(&self, before: &str) -> bool {
        let mut elements = self.elements.iter();
        (before.ends_with("::text = ANY (") || before.ends_with("::text <> ALL ("))
            && self.rest.starts_with(')')
            && self.element_type == "text"
            && elements.all(|element| element.ends_with("::character varying"))
    }

    /// What begins with `(ARRAY[`, when a cast to an array type follows its end.
    fn at(text: &'a str, start: usize) -> Option<Self> {
        let inside = &text[start + ARRAY.len()..];
        let (mut scan, mut depth, mut begin) = (Scan::default(), 0_usize, 0);
        let mut elements = Vec::new();
        for (place, c) in inside.char_indices() {
            if !scan.is_code(c) {
                continue;
            }
            match c {
                '(' | '[' => depth += 1,
                ']' if depth == 0 => {
                    elements.push(&inside[begin..place]);
                    let after = inside[place..].strip_prefix("])::")?;
                    let (element_type, rest) = after.split_once("[]")?;
                    let is_type = |c: char| c.is_alphanumeric() || " _.\"".contains(c);
                    let is_cast = !element_type.is_empty() && element_type.chars().all(is_type);
                    return is_cast.then_some(Self {
                        elements,
                        element_type,
                        rest,
                    });
                }
                ')' | ']' => depth = depth.checked_sub(1)?,
                ',' if depth == 0 => {
                    elements.push(&inside[begin..place]);
                    // A comma is followed by a space.
                    begin = place + 2;
                }
                _ => {}
            }
        }
        None
    }
}

/// Tells code from literals and quoted names. PostgreSQL writes quotes in them doubled, never behind a backslash; to end
/// one literal and begin another comes to the same.
#[derive(Default)]
struct Scan {
    quote: Option<char>,
}

impl Scan {
    fn is_code(&mut self, c: char) -> bool {
        match self.quote {
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => self.quote = Some(c),
            None => return true,
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(canonical(text.to_owned()), expected);
        assert_eq!(canonical(expected.to_owned()), expected);
    }

    #[test]
    fn the_cast_of_an_array_moves_to_its_elements() {
        check(
            "((s)::citext = ANY ((ARRAY['a'::text, 'b,]'::text])::citext[]))",
            "((s)::citext = ANY (ARRAY[('a'::text)::citext, ('b,]'::text)::citext]))",
        );
    }

    #[test]
    fn a_cast_that_postgresql_adds_itself_is_left_out() {
        check(
            "((s)::text = ANY ((ARRAY['a'::character varying, 'b,]'::character varying])::text[]))",
            "((s)::text = ANY (ARRAY['a'::character varying, 'b,]'::character varying]))",
        );
        check(
            "((s)::text <> ALL ((ARRAY['a'::character varying])::text[]))",
            "((s)::text <> ALL (ARRAY['a'::character varying]))",
        );
    }

    #[test]
    fn all_arrays_of_an_expression_are_found() {
        check(
            "((ARRAY[a, f(b, 1)])::text[] || (ARRAY[c])::text[])",
            "(ARRAY[(a)::text, (f(b, 1))::text] || ARRAY[(c)::text])",
        );
    }

    #[test]
    fn only_double_parentheses_are_taken_away() {
        let check = |text: &str, expected| {
            assert_eq!(without_double_parentheses(text.to_owned()), expected);
        };
        check("((a + b))", "(a + b)");
        check("((a)::text)", "((a)::text)");
        check("(('('::text))", "('('::text)");
        check("((a) + (b))", "((a) + (b))");
    }

    #[test]
    fn what_is_no_such_cast_stays_as_it_is() {
        for text in [
            "(x = ANY (ARRAY[1, 2]))",
            "'(ARRAY[a])::text[]'::text",
            r"(x = E'it''s \\ (ARRAY[a])::text[]')",
            "(ARRAY[a])",
            "(ARRAY[",
            "(ARRAY[a])::text",
        ] {
            check(text, text);
        }
    }
}
