//! `#[derive(DbEnum)]`: an enum without fields as a native enum.

use crate::attributes::{each, once, plain_name, text, unknown, without_generics};
use crate::names::snake_case;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result, Variant};

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> Result<TokenStream> {
    without_generics(input, "DbEnum")?;
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "DbEnum is for enums"));
    };
    if data.variants.is_empty() {
        return Err(Error::new_spanned(
            &input.ident,
            "DbEnum needs at least one variant",
        ));
    }
    let labels = labels(data.variants.iter())?;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let (name, schema) = crate::root::type_name(input, "db_enum")?;
    let ident = &input.ident;
    let blank = data
        .variants
        .iter()
        .find(|variant| variant.attrs.iter().any(|a| a.path().is_ident("default")))
        .map(|Variant { ident: default, .. }| {
            quote! {
                #[automatically_derived]
                impl #root::Blank for #ident {
                    fn blank() -> Self {
                        Self::#default
                    }
                }
            }
        });
    Ok(quote! {
        #[automatically_derived]
        impl #root::DbEnum for #ident {
            const NAME: &'static str = #name;
            const SCHEMA: ::core::option::Option<&'static str> = #schema;
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn label(&self) -> &'static str {
                match self { #(Self::#variants => #labels),* }
            }

            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#labels => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }

        #blank
        #root::derive::enum_values!(#ident);
    })
}

fn labels<'a>(variants: impl Iterator<Item = &'a Variant>) -> Result<Vec<String>> {
    let mut labels = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(
                &variant.fields,
                "a variant of a DbEnum has no fields",
            ));
        }
        let mut label = None;
        let mut span = variant.ident.span();
        each(&variant.attrs, "db_enum", |meta| {
            if meta.path.is_ident("label") {
                let text = text(&meta)?;
                span = text.span();
                once(&mut label, text.value(), meta.path.span())
            } else {
                Err(unknown(&meta, &["label"]))
            }
        })?;
        let label = label.unwrap_or_else(|| snake_case(&plain_name(&variant.ident)));
        if label.is_empty() || label.len() > 63 {
            return Err(Error::new(span, "a label has 1 to 63 bytes"));
        }
        if labels.contains(&label) {
            return Err(Error::new(
                span,
                format!("two variants have the label \"{label}\""),
            ));
        }
        labels.push(label);
    }
    Ok(labels)
}
