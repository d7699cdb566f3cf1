//! `#[derive(DbComposite)]`: a struct as a composite type.

use crate::attributes::{
    each, ident, named_fields, once, plain_name, text, unknown, without_generics,
};
use crate::root::{Root, type_name};
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{DeriveInput, Result};

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> Result<TokenStream> {
    without_generics(input, "DbComposite")?;
    let fields = named_fields(input, "DbComposite")?;
    let mut attributes = Vec::new();
    for field in &fields {
        let mut name = None;
        each(&field.attrs, "db_composite", |meta| {
            if meta.path.is_ident("name") {
                let span = meta.path.span();
                once(&mut name, text(&meta)?.value(), span)
            } else {
                Err(unknown(&meta, &["name"]))
            }
        })?;
        attributes.push(match name {
            Some(name) => name,
            None => plain_name(ident(field)?),
        });
    }
    let (name, schema) = type_name(input, "db_composite")?;
    let ident = &input.ident;
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    Ok(quote! {
        #[automatically_derived]
        impl #root::DbComposite for #ident {
            const NAME: &'static str = #name;
            const SCHEMA: ::core::option::Option<&'static str> = #schema;
            const ATTRIBUTES: &'static [#root::Attribute] =
                &[#(#root::Attribute::of::<#types>(#attributes)),*];

            fn values(&self) -> ::std::vec::Vec<&dyn #root::DbValue> {
                ::std::vec![#(&self.#idents),*]
            }

            fn from_values(
                values: &mut #root::Attributes<'_>,
            ) -> ::core::result::Result<Self, #root::derive::BoxError> {
                ::core::result::Result::Ok(Self { #(#idents: values.take::<#types>()?),* })
            }
        }

        #root::derive::composite_values!(#ident);
    })
}
