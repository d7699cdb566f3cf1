//! The code that the derive writes. It delegates to the library; what is here depends on the model's fields.

use super::columns::{Column, Own};
use super::{Model, fields};
use crate::from_row::{self, ReadField};
use crate::root::Root;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Result};

/// Everything of `#[derive(Model)]`.
pub(crate) fn expand(input: &DeriveInput, root: &Root) -> Result<TokenStream> {
    let fields = fields(input)?;
    let model = Model::read(input, &fields)?;
    let parts = [
        model.row_reader(root),
        model.implementation(root),
        model.column_handles(root),
        model.new_row(root),
        model.patch_row(root),
    ];
    Ok(parts.into_iter().collect())
}

impl Model<'_> {
    fn row_reader(&self, root: &Root) -> TokenStream {
        let fields: Vec<ReadField<'_>> = self
            .fields
            .iter()
            .map(|field| ReadField {
                ident: field.ident,
                ty: &field.field.ty,
                column: self
                    .columns
                    .iter()
                    .find(|column| {
                        column
                            .own
                            .as_ref()
                            .is_some_and(|own| own.ident == field.ident)
                    })
                    .map(|column| column.name.clone()),
            })
            .collect();
        from_row::implementation(self.input, root, &fields)
    }

    fn implementation(&self, root: &Root) -> TokenStream {
        let (name, new, patch) = (self.ident(), self.new_name(), self.patch_name());
        let table = self.table(root);
        let key = self.key();
        let key_types = key.iter().map(|column| self.type_of(column, root));
        let key_of_row = key
            .iter()
            .map(|column| self.value_of(column, &quote!(self)));
        let (key_type, key_of_row, key_values) = if key.len() == 1 {
            (quote!(#(#key_types)*), quote!(#(#key_of_row)*), quote!(key))
        } else {
            let positions = (0..key.len()).map(syn::Index::from);
            (
                quote!((#(#key_types),*)),
                quote!((#(#key_of_row),*)),
                quote!(#(&key.#positions),*),
            )
        };
        let handles = self.columns.iter().map(constant_name);
        let values = self.fields.iter().map(|field| {
            let ident = field.ident;
            let span = field.field.ty.span();
            if field.options.flatten.is_some() {
                quote_spanned!(span=> values.extend(self.#ident.values());)
            } else {
                quote_spanned!(span=> values.push(&self.#ident);)
            }
        });
        quote! {
            #[automatically_derived]
            impl #root::Model for #name {
                type Id = #key_type;
                type New = #new;
                type Patch = #patch;
                const ANY_COLUMNS: &'static [&'static dyn #root::AnyColumn<Self>] =
                    &[#(&Self::#handles),*];
                #table

                fn key(&self) -> Self::Id {
                    #key_of_row
                }

                fn key_values(key: &Self::Id) -> ::std::vec::Vec<#root::Value<'_>> {
                    ::std::vec![#key_values]
                }

                fn values(&self) -> ::std::vec::Vec<&dyn #root::DbValue> {
                    let mut values: ::std::vec::Vec<&dyn #root::DbValue> =
                        ::std::vec::Vec::with_capacity(Self::TABLE.columns.len());
                    #(#values)*
                    values
                }
            }

            #root::derive::register!(#name);
        }
    }

    /// `Note::TITLE` and its neighbours, and `id()`.
    fn column_handles(&self, root: &Root) -> TokenStream {
        let name = self.ident();
        let handles = self.columns.iter().map(|column| {
            let (constant, sql_name) = (constant_name(column), &column.name);
            let (ty, value) = (self.type_of(column, root), self.value_of(column, &quote!(row)));
            let doc = format!("The column `{sql_name}`.");
            quote! {
                #[doc = #doc]
                pub const #constant: #root::Column<Self, #ty> = #root::Column::new(#sql_name, |row| #value);
            }
        });
        let id = match self.key().as_slice() {
            [key] => {
                let (ty, value) = (self.type_of(key, root), self.value_of(key, &quote!(self)));
                quote! {
                    /// The primary key.
                    #[must_use]
                    pub fn id(&self) -> #ty {
                        #value
                    }
                }
            }
            _ => quote!(),
        };
        quote! {
            #[automatically_derived]
            #[allow(dead_code, reason = "a model offers all its columns, used or not")]
            impl #name {
                #(#handles)*
                #id
            }
        }
    }

    /// The type of a column's values.
    fn type_of(&self, column: &Column<'_>, root: &Root) -> TokenStream {
        match &column.own {
            Some(Own { ty, .. }) => quote!(#ty),
            None => match column.name.as_str() {
                "id" => {
                    let name = self.ident();
                    quote!(#root::Id<#name>)
                }
                "created_at" | "updated_at" => quote!(#root::derive::Timestamp),
                "created_by" | "updated_by" => {
                    quote!(::core::option::Option<::std::string::String>)
                }
                "deleted_at" => quote!(::core::option::Option<#root::derive::Timestamp>),
                _ => quote!(bool),
            },
        }
    }

    /// The value of a column in a row, cloned.
    fn value_of(&self, column: &Column<'_>, row: &TokenStream) -> TokenStream {
        match &column.own {
            Some(Own { ident, .. }) => quote!(::core::clone::Clone::clone(&#row.#ident)),
            None => {
                let base = self
                    .fields
                    .iter()
                    .find(|field| field.options.flatten.is_some());
                let base = base.map(|base| base.ident);
                let field = format_ident!("{}", column.field);
                match column.name.as_str() {
                    "id" | "is_active" => quote!(#row.#base.#field()),
                    _ => quote!(::core::clone::Clone::clone(&#row.#base.#field)),
                }
            }
        }
    }

    pub(super) fn new_name(&self) -> Ident {
        format_ident!("New{}", self.ident())
    }

    pub(super) fn patch_name(&self) -> Ident {
        format_ident!("{}Patch", self.ident())
    }

    fn new_row(&self, root: &Root) -> TokenStream {
        let (name, new) = (self.ident(), self.new_name());
        let vis = &self.input.vis;
        let doc = format!("A [`{name}`] that is not in its table yet.");
        let read = self.read_new(root);
        let columns: Vec<&Column<'_>> = self
            .columns
            .iter()
            .filter(|column| column.is_in_new())
            .collect();
        let typed = columns.iter().map(|column| {
            let ty = match &column.own {
                Some(own) if column.is_optional_when_new() => {
                    let inner = own.inner();
                    quote!(::core::option::Option<#inner>)
                }
                Some(Own { ty, .. }) => quote!(#ty),
                None => {
                    let id = self.type_of(column, root);
                    quote!(::core::option::Option<#id>)
                }
            };
            (field_ident(column), ty)
        });
        let typed: Vec<(Ident, TokenStream)> = typed.collect();
        let equality = equality(&new, &typed);
        let fields = columns.iter().zip(&typed).map(|(column, (ident, ty))| {
            let (docs, read) = (docs(column), self.read_new_field(column, root));
            quote!(#docs #read pub #ident: #ty)
        });
        let blanks = columns.iter().map(|column| {
            let ident = field_ident(column);
            match &column.own {
                Some(own) if !column.is_optional_when_new() => {
                    let ty = own.ty;
                    quote_spanned!(ty.span()=> #ident: <#ty as #root::Blank>::blank())
                }
                _ => quote!(#ident: ::core::option::Option::None),
            }
        });
        let values = columns.iter().map(|column| {
            let ident = field_ident(column);
            if column.is_optional_when_new() {
                quote!(#root::derive::given(&self.#ident))
            } else {
                quote!(::core::option::Option::Some(&self.#ident))
            }
        });
        let fill = columns
            .iter()
            .filter(|column| column.is_made_id())
            .map(|column| {
                let ident = field_ident(column);
                quote!(self.#ident.get_or_insert_with(#root::Id::now);)
            });
        quote! {
            #[doc = #doc]
            #[derive(Debug, Clone)]
            #read
            #vis struct #new {
                #(#fields),*
            }

            #[automatically_derived]
            impl ::core::default::Default for #new {
                fn default() -> Self {
                    Self { #(#blanks),* }
                }
            }

            #equality

            #[automatically_derived]
            impl #root::NewRow<#name> for #new {
                fn fill(&mut self) {
                    #(#fill)*
                }

                fn write_values<'a>(
                    &'a self,
                    to: &mut ::std::vec::Vec<::core::option::Option<&'a dyn #root::DbValue>>,
                ) {
                    #(to.push(#values);)*
                }
            }
        }
    }

    fn patch_row(&self, root: &Root) -> TokenStream {
        let (name, patch) = (self.ident(), self.patch_name());
        let vis = &self.input.vis;
        let doc = format!("Changes to a [`{name}`]; what is not set stays.");
        let read = self.read_patch(root);
        let columns: Vec<&Column<'_>> = self
            .columns
            .iter()
            .filter(|column| column.patchable)
            .collect();
        let typed = columns.iter().map(|column| {
            let ty = self.type_of(column, root);
            (field_ident(column), quote!(#root::Patch<#ty>))
        });
        let typed: Vec<(Ident, TokenStream)> = typed.collect();
        let equality = equality(&patch, &typed);
        let fields = columns.iter().zip(&typed).map(|(column, (ident, ty))| {
            let (docs, read) = (docs(column), self.read_patch_field(column));
            quote!(#docs #read pub #ident: #ty)
        });
        let values = columns.iter().map(|column| {
            let span = column
                .own
                .as_ref()
                .map_or_else(Span::call_site, |own| own.ty.span());
            let (ident, column) = (field_ident(column), &column.name);
            quote_spanned!(span=> self.#ident.add(#column, &mut values);)
        });
        quote! {
            #[doc = #doc]
            #[derive(Debug, Clone, Default)]
            #read
            #vis struct #patch {
                #(#fields),*
            }

            #equality

            #[automatically_derived]
            impl #root::PatchRow<#name> for #patch {
                fn values(&self) -> ::std::vec::Vec<(&'static str, &dyn #root::DbValue)> {
                    #[allow(unused_mut, reason = "a model may have nothing to patch")]
                    let mut values = ::std::vec::Vec::new();
                    #(#values)*
                    values
                }
            }
        }
    }
}

/// Rows can be compared where all their fields can.
///
/// `for<'a>` keeps a model with a field that cannot be compared: the compiler asks for such a bound where rows are compared,
/// and one without it here.
fn equality(name: &Ident, fields: &[(Ident, TokenStream)]) -> TokenStream {
    let types = fields.iter().map(|(_, ty)| ty);
    let idents = fields.iter().map(|(ident, _)| ident);
    let other = if fields.is_empty() {
        quote!(_)
    } else {
        quote!(other)
    };
    quote! {
        #[automatically_derived]
        impl ::core::cmp::PartialEq for #name
        where
            #(for<'__row> #types: ::core::cmp::PartialEq),*
        {
            fn eq(&self, #other: &Self) -> bool {
                true #(&& ::core::cmp::PartialEq::eq(&self.#idents, &other.#idents))*
            }
        }
    }
}

/// `title` to `TITLE`.
fn constant_name(column: &Column<'_>) -> Ident {
    let span = column
        .own
        .as_ref()
        .map_or_else(Span::call_site, |own| own.ident.span());
    Ident::new(&column.field.to_uppercase(), span)
}

fn field_ident(column: &Column<'_>) -> Ident {
    match &column.own {
        Some(own) => own.ident.clone(),
        None => format_ident!("{}", column.field),
    }
}

/// The documentation of a column: the user's own, else one line.
fn docs(column: &Column<'_>) -> TokenStream {
    let own = column.own.as_ref().map(|own| own.docs).unwrap_or_default();
    let mut own = own
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .peekable();
    if own.peek().is_some() {
        return quote!(#(#own)*);
    }
    let doc = format!("The column `{}`.", column.name);
    quote!(#[doc = #doc])
}
