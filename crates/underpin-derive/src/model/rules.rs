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
        min: Option<usize>,
        max: Option<usize>,
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
                let (min, max) = bounds(meta, number)?;
                check_order(min, max, meta)?;
                Self::Range { min, max }
            }
            _ => {
                let (min, max) = bounds(meta, count)?;
                check_order(min, max, meta)?;
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
                let min = option(min.map(|min| quote!(#min)));
                let max = option(max.map(|max| quote!(#max)));
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
                quote!(#root::Rule::Custom(|value| #root::derive::custom::<#inner, _, _>(value, #check)))
            }
        }
    }
}

/// `(min = …, max = …)`, at least one of them.
fn bounds<T>(
    meta: &ParseNestedMeta<'_>,
    read: fn(&Expr) -> Result<T>,
) -> Result<(Option<T>, Option<T>)> {
    let (mut min, mut max) = (None, None);
    meta.parse_nested_meta(|bound| {
        let slot = match () {
            () if bound.path.is_ident("min") => &mut min,
            () if bound.path.is_ident("max") => &mut max,
            () => return Err(bound.error("expected min = … or max = …")),
        };
        let value = read(&bound.value()?.parse()?)?;
        crate::attributes::once(slot, value, bound.path.span())
    })?;
    if min.is_none() && max.is_none() {
        return Err(Error::new(meta.path.span(), "expected (min = …, max = …)"));
    }
    Ok((min, max))
}

fn check_order<T: PartialOrd>(
    min: Option<T>,
    max: Option<T>,
    meta: &ParseNestedMeta<'_>,
) -> Result<()> {
    match min.zip(max) {
        Some((min, max)) if min > max => {
            Err(Error::new(meta.path.span(), "min is larger than max"))
        }
        _ => Ok(()),
    }
}

/// A number of characters or items.
fn count(bound: &Expr) -> Result<usize> {
    match bound {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int.base10_parse(),
            other => Err(Error::new(other.span(), "expected a whole number")),
        },
        other => Err(Error::new(other.span(), "expected a whole number")),
    }
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
