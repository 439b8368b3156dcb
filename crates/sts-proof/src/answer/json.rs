//! Answers in JSON: the form that STS gives when asked with `Accept: application/json`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{ErrorFields, Fields};

pub(super) fn identity(body: &str) -> Result<Fields, &'static str> {
    let Object(document): Object<Document> =
        serde_json::from_str(body).map_err(|_| "it is not the json of GetCallerIdentity")?;
    let Object(response) = document.response;
    let Object(result) = response.result;
    Ok(Fields { arn: result.arn, user_id: result.user_id, account: result.account })
}

pub(super) fn error(body: &str) -> Result<ErrorFields, &'static str> {
    let Object(document): Object<ErrorDocument> =
        serde_json::from_str(body).map_err(|_| "it is not the json of an error")?;
    let Object(error) = document.error;
    Ok(ErrorFields { code: error.code, message: error.message })
}

// Derived readers refuse a key that comes twice.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "GetCallerIdentityResponse")]
    response: Object<Response>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    #[serde(rename = "GetCallerIdentityResult")]
    result: Object<IdentityResult>,
    #[serde(rename = "ResponseMetadata", default)]
    _metadata: Option<Object<Metadata>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityResult {
    #[serde(rename = "Arn")]
    arn: String,
    #[serde(rename = "UserId")]
    user_id: String,
    #[serde(rename = "Account")]
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    #[serde(rename = "RequestId")]
    _request_id: String,
}

// Errors decide nothing in a caller's favour, so that more fields than these may come.

#[derive(Deserialize)]
struct ErrorDocument {
    #[serde(rename = "Error")]
    error: Object<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}

/// A JSON object. A derived reader alone would take an array of the fields' values as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}
