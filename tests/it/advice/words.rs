//! Words of a model become plain text, and the settings say what they mean.

use stationmaster::config::{Config, Flags};
use stationmaster::decide::advice::{PullPrompt, plain, type_said};

#[test]
fn nothing_in_plain_text_mentions_commands_links_formats_or_hides() {
    let bad = "<script>alert(1)</script>\u{202e}ok @team/all #12 GH\n   /merge now\n![a](b) [c](javascript:d) www.evil.example\n\
               `code` | *x* _y_ ~z~ $m$ &lt; <!-- hidden --> <details>";
    let text = plain(bad);
    for gone in ["<", "\u{202e}", "@t", "#1", "\n/merge", "javascript", "www.", "hidden", "details"] {
        assert!(!text.contains(gone), "{gone:?} in {text:?}");
    }
    for stays in ["alert(1)", "ok", "∕merge now", "(link)", "c", "\\`code\\`", "\\*x\\*"] {
        assert!(text.contains(stays), "{stays:?} not in {text:?}");
    }
    assert_eq!(plain(" \n\n \n"), "");
    assert!(plain(&"word ".repeat(10_000)).chars().count() <= 4_001);
    assert!(plain(&"line\n".repeat(1_000)).lines().count() <= 61);
    assert_eq!(plain("1 < 2 and <"), "1 ‹ 2 and ‹");
}

#[test]
fn a_type_is_one_that_there_is() {
    let types = ["testing".to_owned(), "development".to_owned()];
    let said = |text: &str| type_said(text, &types).map(|(task_type, reason)| (task_type.to_string(), reason));
    assert_eq!(
        said("```json\n{\"type\":\"Testing\"}\n```"),
        Some(("testing".to_owned(), "it gave no reason".to_owned()))
    );
    for bad in ["testing", "{\"type\":\"deploy everything\"}", "{\"type\":3}", "{]", "}{", ""] {
        assert_eq!(said(bad), None, "{bad}");
    }
}

#[test]
fn a_prompt_has_room_for_so_much_and_says_what_it_left_out() {
    let mut prompt = PullPrompt::new(Some(("Title", "Text")), "==mark==");
    for number in 0..20 {
        prompt.show(&format!("file{number}.txt"), &"+x\n".repeat(5_000));
    }
    let (prompt, left_out) = prompt.finish();
    let prompt = prompt.unwrap();
    assert!(prompt.user.len() < 60_000, "{}", prompt.user.len());
    assert!(prompt.user.contains("(cut)"));
    assert_eq!(left_out.len(), 16, "{left_out:?}");
    assert!(PullPrompt::new(None, "==mark==").finish().0.is_none(), "there is nothing to ask about");
}

#[test]
fn a_model_is_there_only_where_it_is_set_and_a_key_goes_nowhere_else() {
    let read = |settings: &[(&str, &str)]| {
        let find = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::load(&Flags::default(), find, None).map(|config| config.model)
    };
    assert!(read(&[]).unwrap().is_none());
    assert!(read(&[("MODEL_NAME", "x")]).unwrap().is_none());
    let router = read(&[("OPENROUTER_API_KEY", "k"), ("MODEL_NAME", "x")]).unwrap().unwrap();
    assert_eq!((router.url.as_str(), router.tokens_per_day), ("https://openrouter.ai/api/v1", 200_000));
    assert!(router.key.is_some());
    let own = [("OPENROUTER_API_KEY", "k"), ("MODEL_URL", "http://gpu:8000/v1"), ("MODEL_NAME", "x")];
    assert!(read(&own).unwrap().unwrap().key.is_none(), "OpenRouter's key is for OpenRouter");
    let unset = read(&[("OPENROUTER_API_KEY", "k")]).unwrap_err().to_string();
    assert!(unset.contains("MODEL_NAME"), "{unset}");
    assert!(read(&[("MODEL_API_KEY", "k"), ("MODEL_NAME", "x")]).unwrap_err().to_string().contains("MODEL_URL"));
    let few = read(&[("MODEL_URL", "http://gpu/v1"), ("MODEL_NAME", "x"), ("MODEL_TOKENS_PER_DAY", "10")]).unwrap_err();
    assert!(few.to_string().contains("1000 to 1000000000"), "{few}");
}
