#![doc = include_str!("../README.md")]

mod attributes;
mod composite;
mod db_enum;
mod domain;
mod from_row;
mod itself;
mod model;
mod names;
mod root;

use proc_macro::TokenStream;
use root::Root;

/// Each macro comes twice, for the two ways to reach the library: through `underpin-model`, and through the facade
/// `underpin`, which re-exports the second one under the name of the first.
macro_rules! derives {
    ($($(#[$doc:meta])* $name:ident, $in_facade:ident, $attribute:ident, $plain:ident, $facade:ident, $expand:path;)+) => {$(
        $(#[$doc])*
        #[proc_macro_derive($name, attributes($attribute))]
        pub fn $plain(input: TokenStream) -> TokenStream {
            root::finish(itself::parse(input.into()).and_then(|input| $expand(&input, &Root::Crate)))
        }

        #[doc = concat!("`", stringify!($name), "` for users of the facade `underpin`.")]
        #[proc_macro_derive($in_facade, attributes($attribute))]
        pub fn $facade(input: TokenStream) -> TokenStream {
            root::finish(itself::parse(input.into()).and_then(|input| $expand(&input, &Root::Facade)))
        }
    )+};
}

derives! {
    /// Makes a struct the one source for a table, its columns, queries and checks; see `underpin_model::Model`.
    Model, ModelInFacade, model, model, model_in_facade, model::expand;
    /// Reads a struct from a row of a result; see `underpin_pool::FromRow`.
    FromRow, FromRowInFacade, from_row, from_row, from_row_in_facade, from_row::expand;
    /// Makes an enum without fields a native enum of PostgreSQL; see `underpin_model::DbEnum`.
    DbEnum, DbEnumInFacade, db_enum, db_enum, db_enum_in_facade, db_enum::expand;
    /// Makes a struct a composite type of PostgreSQL; see `underpin_model::DbComposite`.
    DbComposite, DbCompositeInFacade, db_composite, db_composite, db_composite_in_facade, composite::expand;
    /// Makes a struct around one value a domain of PostgreSQL; see `underpin_model::DbDomain`.
    DbDomain, DbDomainInFacade, db_domain, db_domain, db_domain_in_facade, domain::expand;
}
