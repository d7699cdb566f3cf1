//! Fields into columns: a flattened base stands for seven.

use super::ModelField;
use super::field::FieldOptions;
use super::options::Options;
use crate::attributes::{inside_option, is_named, plain_name};
use syn::{Error, Ident, Result, Type};

/// The columns of `underpin_model::Base`, in its order.
pub(super) const BASE: [&str; 7] = [
    "id",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "deleted_at",
    "is_active",
];

/// What the library itself does with a column, known by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// Set by the server when a row is made.
    CreatedAt,
    /// Set by the server whenever a row changes.
    UpdatedAt,
    /// The actor who made the row.
    CreatedBy,
    /// The actor who last changed it.
    UpdatedBy,
    /// Set by a soft delete.
    DeletedAt,
    /// Counts changes.
    Version,
}

/// How a column gets its value when a row is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Insert {
    /// From `NewX`, always: part of the constant statement.
    Always,
    /// From `NewX` when it says so, else the database's default.
    WhenGiven,
    /// From the actor.
    Actor,
    /// The database makes it.
    Never,
}

/// A column of the table.
pub(super) struct Column<'a> {
    pub(super) name: String,
    /// The name of the field that carries it: of the base's own for its columns.
    pub(super) field: String,
    /// None: part of the flattened base.
    pub(super) own: Option<Own<'a>>,
    pub(super) role: Role,
    pub(super) is_key: bool,
    pub(super) insert: Insert,
    /// May a patch change it?
    pub(super) patchable: bool,
}

/// A column that is a field of the model itself.
pub(super) struct Own<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) options: &'a FieldOptions,
    /// All attributes of the field, among them its documentation.
    pub(super) docs: &'a [syn::Attribute],
}

impl Column<'_> {
    pub(super) fn is_field(&self, field: &Ident) -> bool {
        self.field == plain_name(field)
    }

    /// Is it filled by the application with a new `Id` when none is given?
    pub(super) fn is_made_id(&self) -> bool {
        let is_id = self.own.as_ref().is_none_or(|own| is_named(own.ty, "Id"));
        self.is_key && is_id && self.insert == Insert::Always
    }

    /// Is it kept from clients?
    pub(super) fn is_private(&self) -> bool {
        let own = self.own.as_ref();
        own.is_some_and(|own| own.options.private.is_some())
    }

    /// Does `NewX` have it?
    pub(super) fn is_in_new(&self) -> bool {
        matches!(self.insert, Insert::Always | Insert::WhenGiven)
    }

    /// Is its field in `NewX` an `Option`, whatever it is in the model?
    pub(super) fn is_optional_when_new(&self) -> bool {
        self.insert == Insert::WhenGiven || self.is_made_id()
    }
}

impl<'a> Own<'a> {
    /// The type of its values when they are not NULL.
    pub(super) fn inner(&self) -> &'a Type {
        inside_option(self.ty).unwrap_or(self.ty)
    }
}

/// The columns of all fields, in order.
pub(super) fn of<'a>(fields: &'a [ModelField<'a>], options: &Options) -> Result<Vec<Column<'a>>> {
    let mut columns: Vec<Column<'a>> = Vec::new();
    for field in fields {
        let added = if field.options.flatten.is_some() {
            flattened(field)?
        } else {
            vec![own(field, options)]
        };
        for column in added {
            if columns.iter().any(|other| other.name == column.name) {
                let message = format!("two fields have the column \"{}\"", column.name);
                return Err(Error::new(field.ident.span(), message));
            }
            columns.push(column);
        }
    }
    Ok(columns)
}

fn flattened<'a>(field: &ModelField<'_>) -> Result<Vec<Column<'a>>> {
    if !is_named(&field.field.ty, "Base") {
        return Err(Error::new_spanned(
            &field.field.ty,
            "only `Base` can be flattened into a model, since its columns must be known here",
        ));
    }
    let column = |name: &str| {
        let role = role(name, false);
        let is_key = name == "id";
        Column {
            name: String::from(name),
            field: String::from(name),
            own: None,
            role,
            is_key,
            insert: match role {
                Role::CreatedBy | Role::UpdatedBy => Insert::Actor,
                Role::Plain if is_key => Insert::Always,
                _ => Insert::Never,
            },
            patchable: name == "is_active",
        }
    };
    Ok(BASE.into_iter().map(column).collect())
}

fn own<'a>(field: &'a ModelField<'a>, options: &Options) -> Column<'a> {
    let FieldOptions {
        column,
        default,
        generated,
        identity,
        version,
        primary_key,
        ..
    } = &field.options;
    let name = column
        .as_ref()
        .map_or_else(|| plain_name(field.ident), syn::LitStr::value);
    let role = role(&name, version.is_some());
    let is_key = primary_key.is_some() || options.primary_key.iter().any(|key| key == field.ident);
    let insert = match role {
        Role::CreatedBy | Role::UpdatedBy => Insert::Actor,
        _ if generated.is_some() || identity.as_ref().is_some_and(|id| !id.by_default) => {
            Insert::Never
        }
        Role::Plain if default.is_some() || identity.is_some() => Insert::WhenGiven,
        Role::Plain => Insert::Always,
        _ => Insert::Never,
    };
    Column {
        name,
        field: plain_name(field.ident),
        own: Some(Own {
            ident: field.ident,
            ty: &field.field.ty,
            options: &field.options,
            docs: &field.field.attrs,
        }),
        role,
        is_key,
        insert,
        patchable: role == Role::Plain && !is_key && insert != Insert::Never,
    }
}

fn role(name: &str, version: bool) -> Role {
    match name {
        _ if version => Role::Version,
        "created_at" => Role::CreatedAt,
        "updated_at" => Role::UpdatedAt,
        "created_by" => Role::CreatedBy,
        "updated_by" => Role::UpdatedBy,
        "deleted_at" => Role::DeletedAt,
        _ => Role::Plain,
    }
}
