//! The tables of the catalog that objects are kept in, by the numbers that PostgreSQL has always given them.

pub(super) const TYPE: u32 = 1247;
pub(super) const FUNCTION: u32 = 1255;
pub(super) const RELATION: u32 = 1259;
pub(super) const DEFAULT: u32 = 2604;
pub(super) const CONSTRAINT: u32 = 2606;
pub(super) const NAMESPACE: u32 = 2615;
pub(super) const RULE: u32 = 2618;
pub(super) const TRIGGER: u32 = 2620;
pub(super) const EXTENSION: u32 = 3079;
pub(super) const POLICY: u32 = 3256;
pub(super) const STATISTICS: u32 = 3381;
pub(super) const COLLATION: u32 = 3456;
