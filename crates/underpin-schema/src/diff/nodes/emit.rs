//! The statements of a step.

use super::{Steps, Verb};
use crate::create::{Apart, Thing};
use crate::diff::change::{Change, ChangeKind, Plan};
use crate::diff::compare::{differences_from_parent, sequence_of};
use crate::diff::drop::dropping;
use crate::diff::fate::Fate;
use crate::diff::side::Key;
use crate::diff::swap::{drop_old, move_aside};
use crate::{
    Column, Grantable, MaterialisedView, Object, Part, Privileges, Table, quote_identifier,
    quote_literal, sql,
};
use std::collections::BTreeSet;

/// Writes the steps of a plan.
pub(super) struct Emit<'s, 'a> {
    steps: &'s Steps<'s, 'a>,
    /// The parts of new tables that are made by statements of their own.
    apart: Apart,
}

impl<'s, 'a> Emit<'s, 'a> {
    pub(super) fn new(steps: &'s Steps<'s, 'a>, apart: &BTreeSet<usize>) -> Self {
        let made = apart
            .iter()
            .filter(|place| steps.list[**place].0 == Verb::Make);
        let objects = made.filter_map(|place| Some(steps.thing(*place)?.object()));
        Self {
            steps,
            apart: objects.collect(),
        }
    }

    pub(super) fn changes(&self, place: usize) -> Vec<Change> {
        let (verb, key) = &self.steps.list[place];
        match (verb, self.steps.thing(place)) {
            (Verb::Alter, _) => self.alter(key),
            (Verb::Make, Some(thing)) => self.make(key, thing),
            (Verb::Drop, Some(thing)) => self.drop(key, thing),
            (Verb::Aside, Some(thing)) => {
                vec![Change::new(
                    thing.object(),
                    ChangeKind::Alter,
                    move_aside(thing),
                )]
            }
            (_, None) => Vec::new(),
        }
    }

    /// What a change of the parent does to its children is not done again.
    fn alter(&self, key: &Key) -> Vec<Change> {
        let changes = self.steps.fates.changes(key).iter();
        let changes = changes.filter(|change| !self.steps.is_told_above(key, change));
        let mut changes: Vec<Change> = changes.cloned().collect();
        let both = (self.steps.from.thing(key), self.steps.to.thing(key));
        if let (Some(Thing::Column(_, old)), Some(Thing::Column(table, new))) = both
            && old.identity.is_none()
        {
            let object = Object::Column(part(table, new));
            let statements = self.against_default_privileges_of_sequence(table, new);
            let change = Change::new(object, ChangeKind::Access, statements);
            changes.extend(Some(change).filter(|it| !it.statements.is_empty()));
        }
        changes
    }

