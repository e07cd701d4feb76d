//! Reads JSON of which any part may be null, absent or of another kind: what is not as expected reads as absent.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text, if it was one.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

/// A whole number, if it was one.
#[derive(Debug, Default)]
pub(super) struct Whole(pub(super) Option<i64>);

/// Whether there was anything but null.
#[derive(Debug, Default)]
pub(super) struct Present(pub(super) bool);

/// An object, if it was one.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

/// The objects of an array; empty if it was none.
#[derive(Debug)]
pub(super) struct Objects<T>(pub(super) Vec<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What to make of each kind of JSON value; whatever is not overridden counts as absent.
trait Reading<'de>: Default {
    fn scalar() -> Self {
        Self::default()
    }

    fn whole(_number: i64) -> Self {
        Self::scalar()
    }

    fn text(_text: &str) -> Self {
        Self::scalar()
    }

    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::scalar())
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::scalar())
    }
}

impl Reading<'_> for Text {
    fn text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl Reading<'_> for Whole {
    fn whole(number: i64) -> Self {
        Self(Some(number))
    }
}

impl Reading<'_> for Present {
    fn scalar() -> Self {
        Self(true)
    }
}

impl<'de, T: Deserialize<'de>> Reading<'de> for Object<T> {
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|read| Self(Some(read)))
    }
}

impl<'de, T: Deserialize<'de>> Reading<'de> for Objects<T> {
    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = array.next_element::<Object<T>>()? {
            all.extend(element.0);
        }
        Ok(Self(all))
    }
}

struct Anything<R>(PhantomData<R>);

impl<'de, R: Reading<'de>> Visitor<'de> for Anything<R> {
    type Value = R;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<R, E> {
        Ok(R::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<R, E> {
        Ok(R::scalar())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<R, E> {
        Ok(R::scalar())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<R, E> {
        Ok(R::whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<R, E> {
        Ok(i64::try_from(number).map_or_else(|_| R::scalar(), R::whole))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<R, E> {
        Ok(R::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<R, A::Error> {
        R::array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<R, A::Error> {
        R::object(object)
    }
}

macro_rules! read_leniently {
    ($($kind:ty $(, $parameter:ident)?;)+) => {$(
        impl<'de $(, $parameter: Deserialize<'de>)?> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Anything(PhantomData))
            }
        }
    )+};
}

read_leniently! {
    Text;
    Whole;
    Present;
    Object<T>, T;
    Objects<T>, T;
}
