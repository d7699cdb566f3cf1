//! The runner against a real server, one module a concept.

mod adopt;
mod apply;
mod cancel;
mod check;
mod conflicts;
mod corpus;
mod data;
mod diff;
mod downs;
mod hooks;
mod kill;
mod ledger;
mod lint;
mod locks;
mod loss;
mod pooler;
mod processes;
mod repeatables;
mod restore;
mod revert;
mod squash;
mod startup;
mod support;
mod syntax;
mod table_locks;
mod watch;