    fn make(&self, key: &Key, thing: &Thing<'_>) -> Vec<Change> {
        let schema = &self.steps.to.catalog.schema;
        let taken_over = self.taken_over_by(key);
        let mut statements = match (taken_over, thing) {
            (Some(Thing::Index(_, index)), Thing::Constraint(table, it)) => {
                let mut statements = vec![sql::add_key_using_index(&table.name, it, &index.name)];
                // The index keeps its comment under the key's name.
                if index.comment.is_some() && it.index_comment.is_none() {
                    let target = format!("INDEX {}", table.name.sibling(&it.name));
                    statements.push(sql::comment_on(&target, None));
                }
                statements
            }
            (Some(key), _) => [dropping(key), thing.making(schema, &self.apart)].concat(),
            (_, Thing::Column(table, column))
                if self.apart.contains(&Object::Default(part(table, column))) =>
            {
                let mut bare = (*column).clone();
                bare.default = None;
                Thing::Column(table, &bare).making(schema, &self.apart)
            }
            // It stays: the place below its parent, which would bring it, comes later.
            (_, Thing::Constraint(table, it))
                if self.steps.fates.stays(&table_key(table)) && !it.comes_with_place() =>
            {
                vec![sql::add_constraint(&table.name, it)]
            }
            _ => thing.making(schema, &self.apart),
        };
        if let Thing::MaterialisedView(it) = thing {
            self.leave_empty(it, &mut statements);
        }
        statements.extend(self.against_default_privileges(thing));
        statements.extend(thing.notes(&self.apart));
        let owner = self.steps.to.owners.of(&thing.object());
        let owner = owner.filter(|_| thing.is_main());
        statements.extend(owner.and_then(|owner| thing.give_to(owner)));
        if let Thing::MaterialisedView(it) = thing
            && self.is_filled_by_owner(it)
        {
            statements.push(format!("REFRESH MATERIALIZED VIEW {}", it.name));
        }
        let kind = match thing {
            Thing::Column(table, column) => {
                ChangeKind::AddColumn(table.name.clone(), Box::new((*column).clone()))
            }
            Thing::Constraint(..) if taken_over.is_some() => ChangeKind::Alter,
            Thing::Index(table, it) if taken_over.is_some() => {
                ChangeKind::ReplaceIndex((*table).clone(), Box::new((*it).clone()))
            }
            Thing::Constraint(table, it) => {
                ChangeKind::AddConstraint(table.name.clone(), Box::new((*it).clone()))
            }
            Thing::Index(table, it) => {
                ChangeKind::CreateIndex((*table).clone(), Box::new((*it).clone()))
            }
            Thing::Attach(..) => ChangeKind::Attach,
            Thing::AttachIndex(_) | Thing::DomainCheck(..) => ChangeKind::Alter,
            Thing::DefaultPrivileges(_) | Thing::Policy(..) | Thing::Member(_) => {
                ChangeKind::Access
            }
            Thing::Tie(_) => ChangeKind::Alter,
            _ => ChangeKind::Create,
        };
        let made = Some(Change::new(thing.object(), kind, statements));
        let made = made.filter(|change| !change.statements.is_empty());
        made.into_iter()
            .chain(self.apart_from_parent(key))
            .collect()
    }

    /// A materialised view is filled with what its owner sees, not with what whoever runs the plan would see; one that was
    /// never filled stays so.
    fn leave_empty(&self, view: &MaterialisedView, statements: &mut [String]) {
        if (self.is_filled_by_owner(view) || self.is_unpopulated(view))
            && let Some(create) = statements.first_mut()
        {
            create.push_str("\nWITH NO DATA");
        }
    }

    fn is_filled_by_owner(&self, view: &MaterialisedView) -> bool {
        let object = Object::MaterialisedView(view.name.clone());
        self.steps.to.owners.of(&object).is_some() && !self.is_unpopulated(view)
    }

    fn is_unpopulated(&self, view: &MaterialisedView) -> bool {
        self.steps.from.catalog.unpopulated.contains(&view.name)
    }

    /// Fails where the role that runs the plan could not give back what is made again, before anything is dropped.
    // NOTE: a DO block could say it better, but what a DO block does cannot be told from its text; a query of PostgreSQL's own
    // functions changes nothing for certain. The cast is what makes it fail, with the reason in its message.
    pub(super) fn guard(&self, place: usize, guarded: &mut BTreeSet<String>) -> Option<Change> {
        let (verb, key) = &self.steps.list[place];
        let is_taken = matches!(verb, Verb::Drop | Verb::Aside);
        if !is_taken || self.steps.fates.of(key) != Some(&Fate::Replace) {
            return None;
        }
        let thing = self.steps.from.thing(key)?;
        let object = thing.object();
        let owner = self.steps.to.owners.of(&object)?;
        thing.give_to(owner)?;
        if !guarded.insert(owner.to_owned()) {
            return None;
        }
        let (role, name) = (quote_literal(owner), quote_identifier(owner));
        let reason = quote_literal(&format!(
            " may not give {object} back to its owner, so nothing was dropped: apply this as a superuser, or first run GRANT \
             {name} TO "
        ));
        let sql = format!(
            "SELECT CASE WHEN pg_has_role({role}, 'MEMBER') THEN true \
             ELSE concat(current_user, {reason}, current_user)::boolean END"
        );
        Some(Change::new(object, ChangeKind::Guard, vec![sql]))
    }

