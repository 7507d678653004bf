//! The table of commands: one row each, from which everything else is made
//! (the [`Command`] enum, parsing, usage, `list-commands`, the manual). To add
//! a command: its arguments in `args/`, its row here, its arm in `exec`.

use std::sync::{LazyLock, Mutex, PoisonError};

use clap::{Args, FromArgMatches};

use super::args;
use super::getopt::{ParseError, Spec};
use super::lex::{LexError, Word, lex_words};
use super::needs::Need;

/// The families that commands are grouped by in the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Clients and the server.
    Client,
    /// Sessions.
    Session,
    /// Windows and layouts.
    Window,
    /// Panes.
    Pane,
    /// Key bindings.
    Key,
    /// Options, environment and hooks.
    Option,
    /// Paste buffers.
    Buffer,
    /// What shows, asks and chooses.
    View,
    /// What runs other commands.
    Script,
    /// Guests.
    Share,
    /// The build's phases.
    Phase,
}

impl Family {
    /// Every family, in the manual's order.
    pub const ALL: [Self; 11] = [
        Self::Client,
        Self::Session,
        Self::Window,
        Self::Pane,
        Self::Key,
        Self::Option,
        Self::Buffer,
        Self::View,
        Self::Script,
        Self::Share,
        Self::Phase,
    ];

    /// The heading in the manual.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Client => "Clients and server",
            Self::Session => "Sessions",
            Self::Window => "Windows and layouts",
            Self::Pane => "Panes",
            Self::Key => "Key bindings",
            Self::Option => "Options, environment and hooks",
            Self::Buffer => "Paste buffers",
            Self::View => "Messages, prompts and choosers",
            Self::Script => "Scripts",
            Self::Share => "Sharing",
            Self::Phase => "Phases of a build",
        }
    }
}

/// One command.
#[derive(Debug)]
pub struct Row {
    /// Its full name.
    pub name: &'static str,
    /// Its short name.
    pub alias: Option<&'static str>,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Where the manual lists it.
    pub family: Family,
    /// What it needs at least; [`Command::needs`] knows what a use needs.
    pub needs: Need,
    /// Not tmux's: it is never found by an abbreviation.
    pub own: bool,
    /// For scripts only: neither listed nor documented.
    pub hidden: bool,
    built: LazyLock<Built>,
}

impl Row {
    /// What the command's definition says about its words.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.built.spec
    }

    /// The usage without the name, as `list-commands` prints it.
    #[must_use]
    pub fn usage(&self) -> String {
        super::usage::of_spec_tail(self.spec())
    }
}

#[derive(Debug)]
struct Built {
    spec: Spec,
    clap: Mutex<clap::Command>,
    read: fn(&clap::ArgMatches) -> Result<Command, clap::Error>,
}

impl Built {
    fn new<A: Args>(
        name: &'static str,
        read: fn(&clap::ArgMatches) -> Result<Command, clap::Error>,
    ) -> Self {
        let command = clap::Command::new(name)
            .no_binary_name(true)
            .disable_help_flag(true)
            .disable_version_flag(true)
            .args_override_self(true);
        let mut clap = A::augment_args(command);
        clap.build();
        let spec = Spec::of(name, &clap);
        Self {
            spec,
            clap: Mutex::new(clap),
            read,
        }
    }
}

macro_rules! commands {
    ($($variant:ident $name:literal $alias:tt $family:ident $needs:ident $kind:ident $about:literal)+) => {
        /// A command with its typed arguments.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "parsed once, hardly moved")]
        pub enum Command {
            $(#[doc = $about] $variant(args::$variant),)+
        }

        impl Command {
            /// The command's full name.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)+
                }
            }
        }

        const COUNT: usize = [$($name),+].len();

        static TABLE: [Row; COUNT] = [
            $(Row {
                name: $name,
                alias: commands!(@alias $alias),
                about: $about,
                family: Family::$family,
                needs: Need::$needs,
                own: commands!(@own $kind),
                hidden: commands!(@hidden $kind),
                built: LazyLock::new(|| Built::new::<args::$variant>($name, |matches| {
                    args::$variant::from_arg_matches(matches).map(Command::$variant)
                })),
            },)+
        ];
    };
    (@alias -) => { None };
    (@alias $alias:literal) => { Some($alias) };
    (@own tmux) => { false };
    (@own own) => { true };
    (@own hidden) => { true };
    (@hidden hidden) => { true };
    (@hidden $kind:ident) => { false };
}

