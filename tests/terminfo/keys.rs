//! Keys: their names in terminfo (terminfo(5), user_caps(5)), and what a program
//! that wrote `smkx` is sent for them.

use super::Scene;
use super::describe::Description;

/// Keys with a name of their own.
const PLAIN: [(&str, &str); 18] = [
    ("kbs", "BSpace"),
    ("kcbt", "BTab"),
    ("kcub1", "Left"),
    ("kcud1", "Down"),
    ("kcuf1", "Right"),
    ("kcuu1", "Up"),
    ("kdch1", "DC"),
    ("kend", "End"),
    ("khome", "Home"),
    ("kich1", "IC"),
    ("kind", "S-Down"),
    ("knp", "NPage"),
    ("kpp", "PPage"),
    ("kri", "S-Up"),
    ("kent", "KPEnter"),
    ("kxIN", "FocusIn"),
    ("kxOUT", "FocusOut"),
    ("ka2", "KP5"),
];

/// Keys that come with modifiers: alone with shift, then by xterm's number.
const MODIFIED: [(&str, &str); 10] = [
    ("kDC", "DC"),
    ("kDN", "Down"),
    ("kEND", "End"),
    ("kHOM", "Home"),
    ("kIC", "IC"),
    ("kLFT", "Left"),
    ("kNXT", "NPage"),
    ("kPRV", "PPage"),
    ("kRIT", "Right"),
    ("kUP", "Up"),
];

/// The modifiers of twelve function keys each, as xterm numbers the keys.
const TWELVES: [&str; 6] = ["", "S-", "C-", "C-S-", "M-", "M-S-"];

/// The key of a capability, as tmux(1) names it.
pub(crate) fn key_of(name: &str) -> Option<String> {
    if let Some((_, key)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
        return Some((*key).to_owned());
    }
    if let Some(number) = name.strip_prefix("kf") {
        let number: usize = number.parse().ok()?;
        let mods = TWELVES.get((number - 1) / 12)?;
        return Some(format!("{mods}F{}", (number - 1) % 12 + 1));
    }
    let (_, key, mods) = MODIFIED.iter().find_map(|(stem, key)| {
        let mods = match name.strip_prefix(stem)? {
            "" => "S-",
            "3" => "M-",
            "4" => "M-S-",
            "5" => "C-",
            "6" => "C-S-",
            "7" => "C-M-",
            "8" => "C-M-S-",
            _ => return None,
        };
        Some((stem, key, mods))
    })?;
    Some(format!("{mods}{key}"))
}

/// What a program that wrote `smkx`, and asked for focus, is sent.
pub(crate) fn sends(info: &Description, key: &str) -> Vec<u8> {
    let scene = Scene::new(info).cap("smkx").put("\x1b[?1004h");
    scene.key(key)
}
