//! Splits an option line into `key`, `key=value` and `key="quoted value"`.

use std::iter::Peekable;
use std::str::Chars;

/// The words of a line, in order; an error says which quote is open.
pub(super) fn words(line: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let mut rest = line.chars().peekable();
    let mut words = Vec::new();
    loop {
        while rest.next_if(|it| it.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(words);
        }
        let key = take_while(&mut rest, |it| it != '=' && !it.is_whitespace());
        let value = match rest.next_if_eq(&'=') {
            None => None,
            Some(_) => Some(value(&key, &mut rest)?),
        };
        words.push((key, value));
    }
}

fn value(key: &str, rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    if rest.next_if_eq(&'"').is_none() {
        return Ok(take_while(rest, |it| !it.is_whitespace()));
    }
    let mut value = String::new();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => return Ok(value),
            '\\' => value.extend(rest.next()),
            _ => value.push(letter),
        }
    }
    Err(format!("the value of {key} has no closing quote"))
}

fn take_while(rest: &mut Peekable<Chars<'_>>, fits: impl Fn(char) -> bool) -> String {
    let mut taken = String::new();
    while let Some(letter) = rest.next_if(|it| fits(*it)) {
        taken.push(letter);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_spaces_outside_quotes() {
        let check = |line: &str, expected: &[(&str, Option<&str>)]| {
            let words = words(line).expect(line);
            let words: Vec<_> = words
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_deref()))
                .collect();
            assert_eq!(words, expected, "{line}");
        };
        check("", &[]);
        check("  deferred ", &[("deferred", None)]);
        check(
            "a=1 b=\"x y\" c=",
            &[("a", Some("1")), ("b", Some("x y")), ("c", Some(""))],
        );
        check(
            r#"a="say \"hi\" \\ bye""#,
            &[("a", Some(r#"say "hi" \ bye"#))],
        );
        assert!(words("a=\"open").is_err());
    }
}
