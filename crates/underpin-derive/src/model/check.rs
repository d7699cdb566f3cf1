//! What does not fit together is an error at the word that is wrong.

use super::columns::{Column, Own, Role};
use super::field::FieldOptions;
use super::index::{Index, Target};
use super::{Model, ModelField};
use crate::attributes::{inside_option, is_named};
use proc_macro2::Span;
use syn::{Error, Ident, LitStr, Result, Type};

/// PostgreSQL cuts longer names off.
const NAME_BYTES_MAX: usize = 63;

impl Model<'_> {
    pub(super) fn check(&self) -> Result<()> {
        self.fields.iter().try_for_each(check_field)?;
        self.check_names()?;
        self.check_key()?;
        if let Some((true, span)) = self.options.soft_delete
            && self.column("deleted_at").is_none()
        {
            return Err(Error::new(
                span,
                "soft_delete needs the column deleted_at: flatten a Base, or add `deleted_at: Option<Timestamp>`",
            ));
        }
        if self
            .columns
            .iter()
            .filter(|column| column.role == Role::Version)
            .count()
            > 1
        {
            return Err(Error::new(
                self.ident().span(),
                "a model has at most one version",
            ));
        }
        for index in &self.options.indexes {
            self.check_index(index)?;
        }
        for field in self.fields {
            for index in &field.options.indexes {
                self.check_index(index)?;
            }
        }
        for column in &self.columns {
            check_role(column)?;
        }
        Ok(())
    }

    fn check_names(&self) -> Result<()> {
        let columns = self
            .fields
            .iter()
            .filter_map(|field| field.options.column.as_ref());
        let names = [&self.options.table, &self.options.schema];
        names
            .into_iter()
            .flatten()
            .chain(columns)
            .try_for_each(name)
    }

    fn check_key(&self) -> Result<()> {
        for field in &self.options.primary_key {
            self.known(field)?;
        }
        let keys = self.columns.iter().filter(|column| column.is_key);
        match (keys.count(), self.options.primary_key.len()) {
            (0, _) => Err(Error::new(
                self.ident().span(),
                "a model needs a primary key: flatten a Base, mark a field #[model(primary_key)], or list several with \
                 #[model(primary_key(a, b))]",
            )),
            (1, 0) => Ok(()),
            (marked, 0) => {
                let second = self
                    .fields
                    .iter()
                    .filter_map(|field| field.options.primary_key)
                    .nth(1);
                Err(Error::new(
                    second.unwrap_or_else(Span::call_site),
                    format!(
                        "{marked} fields are the primary key: list them over the struct, #[model(primary_key(a, b))]"
                    ),
                ))
            }
            (keys, listed) if keys == listed => Ok(()),
            _ => Err(Error::new_spanned(
                self.options.primary_key.first(),
                "the primary key is named twice: here and at a field",
            )),
        }
    }

    fn check_index(&self, index: &Index) -> Result<()> {
        for key in &index.keys {
            if let Target::Field(field) = &key.target {
                self.known(field)?;
            }
        }
        index
            .include
            .iter()
            .try_for_each(|field| self.known(field))?;
        let method = index
            .method
            .as_ref()
            .filter(|method| method.value() != "btree");
        if let Some(method) = method.filter(|_| index.unique) {
            return Err(Error::new(method.span(), "only a btree can be unique"));
        }
        if let Some(name_of_index) = &index.name {
            name(name_of_index)?;
        }
        Ok(())
    }

    /// Is it a field of the model, or of its base?
    fn known(&self, field: &Ident) -> Result<()> {
        if self.columns.iter().any(|column| column.is_field(field)) {
            return Ok(());
        }
        Err(Error::new(
            field.span(),
            format!("the model has no field `{field}`"),
        ))
    }
}

fn name(name: &LitStr) -> Result<()> {
    match name.value().len() {
        0 => Err(Error::new(name.span(), "a name must not be empty")),
        _ if name.value().contains(['"', '\0']) => {
            Err(Error::new(name.span(), "a name must not hold quotes"))
        }
        1..=NAME_BYTES_MAX => Ok(()),
        _ => Err(Error::new(
            name.span(),
            "PostgreSQL cuts names off after 63 bytes",
        )),
    }
}

fn check_field(field: &ModelField<'_>) -> Result<()> {
    let FieldOptions {
        max_len,
        collate,
        default,
        generated,
        identity,
        references,
        on_delete,
        on_update,
        flatten,
        primary_key,
        count,
        ..
    } = &field.options;
    let ty = &field.field.ty;
    if let Some(flatten) = flatten {
        return match count {
            1 => Ok(()),
            _ => Err(Error::new(*flatten, "flatten stands alone")),
        };
    }
    if is_named(ty, "Base") {
        return Err(Error::new_spanned(
            ty,
            "a Base is flattened: #[model(flatten)]",
        ));
    }
    if let Some(generated) = generated
        && (default.is_some() || identity.is_some())
    {
        return Err(Error::new(
            generated.span(),
            "a generated column has no default and no identity",
        ));
    }
    if let (Some(identity), Some(_)) = (identity, default) {
        return Err(Error::new(
            identity.span,
            "an identity column has no default",
        ));
    }
    if let Some(identity) = identity
        && !["i16", "i32", "i64"].iter().any(|int| is_named(ty, int))
    {
        return Err(Error::new(
            identity.span,
            "an identity column is an i16, i32 or i64",
        ));
    }
    if let Some(length) = max_len {
        if !is_text(ty) {
            return Err(Error::new(
                length.span(),
                "max_len is for String and Option<String>",
            ));
        }
        if !matches!(length.base10_parse::<u32>(), Ok(1..=10_485_760)) {
            return Err(Error::new(length.span(), "a length is 1 to 10485760"));
        }
    }
    if let Some(collate) = collate.as_ref().filter(|_| !is_text(ty)) {
        return Err(Error::new(
            collate.span(),
            "collate is for String and Option<String>",
        ));
    }
    if let (Some(key), Some(_)) = (primary_key, inside_option(ty)) {
        return Err(Error::new(*key, "a primary key is never NULL: no Option"));
    }
    for action in [on_delete, on_update].into_iter().flatten() {
        if references.is_none() {
            return Err(Error::new(action.span, "this needs `references = Model`"));
        }
        if action.variant == "SetNull" && inside_option(ty).is_none() {
            return Err(Error::new(action.span, "\"set_null\" needs an Option"));
        }
    }
    Ok(())
}

fn is_text(ty: &Type) -> bool {
    is_named(inside_option(ty).unwrap_or(ty), "String")
}

/// Columns that the library fills must be of the type that it fills them with.
fn check_role(column: &Column<'_>) -> Result<()> {
    let Some(Own { ty, .. }) = column.own else {
        return Ok(());
    };
    let (fits, wanted) = match column.role {
        Role::Plain => return Ok(()),
        Role::CreatedAt | Role::UpdatedAt => (is_named(ty, "Timestamp"), "Timestamp"),
        Role::DeletedAt => (
            inside_option(ty).is_some_and(|inside| is_named(inside, "Timestamp")),
            "Option<Timestamp>",
        ),
        Role::CreatedBy | Role::UpdatedBy => (
            inside_option(ty).is_some_and(|inside| is_named(inside, "String")),
            "Option<String>",
        ),
        Role::Version => (is_named(ty, "i64"), "i64"),
    };
    if fits {
        return Ok(());
    }
    let message = format!("the library fills \"{}\": it must be {wanted}", column.name);
    Err(Error::new_spanned(ty, message))
}
