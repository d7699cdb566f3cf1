//! `deserialize`: `NewX` and `XPatch` as bodies of requests, read by serde.

use super::Model;
use super::columns::Column;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

impl Model<'_> {
    /// What stands over `NewX`: a body must name what the row needs, and nothing that it does not have.
    pub(super) fn read_new(&self, root: &Root) -> TokenStream {
        self.read_body(root, &quote!())
    }

    /// What stands over `XPatch`: what a body does not name stays.
    pub(super) fn read_patch(&self, root: &Root) -> TokenStream {
        self.read_body(root, &quote!(default,))
    }

    fn read_body(&self, root: &Root, default: &TokenStream) -> TokenStream {
        if self.options.deserialize.is_none() {
            return quote!();
        }
        let path = root.serde();
        quote! {
            #[derive(#root::derive::serde::Deserialize)]
            #[serde(crate = #path, #default deny_unknown_fields)]
        }
    }

    /// What stands at a field of `NewX`: ids are made here, and private fields are none of the client's business.
    pub(super) fn read_new_field(&self, column: &Column<'_>, root: &Root) -> TokenStream {
        if self.options.deserialize.is_none() || !(column.is_made_id() || column.is_private()) {
            return quote!();
        }
        match &column.own {
            Some(own) if !column.is_optional_when_new() => {
                let ty = own.ty.to_token_stream();
                let blank = quote!(<#ty as #root::Blank>::blank).to_string();
                quote!(#[serde(skip, default = #blank)])
            }
            _ => quote!(#[serde(skip)]),
        }
    }

    /// What stands at a field of `XPatch`.
    pub(super) fn read_patch_field(&self, column: &Column<'_>) -> TokenStream {
        if self.options.deserialize.is_some() && column.is_private() {
            quote!(#[serde(skip)])
        } else {
            quote!()
        }
    }
}
