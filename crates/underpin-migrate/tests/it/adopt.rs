//! Taking over from other tools. What each has left in a database, and its files, are in `tests/adopt`.

mod again;
mod found;
mod refused;
mod site;
mod taken;
