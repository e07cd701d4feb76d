//! Who calls: the App by a JSON web token, or an installation by its token, checked as strictly as GitHub does.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Refusal;
use super::installations::{Access, Token};
use super::limits::Bucket;
use super::state::State;

/// The longest that a JSON web token may live, in seconds.
///
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
const LONGEST_JWT_S: i64 = 600;

/// An authenticated caller.
#[derive(Debug, Clone)]
pub enum Caller {
    App,
    Installation(Token),
}

impl Caller {
    pub const fn bucket(&self) -> Bucket {
        match self {
            Self::App => Bucket::App,
            Self::Installation(token) => Bucket::Installation(token.installation),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Claims {
    iat: Option<Value>,
    exp: Option<Value>,
    iss: Option<Value>,
}

/// Finds out who calls, or why nobody is let in.
pub fn authenticate(state: &State, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(header) = header else {
        return Err(Refusal::new(401, "Requires authentication"));
    };
    let (scheme, credential) = header.split_once(' ').unwrap_or(("", header));
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    if !known {
        return Err(Refusal::new(401, "Bad credentials"));
    }
    if credential.split('.').count() == 3 {
        json_web_token(state, credential).map(|()| Caller::App)
    } else {
        installation_token(state, credential).map(Caller::Installation)
    }
}

fn json_web_token(state: &State, token: &str) -> Result<(), Refusal> {
    let refuse = |message: &str| Refusal::new(401, message);
    let mut validation = Validation::new(Algorithm::RS256);
    // Times are judged below, on the simulator's clock instead of the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_rsa_der(&state.app.key.public_der);
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|_| refuse("A JSON web token could not be decoded"))?
        .claims;
    let now = state.now().seconds();
    let seconds = |claim: &Option<Value>| claim.as_ref().and_then(Value::as_i64);
    let exp = seconds(&claims.exp).filter(|exp| *exp > now).ok_or_else(|| {
        refuse(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the \
             assertion expires",
        )
    })?;
    if exp > now + LONGEST_JWT_S {
        return Err(refuse("'Expiration time' claim ('exp') is too far in the future"));
    }
    seconds(&claims.iat).filter(|iat| *iat <= now).ok_or_else(|| {
        refuse("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
    })?;
    let issuer = match &claims.iss {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => return Err(refuse("'Issuer' claim ('iss') must be an Integer")),
    };
    if issuer == state.app.id.to_string() { Ok(()) } else { Err(Refusal::new(404, "Integration not found")) }
}

fn installation_token(state: &State, credential: &str) -> Result<Token, Refusal> {
    let token = state.tokens.get(credential).filter(|token| token.expires_at > state.now());
    let token = token.ok_or_else(|| Refusal::new(401, "Bad credentials"))?;
    match state.installations.get(&token.installation) {
        None => Err(Refusal::new(401, "Bad credentials")),
        Some(installation) if installation.suspended.is_some() => {
            Err(Refusal::new(403, "This installation has been suspended"))
        }
        Some(_) => Ok(token.clone()),
    }
}

/// Refuses unless one of the accepted permissions is granted now to the token and to its installation.
pub fn permitted(state: &State, token: &Token, accepted: &[(&str, Access)]) -> Result<(), Refusal> {
    let installed = state.installations.get(&token.installation).map(|installation| &installation.permissions);
    let granted = |name: &str, access: Access| {
        let reaches = |held: Option<&Access>| held.is_some_and(|held| *held >= access);
        reaches(token.permissions.get(name)) && reaches(installed.and_then(|all| all.get(name)))
    };
    if accepted.iter().any(|(name, access)| granted(name, *access)) {
        return Ok(());
    }
    let wanted: Vec<String> = accepted.iter().map(|(name, access)| format!("{name}={}", access.word())).collect();
    let mut refusal = Refusal::new(403, "Resource not accessible by integration");
    refusal.headers.push(("x-accepted-github-permissions", wanted.join("; ")));
    Err(refusal)
}
