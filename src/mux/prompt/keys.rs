//! What a key does to a prompt: the emacs keys, and vi's by translating them
//! (tmux(1), "command-prompt"). It runs nothing and draws nothing.

use crate::base::key::Keypad;
use crate::base::{Key, KeyCode, Mods};

use super::history::Histories;
use super::{Prompt, PromptType};

/// What a key made of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// It is open still, and may look different.
    Stay,
    /// Its text changed; an incremental prompt runs its command with the text
    /// after this sign (`=` anew, `-` and `+` for the next match).
    Changed(char),
    /// It ends without an answer.
    Cancelled,
    /// It ends with this answer.
    Answered(String),
    /// It ends with this answer, and the key is handled again.
    Released(String),
    /// An incremental prompt gives way to a motion.
    Moved,
    /// The word at the cursor is to be completed.
    Complete,
}

/// What a key means in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Left,
    Right,
    Home,
    End,
    Complete,
    Backspace,
    Delete,
    Clear,
    KillToEnd,
    KillWord,
    Forward {
        vi: bool,
        big: bool,
    },
    WordEnd {
        big: bool,
    },
    Back {
        big: bool,
    },
    Older,
    Newer,
    Paste,
    Transpose,
    Accept,
    Cancel,
    SearchBack,
    SearchForward,
    Quote,
    Insert(char),
    /// Nothing at all.
    None,
    /// Nothing but that the mode has changed.
    Mode,
}

/// What a prompt may take from elsewhere.
#[derive(Debug)]
pub struct Around<'a> {
    /// Earlier answers.
    pub histories: &'a Histories,
    /// The newest paste buffer, as far as it is text.
    pub pasted: Option<String>,
}

impl Prompt {
    /// Takes a key in.
    pub fn press(&mut self, key: Key, around: &Around<'_>) -> Pressed {
        // What was found is offered until any other key comes.
        let offered = (std::mem::take(&mut self.matches), self.picked.take());
        if self.flags.key_name {
            return Pressed::Answered(key.to_string());
        }
        let key = keypad(key);
        if self.flags.numeric {
            return match key.code {
                KeyCode::Char(ch @ '0'..='9') if key.mods.is_empty() => {
                    self.line.push(ch);
                    Pressed::Changed('=')
                }
                _ => Pressed::Released(self.line.text()),
            };
        }
        if self.flags.single || self.quoting {
            let Some(ch) = raw(key) else {
                return Pressed::Stay;
            };
            self.quoting = false;
            return self.append(ch);
        }
        let edit = if !self.vi {
            emacs(key)
        } else if self.command_mode {
            self.vi_command(key)
        } else {
            self.vi_insert(key)
        };
        if edit == Edit::Complete {
            (self.matches, self.picked) = offered;
        }
        self.edit(edit, key, around)
    }

    fn append(&mut self, ch: char) -> Pressed {
        self.line.push(ch);
        if !self.flags.single {
            return Pressed::Changed('=');
        }
        if self.line.len() == 1 {
            Pressed::Answered(ch.to_string())
        } else {
            Pressed::Cancelled
        }
    }

    fn edit(&mut self, edit: Edit, key: Key, around: &Around<'_>) -> Pressed {
        let moves = matches!(
            key.code,
            KeyCode::Up
                | KeyCode::Down
                | KeyCode::Left
                | KeyCode::Right
                | KeyCode::PageUp
                | KeyCode::PageDown
        );
        if self.flags.incremental && moves && key.mods.is_empty() && edit != Edit::None {
            return Pressed::Moved;
        }
        let separators = std::mem::take(&mut self.separators);
        let pressed = self.apply(edit, &separators, around);
        self.separators = separators;
        pressed
    }

