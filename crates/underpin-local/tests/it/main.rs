//! The cluster against real PostgreSQL.

mod crash;
mod disk;
mod holder;
mod install;
mod majors;
mod paths;
mod sharing;
mod start;
mod support;