    /// The index that becomes a key, or the key whose name an index takes.
    fn taken_over_by(&self, made: &Key) -> Option<&Thing<'a>> {
        let mut all = self.steps.fates.taken_over.iter();
        let (dropped, _) = all.find(|(_, other)| *other == made)?;
        self.steps.from.thing(dropped)
    }

    /// What is to be said of the children's columns that came with one, and differ from it.
    fn apart_from_parent(&self, whole: &Key) -> Vec<Change> {
        let to = self.steps.to;
        let Some(Thing::Column(_, above)) = to.thing(whole) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for part in to.followers(whole) {
            if let Some(Thing::Column(table, column)) = to.thing(part)
                && self.steps.made_with(part).is_some()
            {
                let sides = (self.steps.from, to);
                changes.extend(differences_from_parent(above, table, column, sides));
                changes.extend(self.apart_from_parent(part));
            }
        }
        changes
    }

    fn drop(&self, key: &Key, thing: &Thing<'_>) -> Vec<Change> {
        let comes_again = self.steps.fates.of(key) == Some(&Fate::Replace);
        if self.steps.fates.swapped.contains(key) {
            return vec![Change::new(
                thing.object(),
                ChangeKind::Release,
                drop_old(thing),
            )];
        }
        let mut statements = dropping(thing);
        if self.takes_keys_along(key) {
            statements
                .iter_mut()
                .for_each(|sql| sql.push_str(" CASCADE"));
        }
        let kind = match thing {
            Thing::Column(table, column) if comes_again => {
                ChangeKind::ReplaceColumn(part(table, column))
            }
            Thing::Index(table, index) => ChangeKind::DropIndex(table.sibling(&index.name)),
            Thing::Attach(..) => ChangeKind::Detach,
            Thing::Table(_) | Thing::Column(..) => ChangeKind::Drop,
            Thing::Policy(..) | Thing::Member(_) | Thing::DefaultPrivileges(_) => {
                ChangeKind::Access
            }
            Thing::Tie(_) => ChangeKind::Alter,
            Thing::DomainCheck(..) => ChangeKind::Alter,
            _ if comes_again => ChangeKind::Release,
            _ => ChangeKind::Drop,
        };
        let change = Change::new(thing.object(), kind, statements);
        (!change.statements.is_empty())
            .then_some(change)
            .into_iter()
            .collect()
    }

    /// Is it the index of a partitioned table that has keys of partitions as parts? None can be dropped without the other.
    fn takes_keys_along(&self, key: &Key) -> bool {
        let is_index = matches!(key, Key::Object(Object::Index(_)));
        let mut parts = self.steps.from.followers(key);
        is_index && parts.any(|part| matches!(part, Key::Object(Object::Constraint(_))))
    }

    /// Takes back what default privileges give to a new thing, where the other side does not have it.
    fn against_default_privileges(&self, thing: &Thing<'_>) -> Vec<String> {
        let (objects, name, target, wanted) = match thing {
            Thing::Table(it) => {
                let of_table = (Grantable::Tables, &it.name.schema, &it.privileges);
                let own = self.taken_back(of_table, &format!("TABLE {}", it.name));
                let columns = it.columns.iter();
                let sequences =
                    columns.map(|column| self.against_default_privileges_of_sequence(it, column));
                return std::iter::once(own).chain(sequences).flatten().collect();
            }
            Thing::Column(table, column) => {
                return self.against_default_privileges_of_sequence(table, column);
            }
            Thing::View(it) => (Grantable::Tables, &it.name, "TABLE", &it.privileges),
            Thing::MaterialisedView(it) => (Grantable::Tables, &it.name, "TABLE", &it.privileges),
            Thing::Sequence(it) => (Grantable::Sequences, &it.name, "SEQUENCE", &it.privileges),
            Thing::Function(it) => (
                Grantable::Functions,
                &it.signature.name,
                "ROUTINE",
                &it.privileges,
            ),
            Thing::Enum(it) => (Grantable::Types, &it.name, "TYPE", &it.privileges),
            Thing::Domain(it) => (Grantable::Types, &it.name, "DOMAIN", &it.privileges),
            Thing::Composite(it) => (Grantable::Types, &it.name, "TYPE", &it.privileges),
            Thing::Range(it) => (Grantable::Types, &it.name, "TYPE", &it.privileges),
            _ => return Vec::new(),
        };
        let named = match thing {
            Thing::Function(it) => it.signature.to_string(),
            _ => name.to_string(),
        };
        self.taken_back(
            (objects, &name.schema, wanted),
            &format!("{target} {named}"),
        )
    }

    /// The same of the sequence that numbers a new column.
    fn against_default_privileges_of_sequence(
        &self,
        table: &Table,
        column: &Column,
    ) -> Vec<String> {
        match (&column.identity, sequence_of(table, column)) {
            (Some(identity), Some(name)) => {
                let of_sequence = (Grantable::Sequences, &name.schema, &identity.privileges);
                self.taken_back(of_sequence, &format!("SEQUENCE {name}"))
            }
            _ => Vec::new(),
        }
    }

    fn taken_back(
        &self,
        (objects, schema, wanted): (Grantable, &String, &Privileges),
        target: &str,
    ) -> Vec<String> {
        let mut given = Privileges::default();
        for entry in &self.steps.from.catalog.schema.default_privileges {
            let key = &entry.key;
            let is_here = key.schema.as_ref().is_none_or(|it| it == schema);
            if key.role.is_none() && key.objects == objects && is_here {
                given
                    .granted
                    .extend(entry.privileges.granted.iter().cloned());
                given
                    .revoked
                    .extend(entry.privileges.revoked.iter().cloned());
            }
        }
        let unwanted = Privileges {
            granted: &given.revoked - &wanted.revoked,
            revoked: &given.granted - &wanted.granted,
        };
        sql::grants(target, None, &unwanted)
    }
}