    fn apply(&mut self, edit: Edit, separators: &str, around: &Around<'_>) -> Pressed {
        let line = &mut self.line;
        let within = |big: bool| if big { "" } else { separators };
        let changed = match edit {
            Edit::None | Edit::Mode => false,
            Edit::Left => {
                line.step(-1);
                false
            }
            Edit::Right => {
                line.step(1);
                false
            }
            Edit::Home => {
                line.go(0);
                false
            }
            Edit::End => {
                line.go(line.len());
                false
            }
            Edit::Complete => return Pressed::Complete,
            Edit::Backspace if line.is_empty() && self.flags.backspace_exit => {
                return Pressed::Cancelled;
            }
            Edit::Backspace => line.delete_back(),
            Edit::Delete => line.delete_forward(),
            Edit::Clear => {
                line.clear();
                true
            }
            Edit::KillToEnd => line.kill_to_end(),
            Edit::KillWord => {
                line.kill_word(separators);
                true
            }
            Edit::Forward { vi, big } => {
                line.word_forward(within(big), vi);
                true
            }
            Edit::WordEnd { big } => {
                line.word_end(within(big));
                true
            }
            Edit::Back { big } => {
                line.word_back(within(big));
                true
            }
            Edit::Older => self.recall(around.histories, true),
            Edit::Newer => self.recall(around.histories, false),
            Edit::Paste => match line.killed().or_else(|| around.pasted.clone()) {
                Some(text) => {
                    line.insert(&text);
                    true
                }
                None => false,
            },
            Edit::Transpose => line.transpose(),
            Edit::Accept => return Pressed::Answered(line.text()),
            Edit::Cancel => return Pressed::Cancelled,
            Edit::SearchBack => return self.search_on('-'),
            Edit::SearchForward => return self.search_on('+'),
            Edit::Quote => {
                self.quoting = true;
                false
            }
            Edit::Insert(ch) => return self.append(ch),
        };
        if changed {
            Pressed::Changed('=')
        } else {
            Pressed::Stay
        }
    }

    /// The next match of an incremental prompt; an empty one begins with what
    /// it was opened with.
    fn search_on(&mut self, sign: char) -> Pressed {
        if !self.flags.incremental {
            return Pressed::Stay;
        }
        if self.line.is_empty() {
            let last = self.last.clone();
            self.line.set(&last);
            return Pressed::Changed('=');
        }
        Pressed::Changed(sign)
    }

    fn recall(&mut self, histories: &Histories, older: bool) -> bool {
        let history = histories.of(self.kind);
        if older {
            if self.history_at >= history.len() {
                return false;
            }
            self.history_at += 1;
        } else {
            self.history_at = self.history_at.saturating_sub(1);
        }
        let text = match self.history_at {
            0 => "",
            back => history.get(history.len() - back).map_or("", String::as_str),
        };
        self.line.set(text);
        true
    }

    fn vi_insert(&mut self, key: Key) -> Edit {
        let plain = key.mods.is_empty();
        let ctrl = key.mods == Mods::CTRL;
        match key.code {
            KeyCode::Escape if plain => self.vi_leave_insert(),
            KeyCode::Char('[') if ctrl => self.vi_leave_insert(),
            KeyCode::Char(
                'a' | 'c' | 'e' | 'g' | 'h' | 'j' | 'k' | 'm' | 'n' | 'p' | 't' | 'u' | 'v' | 'w'
                | 'y',
            ) if ctrl => emacs(key),
            KeyCode::Left | KeyCode::Right if ctrl => emacs(key),
            KeyCode::Tab
            | KeyCode::Enter
            | KeyCode::Backspace
            | KeyCode::Delete
            | KeyCode::Down
            | KeyCode::End
            | KeyCode::Home
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::Up
                if plain =>
            {
                emacs(key)
            }
            KeyCode::Char(ch) if plain => Edit::Insert(ch),
            _ => Edit::None,
        }
    }

    fn vi_leave_insert(&mut self) -> Edit {
        self.command_mode = true;
        self.line.step(-1);
        Edit::Mode
    }

    fn vi_command(&mut self, key: Key) -> Edit {
        if key.mods == Mods::CTRL {
            return match key.code {
                KeyCode::Char('h') => Edit::Backspace,
                KeyCode::Char('c') => Edit::Cancel,
                KeyCode::Char('j' | 'm') => Edit::Accept,
                _ => Edit::None,
            };
        }
        if !key.mods.is_empty() {
            return Edit::None;
        }
        if let KeyCode::Char('A' | 'I' | 'C' | 's' | 'a' | 'S' | 'i') = key.code {
            self.command_mode = false;
        }
        match key.code {
            KeyCode::Char('S' | 'd') => Edit::Clear,
            KeyCode::Char('i') => Edit::Mode,
            KeyCode::Char('A' | '$') => Edit::End,
            KeyCode::Char('I' | '0' | '^') => Edit::Home,
            KeyCode::Char('C' | 'D') => Edit::KillToEnd,
            KeyCode::Char('X') => Edit::Backspace,
            KeyCode::Char('b') => Edit::Back { big: false },
            KeyCode::Char('B') => Edit::Back { big: true },
            KeyCode::Char('e') => Edit::WordEnd { big: false },
            KeyCode::Char('E') => Edit::WordEnd { big: true },
            KeyCode::Char('w') => Edit::Forward {
                vi: true,
                big: false,
            },
            KeyCode::Char('W') => Edit::Forward {
                vi: true,
                big: true,
            },
            KeyCode::Char('p') => Edit::Paste,
            KeyCode::Char('q') => Edit::Cancel,
            KeyCode::Char('s' | 'x') | KeyCode::Delete => Edit::Delete,
            KeyCode::Char('j') | KeyCode::Down => Edit::Newer,
            KeyCode::Char('k') | KeyCode::Up => Edit::Older,
            KeyCode::Char('h') | KeyCode::Left | KeyCode::Backspace => Edit::Left,
            KeyCode::Char('a' | 'l') | KeyCode::Right => Edit::Right,
            KeyCode::Enter => Edit::Accept,
            _ => Edit::None,
        }
    }
}

