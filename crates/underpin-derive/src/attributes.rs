//! What all macros share in reading attributes.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, LitStr, Result, Type};

/// The named fields of a struct, or an error that says what the macro wants.
pub(crate) fn named_fields<'a>(input: &'a DeriveInput, macro_name: &str) -> Result<Vec<&'a Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => Ok(fields.named.iter().collect()),
            _ => Err(Error::new_spanned(
                &input.ident,
                format!("{macro_name} needs a struct with named fields"),
            )),
        },
        _ => Err(Error::new_spanned(
            &input.ident,
            format!("{macro_name} is for structs"),
        )),
    }
}

/// Refuses type parameters: a table, a type of the database, is one thing.
pub(crate) fn without_generics(input: &DeriveInput, macro_name: &str) -> Result<()> {
    if input.generics.params.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(
        &input.generics,
        format!("{macro_name} is not for generic types"),
    ))
}

/// Reads all `#[name(…)]` of one item.
pub(crate) fn each(
    attributes: &[syn::Attribute],
    name: &str,
    mut read: impl FnMut(ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
        .try_for_each(|attribute| attribute.parse_nested_meta(&mut read))
}

/// The text of `key = "text"`.
pub(crate) fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    meta.value()?.parse()
}

/// Sets an option once; twice is an error at the second one.
pub(crate) fn once<T>(slot: &mut Option<T>, value: T, span: Span) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(Error::new(span, "this is said twice"));
    }
    Ok(())
}

/// The error for a word that no option has, at that word.
pub(crate) fn unknown(meta: &ParseNestedMeta<'_>, known: &[&str]) -> Error {
    let word = meta
        .path
        .get_ident()
        .map(Ident::to_string)
        .unwrap_or_default();
    Error::new(
        meta.path.span(),
        format!("unknown option `{word}`; known here: {}", known.join(", ")),
    )
}

/// The type inside `Option<…>`.
pub(crate) fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inside) if last.ident == "Option" => Some(inside),
        _ => None,
    }
}

/// Is it `Name` or `Name<…>`, whatever path leads to it?
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// The name of a field in Rust, without `r#`.
pub(crate) fn plain_name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), String::from)
}

/// The field's name; fields of tuple structs never come here.
pub(crate) fn ident(field: &Field) -> Result<&Ident> {
    field
        .ident
        .as_ref()
        .ok_or_else(|| Error::new_spanned(field, "the field needs a name"))
}