fn table_key(table: &Table) -> Key {
    Key::Object(Object::Table(table.name.clone()))
}

fn part(table: &Table, column: &Column) -> Part {
    Part::new(table.name.clone(), &column.name)
}

fn is_same_renaming(above: &Change, below: &Change) -> bool {
    let renaming = |change: &Change| match change.statements.as_slice() {
        [sql] => Some(sql.split_once(" RENAME CONSTRAINT ")?.1.to_owned()),
        _ => None,
    };
    renaming(above).is_some_and(|names| renaming(below) == Some(names))
}

/// Does a change of a parent's column do to the child's what this change would do?
pub(super) fn reaches_children(above: &Change, below: &Change) -> bool {
    let is_about_it_alone = |sql: &String| sql.starts_with("ALTER TABLE ONLY ");
    if above.statements.iter().any(is_about_it_alone) {
        return false;
    }
    match (&above.kind, &below.kind) {
        (ChangeKind::ChangeType(..), ChangeKind::ChangeType(..))
        | (ChangeKind::SetNotNull(_), ChangeKind::SetNotNull(_)) => true,
        _ => {
            is_same_renaming(above, below)
                || is_not_null_dropped(above) && is_not_null_dropped(below)
        }
    }
}

pub(super) fn is_not_null_dropped(change: &Change) -> bool {
    let mut statements = change.statements.iter();
    change.kind == ChangeKind::Alter && statements.any(|sql| sql.ends_with(" DROP NOT NULL"))
}

/// Bodies of functions may name what is made later: PostgreSQL is told not to look.
pub(super) fn around_function_bodies(plan: Plan) -> Plan {
    let is_body = |change: &&Change| {
        let is_function = matches!(change.object, Object::Function(_));
        is_function
            && change
                .statements
                .iter()
                .any(|sql| sql.starts_with("CREATE"))
    };
    let Some(function) = plan.changes.iter().find(is_body) else {
        return plan;
    };
    let set = Change::alter(function.object.clone(), "SET check_function_bodies = off");
    let reset = Change::alter(function.object.clone(), "RESET check_function_bodies");
    let mut around = Plan {
        changes: vec![set],
        after: vec![BTreeSet::new()],
    };
    around.changes.extend(plan.changes);
    let later = plan.after.iter();
    let later = later.map(|after| after.iter().map(|place| place + 1).chain([0]).collect());
    around.after.extend(later);
    around
        .after
        .push(BTreeSet::from([around.changes.len() - 1]));
    around.changes.push(reset);
    around
}