// Sorted by name, as `list-commands` prints them.
commands! {
    AdmitGuest "admit-guest" - Share Admin own "Lets a guest in who waits."
    AttachSession "attach-session" "attach" Session View tmux "Attaches the client to a session."
    BindKey "bind-key" "bind" Key Type tmux "Binds a key to a command."
    BreakPane "break-pane" "breakp" Pane Type tmux "Makes a window of a pane."
    CapturePane "capture-pane" "capturep" Pane View tmux "Prints a pane's contents or keeps them in a buffer."
    ChooseBuffer "choose-buffer" - View Type tmux "Lets a paste buffer be chosen from a list."
    ChooseClient "choose-client" - View Type tmux "Lets a client be chosen from a list."
    ChooseGuest "choose-guest" - Share View own "Shows who is here and who waits, to admit, deny or send away."
    ChooseTree "choose-tree" - View Type tmux "Lets a session, window or pane be chosen from a tree."
    ClearHistory "clear-history" "clearhist" Pane Type tmux "Drops a pane's history."
    ClearPromptHistory "clear-prompt-history" "clearphist" View Type tmux "Forgets what was answered to prompts."
    ClockMode "clock-mode" - Pane Type tmux "Shows the time in a pane, until a key."
    CommandPrompt "command-prompt" - View View tmux "Asks for input and runs a command with it."
    ConfirmBefore "confirm-before" "confirm" View View tmux "Asks before it runs a command."
    Continue "continue" - Phase Type own "Ends a debug build's session so that the CI's build goes on."
    CopyMode "copy-mode" - Pane Type tmux "Enters copy mode."
    CustomizeMode "customize-mode" - View Type tmux "Browses and changes options and key bindings."
    DebugNotice "debug-notice" - Phase Type hidden "Sets what the log of a debug build says again."
    DebugSession "debug-session" - Phase Admin hidden "Starts the session of a debug build."
    DebugWait "debug-wait" - Phase Type hidden "Writes what a session's panes write, until it ends."
    DeleteBuffer "delete-buffer" "deleteb" Buffer Type tmux "Deletes a paste buffer."
    DenyGuest "deny-guest" - Share Admin own "Sends a guest away who waits."
    DetachClient "detach-client" "detach" Client View tmux "Detaches a client from its session."
    DisplayMenu "display-menu" "menu" View View tmux "Shows a menu."
    DisplayMessage "display-message" "display" View View tmux "Shows or prints a message, with formats."
    DisplayPanes "display-panes" "displayp" View Type tmux "Shows each pane's number, to choose one by key."
    DisplayPopup "display-popup" "popup" View Type tmux "Shows a box over the panes, in which a command runs."
    Extend "extend" - Phase Type own "Lets a debug build stay longer."
    FindWindow "find-window" "findw" View Type tmux "Looks for a window by name, title or contents."
    Finish "finish" - Phase Type own "Ends a debug build, with an exit status of choice."
    GrantGuest "grant-guest" - Share Admin own "Changes what a guest may do."
    HasSession "has-session" "has" Session View tmux "Exits with status 1 when there is no such session."
    IfShell "if-shell" "if" Script Type tmux "Runs one of two commands, as a shell command or format says."
    JoinPane "join-pane" "joinp" Pane Type tmux "Moves a pane into another window, by splitting a pane there."
    KickGuest "kick-guest" - Share Admin own "Sends a guest away."
    KillPane "kill-pane" "killp" Pane Type tmux "Kills a pane."
    KillServer "kill-server" - Client Admin tmux "Ends the server with every session and client."
    KillSession "kill-session" - Session Admin tmux "Kills a session."
    KillWindow "kill-window" "killw" Window Type tmux "Kills a window."
    LastPane "last-pane" "lastp" Pane Type tmux "Selects the pane that was active before."
    LastWindow "last-window" "last" Window Type tmux "Selects the window that was current before."
    LinkWindow "link-window" "linkw" Window Type tmux "Links a window into a session too."
    ListBuffers "list-buffers" "lsb" Buffer View tmux "Lists the paste buffers."
    ListClients "list-clients" "lsc" Client View tmux "Lists the clients, guests included."
    ListCommands "list-commands" "lscm" Client View tmux "Lists the commands and their usage."
    ListKeys "list-keys" "lsk" Key View tmux "Lists the key bindings."
    ListPanes "list-panes" "lsp" Pane View tmux "Lists panes."
    ListSessions "list-sessions" "ls" Session View tmux "Lists the sessions."
    ListWindows "list-windows" "lsw" Window View tmux "Lists windows."
    LoadBuffer "load-buffer" "loadb" Buffer Type tmux "Sets a paste buffer from a file."
    LockClient "lock-client" "lockc" Client View tmux "Locks a client with lock-command."
    LockServer "lock-server" "lock" Client Type tmux "Locks every client with lock-command."
    LockSession "lock-session" "locks" Session Type tmux "Locks the clients of a session with lock-command."
    LockShare "lock-share" - Share Admin own "Lets no further guest in, or guests again."
    MovePane "move-pane" "movep" Pane Type tmux "Moves a pane beside another, or a floating one."
    MoveWindow "move-window" "movew" Window Type tmux "Moves a window to another index or session."
    NewPane "new-pane" "newp" Pane Type tmux "Makes a floating pane."
    NewSession "new-session" "new" Session Type tmux "Starts a session."
    NewWindow "new-window" "neww" Window Type tmux "Makes a window."
    NextLayout "next-layout" "nextl" Window Type tmux "Lays a window out by the next preset."
    NextWindow "next-window" "next" Window Type tmux "Selects the next window."
    PasteBuffer "paste-buffer" "pasteb" Buffer Type tmux "Types a paste buffer into a pane."
    Peek "peek" - Pane View own "Shows a pane's history to this client alone, to scroll and search."
    Phase "phase" - Phase View own "Shows what ran of the build, its output and its state."
    PhasePanel "phase-panel" - Phase View own "Shows the build's phases and steps, to look at and run them."
    PhaseReport "phase-report" - Phase Type hidden "Takes the mark of a step that has no terminal."
    PipePane "pipe-pane" "pipep" Pane Type tmux "Connects a pane with a shell command."
    PreviousLayout "previous-layout" "prevl" Window Type tmux "Lays a window out by the previous preset."
    PreviousWindow "previous-window" "prev" Window Type tmux "Selects the previous window."
    RefreshClient "refresh-client" "refresh" Client View tmux "Draws a client again, pans it, or sets its size and flags."
    RenameSession "rename-session" "rename" Session Type tmux "Renames a session."
    RenameWindow "rename-window" "renamew" Window Type tmux "Renames a window."
    ResizePane "resize-pane" "resizep" Pane Type tmux "Resizes or zooms a pane."
    ResizeWindow "resize-window" "resizew" Window Type tmux "Sets a window's size by hand."
    RespawnPane "respawn-pane" "respawnp" Pane Type tmux "Starts a program again in a pane."
    RespawnWindow "respawn-window" "respawnw" Window Type tmux "Starts a program again in a window."
    RotateShare "rotate-share" - Share Admin own "Replaces the tokens of a share; who is inside stays."
    RotateWindow "rotate-window" "rotatew" Window Type tmux "Rotates the places of a window's panes."
    RunShell "run-shell" "run" Script Type tmux "Runs a shell command aside from any pane."
    SaveBuffer "save-buffer" "saveb" Buffer Type tmux "Writes a paste buffer to a file."
    SelectLayout "select-layout" "selectl" Window Type tmux "Lays a window out by a preset or a layout string."
    SelectPane "select-pane" "selectp" Pane Type tmux "Makes a pane active, marks it, or sets its title."
    SelectWindow "select-window" "selectw" Window Type tmux "Makes a window current."
    SendKeys "send-keys" "send" Pane Type tmux "Types keys or text into a pane, or runs a copy-mode command."
    SendPrefix "send-prefix" - Pane Type tmux "Types the prefix key into a pane."
    ServeFiles "serve-files" - Share Type hidden "Lets a guest in who asked for files."
    ServerAccess "server-access" - Client Admin tmux "Lets other users of the machine in by the socket, or no longer."
    SetBuffer "set-buffer" "setb" Buffer Type tmux "Sets or renames a paste buffer."
    SetEnvironment "set-environment" "setenv" Option Type tmux "Sets or unsets a variable of a session's environment."
    SetHook "set-hook" - Option Admin tmux "Sets, unsets or runs a hook."
    SetOption "set-option" "set" Option Type tmux "Sets or unsets an option."
    SetWindowOption "set-window-option" "setw" Option Type tmux "Sets or unsets a window option."
    Share "share" - Share Admin own "Opens a session to guests over ssh and prints how to join."
    ShowBuffer "show-buffer" "showb" Buffer Type tmux "Prints a paste buffer."
    ShowEnvironment "show-environment" "showenv" Option Type tmux "Prints a session's environment."
    ShowHooks "show-hooks" - Option View tmux "Prints the hooks."
    ShowMessages "show-messages" "showmsgs" View View tmux "Prints the messages that were shown, jobs or terminals."
    ShowOptions "show-options" "show" Option View tmux "Prints options."
    ShowPromptHistory "show-prompt-history" "showphist" View Type tmux "Shows what was answered to prompts."
    ShowWindowOptions "show-window-options" "showw" Option View tmux "Prints window options."
    SourceFile "source-file" "source" Script Type tmux "Runs the commands of a file."
    SplitWindow "split-window" "splitw" Pane Type tmux "Makes a pane by splitting another."
    StartServer "start-server" "start" Client View tmux "Starts the server when it does not run."
    SuspendClient "suspend-client" "suspendc" Client View tmux "Suspends a client until it is continued."
    SwapPane "swap-pane" "swapp" Pane Type tmux "Exchanges two panes."
    SwapWindow "swap-window" "swapw" Window Type tmux "Exchanges two windows."
    SwitchClient "switch-client" "switchc" Client Type tmux "Shows another session to a client."
    SwitchMode "switch-mode" - View Type tmux "Lets a session or window be found by typing parts of it."
    Timeline "timeline" - Phase View own "Lists every run of every step of the build."
    UnbindKey "unbind-key" "unbind" Key Type tmux "Takes a key's binding away."
    UnlinkWindow "unlink-window" "unlinkw" Window Type tmux "Takes a window out of a session."
    Unshare "unshare" - Share Admin own "Closes a session to guests and detaches them."
    WaitFor "wait-for" "wait" Script Type tmux "Waits for a channel, wakes what waits, locks or unlocks it."
}

