//! The SQL of migrations: tokens, statements, and what kind of statement each is.
//!
//! Splitting needs only tokens and follows psql's own rules; each statement is then parsed by squawk's grammar, which
//! says how it must be run. Where the grammar does not know a statement, the server is asked before anything runs
//! ([`Statement::doubt`]).

mod body;
mod classify;
mod effect;
mod encoding;
mod header;
mod lock;
mod nature;
mod outside;
mod parse;
mod psql;
mod reach;
mod refuse;
mod split;
mod statement;
mod token;
mod touch;
mod tree;

pub use lock::TableLock;
pub use nature::Class;
pub use statement::{Doubt, Statement};

pub(crate) use classify::REPEATABLE;
pub(crate) use effect::{Effect, NewType, Overwrites, Takes};
pub(crate) use header::{options, read_header};
pub(crate) use nature::{Catalog, ROLE, Seam, Subject, Work};
pub(crate) use parse::parse;
pub(crate) use psql::{as_one, is_framed, tokens};
pub(crate) use reach::{Reach, Reaching, of as reach_of};
pub(crate) use split::{split, without_rows};
pub(crate) use token::{Token, TokenKind, tokens_from};
pub(crate) use touch::Touched;