fn emacs(key: Key) -> Edit {
    let forward = Edit::Forward {
        vi: false,
        big: false,
    };
    if key.mods == Mods::CTRL {
        return match key.code {
            KeyCode::Char('b') => Edit::Left,
            KeyCode::Char('f') => Edit::Right,
            KeyCode::Char('a') => Edit::Home,
            KeyCode::Char('e') => Edit::End,
            KeyCode::Char('i') => Edit::Complete,
            KeyCode::Char('h') => Edit::Backspace,
            KeyCode::Char('d') => Edit::Delete,
            KeyCode::Char('u') => Edit::Clear,
            KeyCode::Char('k') => Edit::KillToEnd,
            KeyCode::Char('w') => Edit::KillWord,
            KeyCode::Char('p') => Edit::Older,
            KeyCode::Char('n') => Edit::Newer,
            KeyCode::Char('y') => Edit::Paste,
            KeyCode::Char('t') => Edit::Transpose,
            KeyCode::Char('j' | 'm') => Edit::Accept,
            KeyCode::Char('[' | 'c' | 'g') => Edit::Cancel,
            KeyCode::Char('r') => Edit::SearchBack,
            KeyCode::Char('s') => Edit::SearchForward,
            KeyCode::Char('v') => Edit::Quote,
            KeyCode::Right => forward,
            KeyCode::Left => Edit::Back { big: false },
            _ => Edit::None,
        };
    }
    if key.mods == Mods::META {
        return match key.code {
            KeyCode::Char('f') => forward,
            KeyCode::Char('b') => Edit::Back { big: false },
            _ => Edit::None,
        };
    }
    if !key.mods.is_empty() {
        return Edit::None;
    }
    match key.code {
        KeyCode::Left => Edit::Left,
        KeyCode::Right => Edit::Right,
        KeyCode::Home => Edit::Home,
        KeyCode::End => Edit::End,
        KeyCode::Tab => Edit::Complete,
        KeyCode::Backspace => Edit::Backspace,
        KeyCode::Delete => Edit::Delete,
        KeyCode::Up => Edit::Older,
        KeyCode::Down => Edit::Newer,
        KeyCode::Enter => Edit::Accept,
        KeyCode::Escape => Edit::Cancel,
        KeyCode::Char(ch) => Edit::Insert(ch),
        _ => Edit::None,
    }
}

/// A key of the numeric keypad as the key that writes the same.
fn keypad(key: Key) -> Key {
    if !key.mods.is_empty() {
        return key;
    }
    let KeyCode::Keypad(pad) = key.code else {
        return key;
    };
    match pad {
        Keypad::Digit(digit) => Key::char(char::from(b'0' + digit.min(9))),
        Keypad::Enter => Key::plain(KeyCode::Enter),
        Keypad::Plus => Key::char('+'),
        Keypad::Minus => Key::char('-'),
        Keypad::Star => Key::char('*'),
        Keypad::Slash => Key::char('/'),
        Keypad::Period => Key::char('.'),
    }
}

/// The character that a key sends, controls included.
fn raw(key: Key) -> Option<char> {
    let control = key.mods.with(Mods::CTRL) == key.mods;
    Some(match key.code {
        KeyCode::Char(ch) if control && ch.is_ascii() => char::from(ch as u8 & 0x1f),
        KeyCode::Char(ch) => ch,
        KeyCode::Enter => '\r',
        KeyCode::Tab => '\t',
        KeyCode::Escape => '\x1b',
        KeyCode::Backspace => '\x7f',
        _ => return None,
    })
}

