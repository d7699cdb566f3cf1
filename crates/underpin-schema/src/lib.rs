#![doc = include_str!("../README.md")]

mod facts;

pub use facts::*;
