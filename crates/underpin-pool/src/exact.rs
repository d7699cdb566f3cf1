//! Values that a type of Rust cannot hold are errors, never rounded: what libraries read without a word is looked at before.

use crate::{FromSql, Type};
use bytes::Buf;
use postgres_types::Kind;
use std::any::type_name;
use std::error::Error;
use std::fmt;

/// The largest number of decimals of `rust_decimal::Decimal`, and the first whole number that it cannot hold.
const DECIMAL_SCALE_MAX: i32 = 28;
const DECIMAL_END: u128 = 1 << 96;
/// The highest two bits of a numeric's sign: it is no number, or infinite. Whoever reads it says so.
const SPECIAL: u16 = 0xC000;

/// As [`FromSql::from_sql`], and an error where that would round: a `numeric` that `rust_decimal::Decimal` cannot hold,
/// alone, in an `Option` or in a list; an infinite time as a `SystemTime`.
///
/// Everything that is read from a row is read so. A type that implements `FromSql` by reading a `Decimal` itself calls this.
///
/// # Errors
/// Those of `from_sql`, and a text that says what does not fit.
pub fn from_sql_exact<'a, T: FromSql<'a>>(
    r#type: &Type,
    raw: &'a [u8],
) -> Result<T, Box<dyn Error + Sync + Send>> {
    check::<T>(r#type, raw)?;
    T::from_sql(r#type, raw)
}

/// Would `T` read something else than the value? `FromSql` does not tell what it rounds, so types are known by name.
fn check<T>(r#type: &Type, raw: &[u8]) -> Result<(), Inexact> {
    let item = match r#type.kind() {
        Kind::Array(item) => item,
        _ => r#type,
    };
    let fits: fn(&[u8]) -> bool = match *item {
        Type::NUMERIC if is_of::<T>("rust_decimal::decimal::Decimal") => fits_decimal,
        Type::TIMESTAMP | Type::TIMESTAMPTZ if is_of::<T>("std::time::SystemTime") => is_finite,
        _ => return Ok(()),
    };
    let all_fit = match r#type.kind() {
        Kind::Array(_) => items(raw).is_none_or(|mut items| items.all(fits)),
        _ => fits(raw),
    };
    all_fit.then_some(()).ok_or_else(|| Inexact(item.clone()))
}

fn is_of<T>(name: &str) -> bool {
    type_name::<T>().contains(name)
}

/// Is a binary numeric exactly a decimal of at most 96 bits and 28 decimals? What is too short is left to whoever reads it.
fn fits_decimal(mut raw: &[u8]) -> bool {
    if raw.remaining() < 8 {
        return true;
    }
    let (_count, weight, sign, _scale) =
        (raw.get_u16(), raw.get_i16(), raw.get_u16(), raw.get_u16());
    if sign & SPECIAL == SPECIAL {
        return true;
    }
    let groups: Vec<u128> = raw
        .chunks_exact(2)
        .map(|group| u128::from(u16::from_be_bytes([group[0], group[1]])))
        .collect();
    let used = groups
        .iter()
        .rposition(|group| *group != 0)
        .map_or(0, |last| last + 1);
    let mantissa = groups[..used].iter().try_fold(0_u128, |mantissa, group| {
        mantissa.checked_mul(10_000)?.checked_add(*group)
    });
    let (Some(mut mantissa), Ok(used)) = (mantissa, i32::try_from(used)) else {
        return false;
    };
    // The power of ten that the mantissa counts.
    let mut power = 4 * (i32::from(weight) + 1 - used);
    while power < 0 && mantissa != 0 && mantissa.is_multiple_of(10) {
        (mantissa, power) = (mantissa / 10, power + 1);
    }
    let whole = match u32::try_from(power) {
        Ok(power) => 10_u128
            .checked_pow(power)
            .and_then(|ten| mantissa.checked_mul(ten)),
        Err(_) => Some(mantissa).filter(|_| power >= -DECIMAL_SCALE_MAX),
    };
    mantissa == 0 || whole.is_some_and(|whole| whole < DECIMAL_END)
}

/// `infinity` is the largest of the numbers of microseconds, `-infinity` the smallest.
fn is_finite(raw: &[u8]) -> bool {
    raw != i64::MAX.to_be_bytes() && raw != i64::MIN.to_be_bytes()
}

/// The items of an array that are not NULL; None when it cannot be read.
fn items(mut raw: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let dimensions = usize::try_from(raw.try_get_i32().ok()?).ok()?;
    let _nulls_and_item = raw.try_get_u64().ok()?;
    let _lengths_and_bounds = raw.split_off(..dimensions.checked_mul(8)?)?;
    Some(crate::row::RawValues(raw).flatten())
}

/// A value that the type asked for cannot hold.
#[derive(Debug)]
struct Inexact(Type);

impl fmt::Display for Inexact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Type::NUMERIC => f.write_str(
                "the numeric has more digits than a Decimal can hold (96 bits, 28 decimals): read it as text (`::text`), or \
                 round it in SQL",
            ),
            _ => f.write_str("the time is infinite"),
        }
    }
}

impl Error for Inexact {}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, groups: &[u16]) -> Vec<u8> {
        let count = u16::try_from(groups.len()).expect("few");
        let mut raw = Vec::from(count.to_be_bytes());
        raw.extend(weight.to_be_bytes());
        raw.extend(sign.to_be_bytes());
        raw.extend(0_u16.to_be_bytes());
        raw.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
        raw
    }

    #[test]
    fn numeric_fits_when_it_has_96_bits_and_28_decimals() {
        for (raw, expected) in [
            (numeric(0, 0, &[]), true),
            (numeric(0, 0, &[1, 5000]), true),
            (numeric(-7, 0, &[1]), true),
            (numeric(-8, 0, &[1000]), false),
            (numeric(-50, 0, &[1]), false),
            (numeric(7, 0, &[8]), false),
            (numeric(100, 0x4000, &[1]), false),
            (numeric(0, SPECIAL, &[]), true),
            // 2^96 - 1, and 2^96.
            (
                numeric(7, 0, &[7, 9228, 1625, 1426, 4337, 5935, 4395, 335]),
                true,
            ),
            (
                numeric(7, 0, &[7, 9228, 1625, 1426, 4337, 5935, 4395, 336]),
                false,
            ),
            (
                numeric(6, 0, &[7922, 8162, 5142, 6433, 7593, 5439, 5033, 5000]),
                true,
            ),
            (
                numeric(6, 0, &[7922, 8162, 5142, 6433, 7593, 5439, 5033, 6000]),
                false,
            ),
        ] {
            assert_eq!(fits_decimal(&raw), expected, "{raw:?}");
        }
    }
}
