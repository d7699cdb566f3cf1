//! Taking over from other tools. What each has left in a database, and its files, are in `tests/adopt`.

mod again;
mod checked;
mod found;
mod refused;
mod site;
mod taken;
