//! Enums, domains, ranges and collations.

use super::class::{COLLATION, CONSTRAINT, TYPE};
use super::reader::{Reader, definition, expression, name_of, other_name};
use super::unknown;
use crate::{
    Collation, Domain, DomainCheck, EnumType, Error, Facts, Object, Parameters, Part,
    QualifiedName, Range,
};
use std::collections::HashMap;
use underpin_pool::{Executor, Row};

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn enums(&mut self) -> Result<Facts<EnumType>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/enums.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(TYPE, id, Object::Type(name.clone()));
            facts.insert(EnumType {
                name,
                labels: row.get("labels")?,
                comment: self.notes.comment(TYPE, id),
                privileges: self.notes.privileges(TYPE, id),
            });
        }
        Ok(facts)
    }

    pub(super) async fn domains(&mut self) -> Result<Facts<Domain>, Error> {
        let mut checks: HashMap<u32, Vec<Row>> = HashMap::new();
        for row in self.rows(include_str!("sql/domain_checks.sql")).await? {
            checks.entry(row.get("domain")?).or_default().push(row);
        }
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/domains.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(TYPE, id, Object::Type(name.clone()));
            let checks = checks.remove(&id).unwrap_or_default();
            facts.insert(Domain {
                data_type: row.get("data_type")?,
                collation: other_name(&row, "collation")?,
                default: expression(&row, "default_value")?,
                not_null: row.get("not_null")?,
                checks: self.domain_checks(&name, &checks)?,
                comment: self.notes.comment(TYPE, id),
                privileges: self.notes.privileges(TYPE, id),
                name,
            });
        }
        Ok(facts)
    }

    fn domain_checks(
        &mut self,
        domain: &QualifiedName,
        rows: &[Row],
    ) -> Result<Facts<DomainCheck>, Error> {
        let mut facts = Facts::default();
        for row in rows {
            let (id, name): (u32, String) = (row.get("oid")?, row.get("name")?);
            let part = Part::new(domain.clone(), name.clone());
            self.knows(CONSTRAINT, id, Object::Constraint(part));
            facts.insert(DomainCheck {
                name,
                expression: definition(row, "expression")?,
                validated: row.get("validated")?,
                comment: self.notes.comment(CONSTRAINT, id),
            });
        }
        Ok(facts)
    }

    pub(super) async fn ranges(&mut self) -> Result<Facts<Range>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/ranges.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(TYPE, id, Object::Type(name.clone()));
            self.knows(TYPE, row.get("multirange")?, Object::Type(name.clone()));
            let multirange = other_name(&row, "multirange")?;
            facts.insert(Range {
                subtype: row.get("subtype")?,
                operator_class: other_name(&row, "operator_class")?,
                collation: other_name(&row, "collation")?,
                difference: other_name(&row, "difference")?,
                multirange: multirange.filter(|given| *given != Range::usual_multirange(&name)),
                comment: self.notes.comment(TYPE, id),
                privileges: self.notes.privileges(TYPE, id),
                name,
            });
        }
        Ok(facts)
    }

    pub(super) async fn collations(&mut self) -> Result<Facts<Collation>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/collations.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(COLLATION, id, Object::Collation(name.clone()));
            facts.insert(Collation {
                name,
                options: collation_options(&row)?,
                comment: self.notes.comment(COLLATION, id),
            });
        }
        Ok(facts)
    }
}

fn collation_options(row: &Row) -> Result<Parameters, Error> {
    let provider: String = row.get("provider")?;
    let mut options = Parameters::new();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            options.insert(name.to_owned(), value);
        }
    };
    match provider.as_str() {
        "c" => {
            set("provider", Some("libc".to_owned()));
            set("lc_collate", row.get("lc_collate")?);
            set("lc_ctype", row.get("lc_ctype")?);
        }
        "i" => {
            set("provider", Some("icu".to_owned()));
            set("locale", row.get("locale")?);
            set("rules", row.get("rules")?);
        }
        "b" => {
            set("provider", Some("builtin".to_owned()));
            set("locale", row.get("locale")?);
        }
        other => return Err(unknown("collation provider", other)),
    }
    if !row.get::<bool>("deterministic")? {
        set("deterministic", Some("false".to_owned()));
    }
    Ok(options)
}
