//! Validation: `length(min = 1, max = 80)`, `range(min = 0)`, `pattern = "…"`, `email`, `url`, `custom = path`.

use crate::attributes::text;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Path, Result, Type, UnOp};

/// What a value must be, checked before each write.
pub(super) enum Rule {
    Length {
        min: Option<Expr>,
        max: Option<Expr>,
    },
    Range {
        min: Option<f64>,
        max: Option<f64>,
    },
    Pattern(LitStr),
    Email,
    Url,
    Custom(Path),
}

impl Rule {
    pub(super) fn is_rule(word: &str) -> bool {
        ["length", "range", "pattern", "email", "url", "custom"].contains(&word)
    }

    pub(super) fn read(word: &str, meta: &ParseNestedMeta<'_>) -> Result<Self> {
        Ok(match word {
            "email" => Self::Email,
            "url" => Self::Url,
            "pattern" => Self::Pattern(text(meta)?),
            "custom" => Self::Custom(meta.value()?.parse()?),
            "range" => {
                let (min, max) = bounds(meta)?;
                let number = |bound: Option<Expr>| bound.as_ref().map(number).transpose();
                let (min, max) = (number(min)?, number(max)?);
                if min.zip(max).is_some_and(|(min, max)| min > max) {
                    return Err(Error::new(meta.path.span(), "min is larger than max"));
                }
                Self::Range { min, max }
            }
            _ => {
                let (min, max) = bounds(meta)?;
                Self::Length { min, max }
            }
        })
    }

    /// The rule as a constant of the library.
    pub(super) fn constant(&self, root: &Root, inner: &Type) -> TokenStream {
        let option = |bound: Option<TokenStream>| match bound {
            Some(bound) => quote!(::core::option::Option::Some(#bound)),
            None => quote!(::core::option::Option::None),
        };
        match self {
            Self::Length { min, max } => {
                let min = option(min.as_ref().map(|min| quote!(#min)));
                let max = option(max.as_ref().map(|max| quote!(#max)));
                quote!(#root::Rule::Length { min: #min, max: #max })
            }
            Self::Range { min, max } => {
                let min = option(min.map(|min| quote!(#min)));
                let max = option(max.map(|max| quote!(#max)));
                quote!(#root::Rule::Range { min: #min, max: #max })
            }
            Self::Pattern(pattern) => quote!(#root::Rule::Pattern(#pattern)),
            Self::Email => quote!(#root::Rule::Email),
            Self::Url => quote!(#root::Rule::Url),
            Self::Custom(check) => {
                quote!(#root::Rule::Custom(|value| #root::derive::custom::<#inner, _>(value, #check)))
            }
        }
    }
}

/// `(min = …, max = …)`, at least one of them.
fn bounds(meta: &ParseNestedMeta<'_>) -> Result<(Option<Expr>, Option<Expr>)> {
    let (mut min, mut max) = (None, None);
    meta.parse_nested_meta(|bound| {
        let slot = match () {
            () if bound.path.is_ident("min") => &mut min,
            () if bound.path.is_ident("max") => &mut max,
            () => return Err(bound.error("expected min = … or max = …")),
        };
        crate::attributes::once(slot, bound.value()?.parse()?, bound.path.span())
    })?;
    if min.is_none() && max.is_none() {
        return Err(Error::new(meta.path.span(), "expected (min = …, max = …)"));
    }
    Ok((min, max))
}

/// A number as written, perhaps with a minus.
fn number(bound: &Expr) -> Result<f64> {
    match bound {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|n| -n),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int.base10_parse(),
            Lit::Float(float) => float.base10_parse(),
            other => Err(Error::new(other.span(), "expected a number")),
        },
        other => Err(Error::new(other.span(), "expected a number")),
    }
}