/// Every command, sorted by name.
#[must_use]
pub fn table() -> &'static [Row] {
    &TABLE
}

/// The row of a name, an alias, or an abbreviation that fits one command only.
///
/// # Errors
/// A name that fits none, or several.
pub fn find(name: &str) -> Result<&'static Row, ParseError> {
    let exact = TABLE
        .iter()
        .find(|row| row.name == name || row.alias == Some(name));
    if let Some(row) = exact {
        return Ok(row);
    }
    let mut fits = TABLE
        .iter()
        .filter(|row| !row.own && row.name.starts_with(name));
    match (fits.next(), fits.next()) {
        (Some(row), None) => Ok(row),
        (Some(first), Some(second)) => {
            let mut could_be = vec![first.name, second.name];
            could_be.extend(fits.map(|row| row.name));
            Err(ParseError::Ambiguous {
                name: name.to_owned(),
                could_be,
            })
        }
        (None, _) => Err(ParseError::Unknown {
            name: name.to_owned(),
            near: nearest(
                name,
                TABLE
                    .iter()
                    .filter(|row| !row.hidden)
                    .flat_map(|row| [Some(row.name), row.alias])
                    .flatten(),
            ),
        }),
    }
}

/// Reads one command from its words, the name first.
///
/// # Errors
/// No, an unknown or an ambiguous command; flags or arguments that are wrong.
pub fn parse<W: AsRef<str>>(words: &[W]) -> Result<Command, ParseError> {
    let Some((name, rest)) = words.split_first() else {
        return Err(ParseError::Empty);
    };
    let row = find(name.as_ref())?;
    let built = &*row.built;
    let argv = built.spec.canonical(&built.spec.split(rest)?, rest);
    let matches = built
        .clap
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .try_get_matches_from_mut(argv);
    matches
        .and_then(|matches| (built.read)(&matches))
        .map_err(|error| ParseError::Args {
            command: row.name,
            message: first_line(&error),
        })
}

