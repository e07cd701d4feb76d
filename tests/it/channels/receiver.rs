//! A Slack, or a webhook of anybody's: answers as it is told to, and keeps what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::SECRET;

/// How a call is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With this status, this header line (or none) and this text; nothing is taken unless the status says so.
    Status(u16, &'static str, &'static str),
    /// It is taken and answered with this text.
    Text(String),
    /// It is taken, and the connection is closed without an answer.
    CutAfterTaking,
    /// It is taken, and the connection stays open without an answer.
    Silence,
    /// It is taken, and the beginning of an answer is all that comes.
    Unended,
}

/// A call that was taken.
#[derive(Debug, Clone)]
pub struct Call {
    head: String,
    pub body: Vec<u8>,
}

impl Call {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// The first line: method, path and version.
    pub fn line(&self) -> String {
        self.head.lines().next().unwrap_or_default().to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Kept {
    answers: VecDeque<Answer>,
    taken: Vec<Call>,
    calls: usize,
}

pub struct Receiver {
    /// Its address, as good as a password.
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/services/{SECRET}", listener.local_addr().unwrap());
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let known = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&known)));
            }
        });
        Self { url, kept }
    }

    /// The next call is answered so; those after all that were told are taken.
    pub fn answers(&self, answer: Answer) {
        self.kept.lock().unwrap().answers.push_back(answer);
    }

    pub fn taken(&self) -> Vec<Call> {
        self.kept.lock().unwrap().taken.clone()
    }

    /// How often it was called, whatever it answered.
    pub fn calls(&self) -> usize {
        self.kept.lock().unwrap().calls
    }
}

async fn answer(mut stream: TcpStream, kept: Arc<Mutex<Kept>>) {
    let Some(call) = read(&mut stream).await else { return };
    let answer = {
        let mut kept = kept.lock().unwrap();
        kept.calls += 1;
        let answer = kept.answers.pop_front().unwrap_or(Answer::Status(200, "x-fine: yes", "ok"));
        if !matches!(answer, Answer::Status(..200 | 300.., ..)) {
            kept.taken.push(call);
        }
        answer
    };
    let answered = match answer {
        Answer::Status(status, header, text) => Some((status, header, text.to_owned())),
        Answer::Text(text) => Some((200, "x: y", text)),
        Answer::CutAfterTaking => None,
        Answer::Silence | Answer::Unended => {
            if matches!(answer, Answer::Unended) {
                let _ = stream.write_all(b"HTTP/1.1 200 Said\r\ncontent-length: 100\r\n\r\n{").await;
            }
            // Until the other side has had enough.
            let _ = stream.read(&mut [0]).await;
            None
        }
    };
    if let Some((status, header, text)) = answered {
        let length = text.len();
        let said = format!(
            "HTTP/1.1 {status} Said\r\n{header}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        );
        let _ = stream.write_all(said.as_bytes()).await;
    }
}

/// One request with a body of a known length.
async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut all = Vec::new();
    let mut some = [0; 4096];
    loop {
        let read = stream.read(&mut some).await.ok().filter(|read| *read > 0)?;
        all.extend_from_slice(&some[..read]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let call = Call { head, body: all[end + 4..].to_vec() };
        let length: usize = call.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if call.body.len() >= length {
            return Some(call);
        }
    }
}
