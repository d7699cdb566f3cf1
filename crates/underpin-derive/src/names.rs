//! Names of tables, columns and labels from names in Rust.

/// `RegistryItem` to `registry_item`, `APIKey` to `api_key`, `HTTPServer2` to `http_server2`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, &char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| chars.get(before));
        let starts_word = char.is_uppercase()
            && before.is_some_and(|before| {
                let next_is_lower = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
                *before != '_' && (!before.is_uppercase() || next_is_lower)
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

/// The table of a model: snake case, the last word in the plural.
pub(crate) fn table(name: &str) -> String {
    plural(&snake_case(name))
}

/// The English plural by its three regular rules; irregular ones are given with `table = "…"`.
fn plural(word: &str) -> String {
    let before_last = word.chars().rev().nth(1).unwrap_or_default();
    if let Some(stem) = word.strip_suffix('y')
        && !"aeiou".contains(before_last)
    {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| word.ends_with(end));
    format!("{word}{}", if hisses { "es" } else { "s" })
}

/// Quotes an identifier for SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_the_snake_case_plural_of_the_struct() {
        let check = |name, expected| assert_eq!(table(name), expected);
        check("Note", "notes");
        check("RegistryItem", "registry_items");
        check("APIKey", "api_keys");
        check("TestModel", "test_models");
        check("Category", "categories");
        check("Address", "addresses");
        check("HTTPServer2", "http_server2s");
        check("Key", "keys");
    }
}