/// Reads one command from words that may be blocks, the name first.
///
/// # Errors
/// As [`parse`].
pub fn parse_words(words: &[Word]) -> Result<Command, ParseError> {
    let mut command = parse(words)?;
    let block = words.last().is_some_and(|word| word.block.is_some());
    match &mut command {
        Command::CommandPrompt(args) => args.block = args.template.is_some() && block,
        Command::RunShell(args) => args.block = block,
        Command::BindKey(args) => {
            let from = words.len().saturating_sub(args.command.len());
            args.words = words[from..].to_vec();
        }
        _ => {}
    }
    Ok(command)
}

/// Puts a command alias (option `command-alias`) in place of a command's name;
/// what followed the name follows the alias's last command.
///
/// # Errors
/// An alias that does not parse.
pub fn expand_alias(
    words: &[Word],
    alias: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Vec<Word>>, LexError> {
    let mut commands = lex_words(alias, env)?;
    if let Some(last) = commands.last_mut() {
        last.extend(words.iter().skip(1).cloned());
    }
    Ok(commands)
}

impl Command {
    /// Reads one command from its words, the name first.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse<W: AsRef<str>>(words: &[W]) -> Result<Self, ParseError> {
        parse(words)
    }

    /// The command's row.
    #[must_use]
    pub fn row(&self) -> &'static Row {
        let name = self.name();
        TABLE
            .iter()
            .find(|row| row.name == name)
            .unwrap_or(&TABLE[0])
    }
}

/// What clap found wrong, without its usage; our words where it says little.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    match text.lines().find(|line| line.contains("[possible values:")) {
        Some(values) => format!("{line} {}", values.trim()),
        None => line.to_owned(),
    }
}

/// The name nearest to one that is unknown, when it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() < 3 || name.len() > 64 {
        return None;
    }
    let most = if name.len() < 5 { 1 } else { 2 };
    known
        .map(|known| (distance(name, known), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Insertions, deletions, replacements and exchanges of neighbours (optimal
/// string alignment) that make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
