//! Finds an object that has a key twice: readers disagree about which one counts.

use super::fault::{Fault, quoted};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer as Json;
use std::collections::HashSet;
use std::fmt;

/// The first key that an object of this text has twice.
pub(crate) fn duplicate_key(text: &str) -> Option<Fault> {
    let found = Finding::deserialize(&mut Json::from_str(text)).ok()?;
    let Finding(pointer, key) = found;
    let key = key?;
    let message = format!(
        "the key {} appears twice; readers may take either",
        quoted(&key)
    );
    Some(Fault::new(pointer, "duplicate-key", message))
}

/// Where, and which key.
#[derive(Default)]
struct Finding(String, Option<String>);

impl Finding {
    fn below(self, step: &str) -> Self {
        Self(
            format!("/{}{}", step.replace('~', "~0").replace('/', "~1"), self.0),
            self.1,
        )
    }
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Finding;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Finding, A::Error> {
        let mut seen = HashSet::new();
        let mut found = Finding::default();
        while let Some(key) = map.next_key::<String>()? {
            if found.1.is_some() {
                map.next_value::<IgnoredAny>()?;
            } else if seen.contains(&key) {
                map.next_value::<IgnoredAny>()?;
                found = Finding(String::new(), Some(key));
            } else {
                let below = map.next_value::<Finding>()?;
                if below.1.is_some() {
                    found = below.below(&key);
                }
                seen.insert(key);
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Finding, A::Error> {
        let mut found = Finding::default();
        let mut index = 0_usize;
        while let Some(element) = seq.next_element::<Finding>()? {
            if found.1.is_none() && element.1.is_some() {
                found = element.below(&index.to_string());
            }
            index += 1;
        }
        Ok(found)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Finding, E> {
        Ok(Finding::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Finding, E> {
        Ok(Finding::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Finding, E> {
        Ok(Finding::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Finding, E> {
        Ok(Finding::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Finding, E> {
        Ok(Finding::default())
    }

    fn visit_unit<E>(self) -> Result<Finding, E> {
        Ok(Finding::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_duplicate_is_named() {
        let check = |text, expected: Option<&str>| {
            assert_eq!(
                duplicate_key(text).map(|fault| fault.pointer).as_deref(),
                expected,
                "{text}"
            );
        };
        check(r#"{"a":1,"b":[true,null,-1,1.5,"x",{}]}"#, None);
        check(r#"{"a":1,"a":2}"#, Some(""));
        check(r#"{"a":[0,{"b/c":{"d":1,"\u0064":2}}]}"#, Some("/a/1/b~1c"));
    }
}
