//! A client: who looks on, through which terminal, and what only they see
//! (prompt, message, overlay, key table).

use std::collections::VecDeque;
use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Key, Label, Now, PaneId, Pos, SessionId, Size, WindowId};
use crate::tty::Caps;

use super::Mux;
use super::control::Control;
use super::environ::Environ;
use super::guests::Waiting;
use super::key_help::KeyHelp;
use super::panel::Panel;
use super::peek::Peek;
use super::peer::{Origin, Peer, TerminalSpec};
use super::prompt::{Histories, Prompt};

/// What a client does beside showing its session.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Lines to read: a command's output.
    Text(TextView),
    /// The key help (`list-keys -N` by a key).
    Keys(KeyHelp),
    /// The build's phases (`phase-panel`).
    Phases(Box<Panel>),
    /// Who is here, and who wants to come in.
    People(People),
    /// The client's own look into a pane's history (`peek`).
    Peek(Box<Peek>),
}

/// The list of people; who is on it is looked up when it is drawn.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The selected one; the first if that is gone.
    pub selected: Option<ClientId>,
    /// The first line shown.
    pub top: usize,
}

/// Lines to read, with a search.
#[derive(Clone, Debug, Default)]
pub struct TextView {
    /// What it is.
    pub title: Label,
    /// The lines.
    pub lines: Vec<Label>,
    /// The first line shown.
    pub top: usize,
    /// Only lines that contain this are shown.
    pub filter: String,
    /// The filter is being typed.
    pub typing: bool,
}

impl TextView {
    /// The lines that the filter lets through, compared without case.
    pub fn shown(&self) -> impl Iterator<Item = &Label> {
        let wanted = self.filter.to_lowercase();
        self.lines
            .iter()
            .filter(move |line| wanted.is_empty() || line.as_str().to_lowercase().contains(&wanted))
    }
}

/// A line shown in place of the status line for a while.
#[derive(Clone, Debug)]
pub struct Message {
    /// The text.
    pub text: Label,
    /// When it goes; none waits for a key.
    pub until: Option<Duration>,
    /// No key ends it.
    pub stays: bool,
}

/// How long a terminal's clipboard is waited for.
pub const CLIPBOARD_TIME: Duration = Duration::from_secs(3);

/// The most that wait for one terminal's clipboard; the first ones give way.
const MOST_WISHES: usize = 32;

/// Somebody who waits for what a terminal has on its clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipboardWish {
    /// Until when.
    pub until: Duration,
    /// It becomes a buffer.
    pub keeps: bool,
    /// The program that asked for it by OSC 52: its pane, the selection, and
    /// whether the string ended in ST.
    pub program: Option<(PaneId, String, bool)>,
}

/// The colours of viewers' terminals, as the last one to answer has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looks {
    /// The colour scheme is light (DSR 997).
    pub light: Option<bool>,
    /// The text's (OSC 10).
    pub foreground: Option<(u8, u8, u8)>,
    /// The background's (OSC 11).
    pub background: Option<(u8, u8, u8)>,
    /// A cell's pixels across and down (XTWINOPS 16).
    pub cell: Option<(u16, u16)>,
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name, unique: its tty, or the guest's.
    pub name: String,
    /// Its door.
    pub origin: Origin,
    /// What it may do.
    pub grant: Grant,
    /// Its terminal, if it has one.
    pub terminal: Option<TerminalSpec>,
    /// What its terminal can do.
    pub caps: Caps,
    /// What its terminal calls itself (XTVERSION); empty if it does not say.
    pub version: Label,
    /// What its terminal shows when it attaches is kept (`clear-on-attach off`).
    pub keeps_screen: bool,
    /// Whether its background is light, once its terminal has said so.
    pub light: Option<bool>,
    /// Its terminal has focus, as far as is known.
    pub focused: bool,
    /// It was suspended; the next word from it says that it is back.
    pub suspended: bool,
    /// Its terminal is to be asked for its clipboard (`refresh-client -l`).
    pub asks_clipboard: bool,
    /// Who waits for what it says.
    pub clipboard_wishes: Vec<ClipboardWish>,
    /// Its directory.
    pub cwd: String,
    /// Its environment.
    pub environ: Environ,
    /// The session it is attached to.
    pub session: Option<SessionId>,
    /// The session it was attached to before.
    pub last_session: Option<SessionId>,
    /// `attach-session -r`: it changes nothing although it might.
    pub read_only: bool,
    /// Its size does not count for `window-size`.
    pub ignore_size: bool,
    /// `recorder`: it only looks, for a file; it is nobody who is here.
    pub records: bool,
    /// When it came.
    pub created: Now,
    /// When it last sent anything.
    pub activity: Now,
    /// Counts attachments and keys of all clients: the largest is the latest.
    pub latest: u64,
    /// Bytes of pictures that were sent to its terminal.
    pub written: u64,
    /// The key table for the next key; none is the session's own.
    pub key_table: Option<String>,
    /// Until when it stays in its table: as long as a key may be repeated, or
    /// `prefix-timeout`.
    pub repeat_until: Option<Duration>,
    /// The key that may be repeated, if that is why it stays.
    pub repeat_key: Option<Key>,
    /// Its status line tells of the keys, until the prefix is typed.
    pub hint: bool,
    /// A prompt in its status line.
    pub prompt: Option<Box<Prompt>>,
    /// A message in its status line.
    pub message: Option<Message>,
    /// What covers its screen.
    pub overlay: Option<Box<Overlay>>,
    /// What a guest answered to prompts.
    pub history: Histories,
    /// It has been told to leave; nothing more is said to it.
    pub dismissed: bool,
    /// It waits to be let in; nothing it asked for has run.
    pub waiting: Option<Box<Waiting>>,
    /// Where its view of a larger window was moved by hand; none follows the
    /// cursor.
    pub pan: Option<(WindowId, Pos)>,
    /// A guest with no terminal, to whom files are served.
    pub reads_files: bool,
    /// `no-detach-on-destroy`: it moves on when its session ends.
    pub stays: bool,
    /// It speaks lines: nothing is drawn for it.
    pub control: Option<Box<Control>>,
    /// What its mouse, dragged, goes on to do.
    pub drag: Option<super::mouse::Drag>,
}

