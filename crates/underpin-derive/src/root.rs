//! Where the library is found by the code that a macro writes.

use crate::attributes::{each, once, text, unknown};
use crate::names::snake_case;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::DeriveInput;
use syn::spanned::Spanned;

/// The path of `underpin-model`; interpolate it with `#root`.
pub(crate) enum Root {
    /// The user depends on `underpin-model`.
    Crate,
    /// The user depends on `underpin`.
    Facade,
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Crate => quote!(::underpin_model),
            Self::Facade => quote!(::underpin::model),
        });
    }
}

impl Root {
    /// The path of serde, as its own derives want it.
    pub(crate) fn serde(&self) -> &'static str {
        match self {
            Self::Crate => "::underpin_model::derive::serde",
            Self::Facade => "::underpin::model::derive::serde",
        }
    }
}

/// Turns errors into compile errors at the tokens they are about.
pub(crate) fn finish(expanded: syn::Result<TokenStream>) -> proc_macro::TokenStream {
    expanded
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// `Some("text")` or `None`.
pub(crate) fn optional(text: Option<String>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

/// Name and schema of a type of the database: `#[db_enum(name = "…", schema = "…")]`, else the snake case of the type.
pub(crate) fn type_name(
    input: &DeriveInput,
    attribute: &str,
) -> syn::Result<(String, TokenStream)> {
    let (mut name, mut schema) = (None, None);
    each(&input.attrs, attribute, |meta| {
        let span = meta.path.span();
        let slot = match () {
            () if meta.path.is_ident("name") => &mut name,
            () if meta.path.is_ident("schema") => &mut schema,
            () => return Err(unknown(&meta, &["name", "schema"])),
        };
        once(slot, text(&meta)?.value(), span)
    })?;
    let name = name.unwrap_or_else(|| snake_case(&input.ident.to_string()));
    Ok((name, optional(schema)))
}
