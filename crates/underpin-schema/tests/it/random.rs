//! Random schemas, in the words that PostgreSQL itself would use.

mod change;
mod columns;
mod constraints;
mod families;
mod relations;
mod routines;
mod statements;
mod tables;
mod types;

pub(crate) use change::changed;
pub(crate) use statements::{as_far_as_can_be, statements};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use underpin_schema::{Grant, Grantee, Namespace, Privileges, QualifiedName, Schema};

/// A random schema for a major version of PostgreSQL.
pub(crate) fn schema(seed: u64, major: i32) -> Schema {
    let mut dice = Dice::new(seed, major);
    let mut schema = Schema::default();
    for name in ["app", "Odd \"name\""] {
        if dice.chance(0.6) {
            let mut namespace = Namespace::new(name);
            namespace.comment = dice.comment();
            namespace.privileges = dice.privileges("USAGE");
            schema.namespaces.insert(namespace);
            dice.namespaces.push(name.to_owned());
        }
    }
    types::add(&mut dice, &mut schema);
    routines::add_functions(&mut dice, &mut schema);
    tables::add(&mut dice, &mut schema);
    relations::add(&mut dice, &mut schema);
    routines::add_to_tables(&mut dice, &mut schema);
    schema
}

/// Chance, and names that were not given yet.
pub(crate) struct Dice {
    rng: StdRng,
    pub(crate) major: i32,
    named: usize,
    pub(crate) namespaces: Vec<String>,
}

impl Dice {
    fn new(seed: u64, major: i32) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            major,
            named: 0,
            namespaces: vec!["public".to_owned()],
        }
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    /// Up to, and not, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.rng)
            .expect("there is something to pick from")
    }

    pub(crate) fn maybe<T>(
        &mut self,
        probability: f64,
        make: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        self.chance(probability).then(|| make(self))
    }

    /// A name that is taken nowhere; sometimes one that must be quoted.
    pub(crate) fn word(&mut self, stem: &str) -> String {
        self.named += 1;
        let number = self.named;
        match self.below(8) {
            0 => format!("{stem} {number}"),
            1 => format!("Order{number}\"{stem}"),
            2 => format!("{stem}é_{number}"),
            _ => format!("{stem}_{number}"),
        }
    }

    pub(crate) fn name(&mut self, stem: &str) -> QualifiedName {
        let namespaces = self.namespaces.clone();
        let namespace = self.pick(&namespaces).clone();
        QualifiedName::new(namespace, self.word(stem))
    }

    pub(crate) fn comment(&mut self) -> Option<String> {
        let texts = [
            "a comment",
            "it's quoted",
            "two\nlines",
            r"back\slash",
            "$$",
        ];
        self.maybe(0.2, |dice| (*dice.pick(&texts)).to_owned())
    }

    /// Privileges that everybody is given now and then: roles would outlive the test.
    pub(crate) fn privileges(&mut self, privilege: &str) -> Privileges {
        let mut privileges = Privileges::default();
        if self.chance(0.15) {
            privileges.granted.insert(for_everybody(privilege));
        }
        privileges
    }

    /// Privileges that everybody has, and is sometimes denied.
    pub(crate) fn denied(&mut self, privilege: &str) -> Privileges {
        let mut privileges = Privileges::default();
        if self.chance(0.15) {
            privileges.revoked.insert(for_everybody(privilege));
        }
        privileges
    }
}

pub(crate) fn for_everybody(privilege: &str) -> Grant {
    Grant {
        grantee: Grantee::Public,
        privilege: privilege.to_owned(),
        grantable: false,
    }
}