impl Client {
    /// Has the terminal asked for its clipboard.
    pub fn ask_clipboard(&mut self, wish: ClipboardWish) {
        self.asks_clipboard = true;
        if self.clipboard_wishes.len() == MOST_WISHES {
            self.clipboard_wishes.remove(0);
        }
        self.clipboard_wishes.push(wish);
    }

    /// A client that has just come.
    #[must_use]
    pub fn new(id: ClientId, peer: Peer, caps: Caps, now: Now) -> Self {
        let name = match (&peer.origin, &peer.terminal) {
            (Origin::Ssh { name, address, .. }, _) => format!("{name}@{address}"),
            (Origin::Local { .. }, Some(terminal)) if !terminal.tty.is_empty() => {
                terminal.tty.clone()
            }
            (Origin::Local { pid, .. }, _) => format!("client-{pid}"),
        };
        let guest = matches!(peer.origin, Origin::Ssh { .. });
        Self {
            id,
            control: peer.control.then(|| Box::new(Control::new(guest))),
            stays: false,
            name: Label::new(&name).to_string(),
            origin: peer.origin,
            grant: peer.grant,
            terminal: peer.terminal,
            caps,
            version: Label::default(),
            keeps_screen: false,
            light: None,
            focused: true,
            suspended: false,
            asks_clipboard: false,
            clipboard_wishes: Vec::new(),
            cwd: peer.cwd,
            environ: Environ::from_pairs(&peer.env),
            session: None,
            last_session: None,
            read_only: false,
            ignore_size: false,
            records: false,
            created: now,
            activity: now,
            latest: 0,
            written: 0,
            key_table: None,
            repeat_until: None,
            repeat_key: None,
            hint: false,
            prompt: None,
            message: None,
            overlay: None,
            history: Histories::default(),
            dismissed: false,
            waiting: None,
            pan: None,
            reads_files: false,
            drag: None,
        }
    }

    /// Its terminal's size, if it is attached.
    #[must_use]
    pub fn size(&self) -> Option<Size> {
        self.session?;
        self.terminal.as_ref().map(|terminal| terminal.size)
    }

    /// What it may do now.
    #[must_use]
    pub fn effective_grant(&self) -> Grant {
        if self.read_only {
            Grant::View
        } else {
            self.grant
        }
    }

    /// What hooks know of it beside its name: grant, and of a guest address and
    /// key.
    #[must_use]
    pub fn particulars(&self) -> Vec<(&'static str, String)> {
        let mut known = vec![("grant", self.effective_grant().to_string())];
        if let Origin::Ssh { address, key, .. } = &self.origin {
            known.push(("address", address.ip().to_string()));
            known.push(("key", key.clone()));
        }
        known
    }

    /// Whether it came as a guest, and to which session.
    #[must_use]
    pub fn guest_of(&self) -> Option<SessionId> {
        match self.origin {
            Origin::Ssh { session, .. } => Some(session),
            Origin::Local { .. } => None,
        }
    }
}

/// The most keys that wait to be pressed; further ones are not.
const MOST_PRESSED: usize = 4096;

impl Mux {
    /// Has a client press keys once the command that is running has ended
    /// (`send-keys -K`).
    pub fn press(&mut self, client: ClientId, keys: &[Key]) {
        let room = MOST_PRESSED.saturating_sub(self.pressed.len());
        let pressed = keys.iter().take(room).map(|key| (client, *key));
        self.pressed.extend(pressed);
    }

    /// The keys that are to be pressed now.
    pub fn take_pressed(&mut self) -> VecDeque<(ClientId, Key)> {
        std::mem::take(&mut self.pressed)
    }
}