impl PromptType {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Command, Self::Search];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Search => "search",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(prompt: &mut Prompt, keys: &str) -> Pressed {
        let mut histories = Histories::default();
        for text in ["first", "second"] {
            histories.add(PromptType::Command, text, 10);
        }
        let around = Around {
            histories: &histories,
            pasted: Some("buffer".to_owned()),
        };
        let mut last = Pressed::Stay;
        for name in keys.split(' ') {
            last = prompt.press(name.parse().unwrap(), &around);
        }
        last
    }

    fn prompt(text: &str, vi: bool) -> Prompt {
        let mut prompt = Prompt::new("x", text);
        prompt.vi = vi;
        " -_@".clone_into(&mut prompt.separators);
        prompt
    }

    #[test]
    fn emacs_keys_edit_the_line() {
        for (keys, text, before) in [
            ("C-w x", "one x", "one x"),
            ("C-a C-k", "", ""),
            ("M-b BSpace", "onetwo", "one"),
            ("Home DC C-e", "ne two", "ne two"),
            ("C-u", "", ""),
            ("C-t", "one tow", "one tow"),
            ("C-Left C-Left Right", "one two", "o"),
            ("C-w C-y C-y", "one twotwo", "one twotwo"),
            ("C-u C-y", "buffer", "buffer"),
            ("Up", "second", "second"),
            ("C-p C-p C-p", "first", "first"),
            ("Up Up Down", "second", "second"),
            ("Up Down", "", ""),
            ("M-x C-z F5", "one two", "one two"),
        ] {
            let mut prompt = prompt("one two", false);
            typed(&mut prompt, keys);
            let found = (prompt.line.text(), prompt.line.before_cursor());
            assert_eq!(found, (text.to_owned(), before.to_owned()), "{keys}");
        }
    }

    #[test]
    fn vi_keys_edit_the_line_in_command_mode() {
        for (keys, text, before) in [
            ("Escape x", "one tw", "one tw"),
            ("Escape b i X", "one Xtwo", "one X"),
            ("Escape 0 w D", "one ", "one "),
            ("Escape ^ e a !", "one! two", "one!"),
            ("Escape d p", "buffer", "buffer"),
            ("Escape S q", "q", "q"),
            ("Escape k j", "", ""),
            ("Escape 0 s Z", "Zne two", "Z"),
            ("Escape Z C-k", "one two", "one tw"),
            ("C-b M-x", "one two", "one two"),
        ] {
            let mut prompt = prompt("one two", true);
            typed(&mut prompt, keys);
            let found = (prompt.line.text(), prompt.line.before_cursor());
            assert_eq!(found, (text.to_owned(), before.to_owned()), "{keys}");
        }
    }

    #[test]
    fn prompts_end_as_their_flags_say() {
        let cancelled = Pressed::Cancelled;
        let answered = |text: &str| Pressed::Answered(text.to_owned());
        let single = |p: &mut Prompt| p.flags.single = true;
        let numeric = |p: &mut Prompt| p.flags.numeric = true;
        let name = |p: &mut Prompt| p.flags.key_name = true;
        let exits = |p: &mut Prompt| p.flags.backspace_exit = true;
        let moves = |p: &mut Prompt| p.flags.incremental = true;
        let plain = |_: &mut Prompt| {};
        for (set, keys, ended) in [
            (&single as &dyn Fn(&mut Prompt), "Up y", answered("y")),
            (&single, "C-b", answered("\x02")),
            (&single, "Up", Pressed::Stay),
            (&numeric, "1 2 x", Pressed::Released("12".to_owned())),
            (&numeric, "KP7 Enter", Pressed::Released("7".to_owned())),
            (&name, "C-M-Up", answered("C-M-Up")),
            (&exits, "a BSpace BSpace", cancelled.clone()),
            (&plain, "BSpace", Pressed::Stay),
            (&plain, "a Enter", answered("a")),
            (&plain, "a Escape", cancelled.clone()),
            (&plain, "C-g", cancelled),
            (&plain, "C-v Enter", Pressed::Changed('=')),
            (&plain, "Tab", Pressed::Complete),
            (&moves, "a Up", Pressed::Moved),
            (&moves, "a C-r", Pressed::Changed('-')),
            (&moves, "C-s", Pressed::Changed('=')),
        ] {
            let mut prompt = prompt("", false);
            set(&mut prompt);
            assert_eq!(typed(&mut prompt, keys), ended, "{keys}");
        }
    }
}
