//! `#[derive(FromRow)]`: columns by name, structs in structs by `#[from_row(flatten)]`.

use crate::attributes::{each, ident, named_fields, once, plain_name, text, unknown};
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Field, Ident, Result, Type};

/// A field as it is read: from a column of its own, or from several.
pub(crate) struct ReadField<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// None: flattened.
    pub(crate) column: Option<String>,
}

pub(crate) fn expand(input: &DeriveInput, root: &Root) -> Result<TokenStream> {
    let fields = named_fields(input, "FromRow")?
        .into_iter()
        .map(read)
        .collect::<Result<Vec<_>>>()?;
    Ok(implementation(input, root, &fields))
}

fn read(field: &Field) -> Result<ReadField<'_>> {
    let ident = ident(field)?;
    let (mut flatten, mut column) = (false, None);
    each(&field.attrs, "from_row", |meta| {
        if meta.path.is_ident("flatten") {
            flatten = true;
            Ok(())
        } else if meta.path.is_ident("column") {
            let span = meta.path.span();
            once(&mut column, text(&meta)?.value(), span)
        } else {
            Err(unknown(&meta, &["column", "flatten"]))
        }
    })?;
    let column = (!flatten).then(|| column.unwrap_or_else(|| plain_name(ident)));
    let ty = &field.ty;
    Ok(ReadField { ident, ty, column })
}

/// The implementation of `FromRow`, also for models.
pub(crate) fn implementation(
    input: &DeriveInput,
    root: &Root,
    fields: &[ReadField<'_>],
) -> TokenStream {
    let name = &input.ident;
    let (generics, type_generics, condition) = input.generics.split_for_impl();
    let lists = fields
        .iter()
        .map(|ReadField { ty, column, .. }| match column {
            Some(column) => quote_spanned!(ty.span()=> &[#root::ColumnSpec::of::<#ty>(#column)]),
            None => quote_spanned!(ty.span()=> <#ty as #root::FromRow>::COLUMNS),
        });
    let values = fields.iter().map(|ReadField { ident, ty, column }| {
        if column.is_some() {
            quote_spanned!(ty.span()=> #ident: values.take::<#ty>()?)
        } else {
            quote_spanned!(ty.span()=> #ident: <#ty as #root::FromRow>::from_row(values)?)
        }
    });
    quote! {
        #[automatically_derived]
        impl #generics #root::FromRow for #name #type_generics #condition {
            const COLUMNS: &'static [#root::ColumnSpec] = {
                const LISTS: &[&[#root::ColumnSpec]] = &[#(#lists),*];
                &#root::ColumnSpec::concat::<{ #root::derive::total(LISTS) }>(LISTS)
            };

            fn from_row(
                values: &mut #root::Values<'_>,
            ) -> ::core::result::Result<Self, #root::derive::PoolError> {
                ::core::result::Result::Ok(Self { #(#values),* })
            }
        }
    }
}
