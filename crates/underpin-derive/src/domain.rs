//! `#[derive(DbDomain)]`: a struct around one value as a domain.

use crate::attributes::{each, once, text, unknown, without_generics};
use crate::names::snake_case;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result};

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> Result<TokenStream> {
    without_generics(input, "DbDomain")?;
    let inner = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => &fields.unnamed[0].ty,
            _ => return Err(wrong_shape(input)),
        },
        _ => return Err(wrong_shape(input)),
    };
    let (mut name, mut schema, mut check) = (None, None, None);
    each(&input.attrs, "db_domain", |meta| {
        let span = meta.path.span();
        let slot = match () {
            () if meta.path.is_ident("name") => &mut name,
            () if meta.path.is_ident("schema") => &mut schema,
            () if meta.path.is_ident("check") => &mut check,
            () => return Err(unknown(&meta, &["check", "name", "schema"])),
        };
        once(slot, text(&meta)?.value(), span)
    })?;
    let ident = &input.ident;
    let name = name.unwrap_or_else(|| snake_case(&ident.to_string()));
    let (schema, check) = (crate::root::optional(schema), crate::root::optional(check));
    Ok(quote! {
        #[automatically_derived]
        impl #root::DbDomain for #ident {
            type Inner = #inner;
            const NAME: &'static str = #name;
            const SCHEMA: ::core::option::Option<&'static str> = #schema;
            const CHECK: ::core::option::Option<&'static str> = #check;

            fn inner(&self) -> &#inner {
                &self.0
            }

            fn from_inner(inner: #inner) -> Self {
                Self(inner)
            }
        }

        #root::derive::domain_values!(#ident);
    })
}

fn wrong_shape(input: &DeriveInput) -> Error {
    Error::new_spanned(
        &input.ident,
        "DbDomain is for structs around one value, such as `struct Email(String);`",
    )
}
