//! Reads a request's body up to a limit, without copying it where it came in one piece.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFault {
    /// It is longer than the limit.
    TooLarge,
    /// The connection broke before its end.
    Incomplete,
}

/// The most that is set aside on the word of a `Content-Length` alone.
const TRUSTED_BYTES: usize = 256 * 1024;

/// Reads all of `body`, which announces `announced` bytes if it announces any, as long as it has at most `limit` bytes.
pub(super) async fn read(mut body: Body, announced: Option<usize>, limit: usize) -> Result<Bytes, BodyFault> {
    let first = next(&mut body).await?.unwrap_or_default();
    if first.len() > limit {
        return Err(BodyFault::TooLarge);
    }
    if announced == Some(first.len()) {
        return Ok(first);
    }
    let Some(second) = next(&mut body).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::with_capacity(announced.unwrap_or_default().min(TRUSTED_BYTES).max(first.len()));
    whole.extend_from_slice(&first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > limit {
            return Err(BodyFault::TooLarge);
        }
        whole.extend_from_slice(&bytes);
        piece = next(&mut body).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Body) -> Result<Option<Bytes>, BodyFault> {
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(_)) => return Err(BodyFault::Incomplete),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
