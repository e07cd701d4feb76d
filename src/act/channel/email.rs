//! Messages as e-mail over SMTP: plain text, marked as written by a machine, with an id by which a repetition is known.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{AsyncTransport as _, Tokio1Executor};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{ChannelMeans, Sending, Unsent};
use crate::model::PeopleMessage;

/// How long the server may take for each step.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long all of it may take.
const TIMEOUT: Duration = Duration::from_secs(40);
/// What a server says in a refusal is cut after so many characters.
const WORDS_CHARS: usize = 200;
/// The reply codes by which a server does not let us in (<https://www.rfc-editor.org/rfc/rfc4954#section-6>).
const NOT_LET_IN: [u16; 5] = [530, 534, 535, 538, 454];

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Who it is from and whom it goes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'e> {
    pub(super) from: &'e str,
    pub(super) to: &'e [String],
}

pub(super) async fn send(
    means: &ChannelMeans,
    (channel, smtp_env): (&str, &str),
    envelope: Envelope<'_>,
    sending: Sending<'_>,
) -> Result<String, Unsent> {
    let server = Server::of(means, smtp_env)?;
    let letter = letter(channel, envelope, sending)
        .map_err(|error| Unsent::Refused(format!("no e-mail can be made of it: {error}")))?;
    match tokio::time::timeout(TIMEOUT, server.transport.send(letter)).await {
        Ok(Ok(_)) => Ok(format!("the mail server took it for {} recipients", envelope.to.len())),
        Ok(Err(error)) => Err(server.outcome(&error)),
        Err(_) => Err(Unsent::Failed(format!("the mail server took more than {} s", TIMEOUT.as_secs()))),
    }
}

/// Connects, signs in and asks for nothing.
pub(super) async fn look(means: &ChannelMeans, smtp_env: &str) -> Result<String, Unsent> {
    let server = Server::of(means, smtp_env)?;
    match tokio::time::timeout(TIMEOUT, server.transport.test_connection()).await {
        Ok(Ok(true)) if server.in_the_clear => Err(Unsent::Failed(format!(
            "the password in {smtp_env} goes over the network unencrypted; add `?tls=required`"
        ))),
        Ok(Ok(true)) => Ok("the mail server lets us in".to_owned()),
        Ok(Ok(false)) => Err(Unsent::Failed("the mail server does not answer as it should".to_owned())),
        Ok(Err(error)) => Err(server.outcome(&error)),
        Err(_) => Err(Unsent::Failed(format!("the mail server took more than {} s", TIMEOUT.as_secs()))),
    }
}

struct Server {
    transport: Transport,
    /// Never to be shown, whatever the server says.
    password: Option<String>,
    /// A password goes over the network, and nothing is encrypted.
    in_the_clear: bool,
}

impl Server {
    fn of(means: &ChannelMeans, smtp_env: &str) -> Result<Self, Unsent> {
        let address = means.variable(smtp_env)?;
        let address = address.trim();
        // The parser's own words might repeat the password.
        let unfit = || {
            Unsent::Failed(format!(
                "{smtp_env} does not hold an SMTP address such as smtps://user:password@mail.example.com:465"
            ))
        };
        let url = Url::parse(address).map_err(|_| unfit())?;
        let transport = Transport::from_url(address).map_err(|_| unfit())?;
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let plain =
            url.scheme() == "smtp" && !url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        Ok(Self {
            transport: transport.timeout(Some(STEP_TIMEOUT)).build(),
            password: url.password().map(decoded),
            in_the_clear: plain && url.password().is_some() && !is_local,
        })
    }

    /// What an error of the server means. Who may send is mended by people, and nothing is lost until they have.
    fn outcome(&self, error: &SmtpError) -> Unsent {
        let words = self.words(error);
        let code = error.status().map(u16::from);
        if code.is_some_and(|code| NOT_LET_IN.contains(&code)) {
            return Unsent::Failed(format!("the mail server does not let us in: {words}"));
        }
        if error.is_permanent() {
            return Unsent::Refused(format!("the mail server refused it: {words}"));
        }
        if error.is_transient() {
            return Unsent::Failed(format!("the mail server does not take it now: {words}"));
        }
        Unsent::Failed(format!("the mail server could not be spoken to: {words}"))
    }

    /// What went wrong, on one line, without the password.
    fn words(&self, error: &SmtpError) -> String {
        let mut text = error.to_string();
        if let Some(password) = self.password.as_deref().filter(|password| !password.is_empty()) {
            text = text.replace(password, "…");
        }
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_CHARS).collect();
        line.trim_end().to_owned()
    }
}

/// A part of an address as it was before it was written into it.
fn decoded(part: &str) -> String {
    let pair = format!("p={}", part.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The whole e-mail. The same action makes the same one, so that whoever gets it twice can tell.
fn letter(
    channel: &str,
    envelope: Envelope<'_>,
    Sending { key, message }: Sending<'_>,
) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
    let from: Mailbox = envelope.from.parse()?;
    let domain = from.email.domain().to_owned();
    let happened = UNIX_EPOCH + Duration::from_millis(u64::try_from(message.happened.ms()).unwrap_or_default());
    let mut letter = Message::builder()
        .message_id(Some(format!("<{}@{domain}>", digest(key))))
        .date(happened)
        .from(from)
        .subject(one_line(&message.title))
        .header(ContentType::TEXT_PLAIN);
    for to in envelope.to {
        letter = letter.to(to.parse()?);
    }
    let mut letter = letter.body(text_of(message))?;
    let headers = letter.headers_mut();
    // Answers by machines, such as out-of-office notes, are not sent to it (RFC 3834, section 5).
    let raw = |name: &str, value: String| {
        HeaderName::new_from_ascii(name.to_owned()).map(|name| HeaderValue::new(name, value))
    };
    for header in [
        raw("Auto-Submitted", "auto-generated".to_owned()),
        raw("List-Id", format!("<{channel}.stationmaster.{domain}>")),
        raw("X-Priority", x_priority(message).to_owned()),
    ]
    .into_iter()
    .flatten()
    {
        headers.insert_raw(header);
    }
    Ok(letter)
}

/// From 1, the highest, to 5, as mail programs know it.
const fn x_priority(message: &PeopleMessage) -> &'static str {
    match message.priority.number() {
        5 => "1",
        4 => "2",
        3 => "3",
        2 => "4",
        _ => "5",
    }
}

fn text_of(message: &PeopleMessage) -> String {
    let mut text = message.text.trim_end().to_owned();
    text.push('\n');
    let mut links: Vec<(&str, &str)> =
        message.buttons.iter().map(|button| (button.label.as_str(), button.url.as_str())).collect();
    if let Some(click) = message.click.as_deref().filter(|click| !links.iter().any(|(_, url)| url == click)) {
        links.push(("Open", click));
    }
    for (label, url) in links {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{}: {}", one_line(label), one_line(url));
    }
    text.push_str("\n\n-- \nWritten by Stationmaster.\n");
    text
}

fn one_line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn digest(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
