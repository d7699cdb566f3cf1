//! Functions, procedures and aggregates.

use super::class::FUNCTION;
use super::reader::{Reader, name_of};
use super::unknown;
use crate::{Error, Facts, Function, FunctionKind, Object, Signature};
use std::collections::HashMap;
use underpin_pool::Executor;

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn functions(&mut self) -> Result<Facts<Function>, Error> {
        let mut aggregates: HashMap<u32, String> = HashMap::new();
        for row in self.rows(include_str!("sql/aggregates.sql")).await? {
            aggregates.insert(row.get("oid")?, row.get("definition")?);
        }
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/functions.sql")).await? {
            let id: u32 = row.get("oid")?;
            let signature = Signature {
                name: name_of(&row)?,
                arguments: row.get("types")?,
            };
            self.knows(FUNCTION, id, Object::Function(signature.clone()));
            let definition: Option<String> = row.get("definition")?;
            let definition = definition
                .or_else(|| aggregates.remove(&id))
                .unwrap_or_default();
            facts.insert(Function {
                signature,
                kind: kind(&row.get::<String>("kind")?)?,
                arguments: row.get("arguments")?,
                returns: row.get("returns")?,
                language: row.get("language")?,
                definition: definition.trim_end().to_owned(),
                comment: self.notes.comment(FUNCTION, id),
                privileges: self.notes.privileges(FUNCTION, id),
            });
        }
        Ok(facts)
    }
}

fn kind(letter: &str) -> Result<FunctionKind, Error> {
    match letter {
        "f" | "w" => Ok(FunctionKind::Function),
        "p" => Ok(FunctionKind::Procedure),
        "a" => Ok(FunctionKind::Aggregate),
        other => Err(unknown("function", other)),
    }
}
