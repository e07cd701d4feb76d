//! A mail server that speaks SMTP as far as it is needed, refuses when it is told to, and keeps what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::SECRET;

/// An e-mail that was taken.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
}

impl Mail {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// The text as whoever gets it reads it.
    pub fn text(&self) -> String {
        let body = self.data.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if self.header("Content-Transfer-Encoding").as_deref() != Some("quoted-printable") {
            return body.to_owned();
        }
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let [first, more @ ..] = rest {
            if *first == b'='
                && let [high, low, after @ ..] = more
            {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                rest = after;
            } else {
                bytes.push(*first);
                rest = more;
            }
        }
        String::from_utf8(bytes).unwrap()
    }
}

/// What becomes of the next attempt that gets so far.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The command that begins so is answered with this.
    Refuses(&'static str, &'static str),
    /// The e-mail is taken, and the connection closed without an answer.
    CutAfterTaking,
}

#[derive(Default)]
struct Kept {
    troubles: VecDeque<Trouble>,
    taken: Vec<Mail>,
    signed_in: Vec<String>,
}

pub struct MailServer {
    address: std::net::SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl MailServer {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let known = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&known)));
            }
        });
        Self { address, kept }
    }

    /// As the operator writes it.
    pub fn url(&self) -> String {
        format!("smtp://station:{SECRET}@{}", self.address)
    }

    pub fn has(&self, trouble: Trouble) {
        self.kept.lock().unwrap().troubles.push_back(trouble);
    }

    pub fn taken(&self) -> Vec<Mail> {
        self.kept.lock().unwrap().taken.clone()
    }

    /// What clients signed in with, as they sent it.
    pub fn signed_in(&self) -> Vec<String> {
        self.kept.lock().unwrap().signed_in.clone()
    }
}

async fn serve(stream: TcpStream, kept: Arc<Mutex<Kept>>) {
    let mut lines = BufReader::new(stream);
    let mut mail = Mail::default();
    let mut says = "220 mail.example.com".to_owned();
    loop {
        if lines.get_mut().write_all(format!("{says}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        if let Some(refusal) = refusal(&kept, line) {
            says = refusal;
            continue;
        }
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        says = match word.as_str() {
            "EHLO" => "250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
            "AUTH" => {
                kept.lock().unwrap().signed_in.push(line.to_owned());
                "235 2.7.0 welcome".to_owned()
            }
            "MAIL" => {
                line.clone_into(&mut mail.from);
                "250 2.1.0 fine".to_owned()
            }
            "RCPT" => {
                mail.to.push(line.to_owned());
                "250 2.1.5 fine".to_owned()
            }
            "DATA" => {
                if lines.get_mut().write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                mail.data = data(&mut lines).await;
                let mut kept = kept.lock().unwrap();
                kept.taken.push(std::mem::take(&mut mail));
                if matches!(kept.troubles.front(), Some(Trouble::CutAfterTaking)) {
                    kept.troubles.pop_front();
                    return;
                }
                "250 2.0.0 queued".to_owned()
            }
            "QUIT" => "221 2.0.0 bye".to_owned(),
            _ => "250 2.0.0 fine".to_owned(),
        };
    }
}

fn refusal(kept: &Mutex<Kept>, line: &str) -> Option<String> {
    let mut kept = kept.lock().unwrap();
    match kept.troubles.front() {
        Some(Trouble::Refuses(command, says)) if line.starts_with(command) => {
            let says = (*says).to_owned();
            kept.troubles.pop_front();
            Some(says)
        }
        _ => None,
    }
}

/// Everything up to the line that is a dot alone.
async fn data(lines: &mut BufReader<TcpStream>) -> String {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 || line == ".\r\n" {
            return data;
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
