//! The table's laws, and what tmux answers to words that are wrong.

use super::*;
use crate::command::args::{PhaseAction, ResizePane};
use crate::command::usage::usage;

fn words(text: &str) -> Vec<Word> {
    let mut commands = lex_words(text, &|_| None).unwrap();
    assert_eq!(commands.len(), 1, "{text}");
    commands.remove(0)
}

fn command(text: &str) -> Command {
    parse(&words(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> String {
    parse(&words(text)).unwrap_err().to_string()
}

#[test]
fn names_are_unique_and_sorted() {
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    assert!(names.is_sorted());
    let mut all: Vec<&str> = names.clone();
    all.extend(TABLE.iter().filter_map(|row| row.alias));
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

#[test]
fn every_row_and_argument_is_described() {
    for row in &TABLE {
        assert!(row.about.ends_with('.'), "{}", row.name);
        for flag in &row.spec().flags {
            let letter = flag.letter;
            assert!(!flag.help.is_empty(), "{} {letter:?}", row.name);
            let valued = flag.takes != crate::command::getopt::Takes::Nothing;
            assert_eq!(!flag.value.is_empty(), valued, "{} {letter:?}", row.name);
            assert!(row.own || flag.long.is_none(), "{}", row.name);
        }
        for arg in &row.spec().positionals {
            assert!(
                !arg.help.is_empty() && !arg.value.is_empty(),
                "{}",
                row.name
            );
        }
        assert!(!usage(row).is_empty());
    }
}

#[test]
fn words_become_typed_arguments() {
    let Command::NewSession(new) = command("new -d -s build -x100 -y 30 -eA=1 -e B=2 'make x'")
    else {
        panic!()
    };
    assert!(new.detached && !new.attach_if_exists);
    assert_eq!(new.name.as_deref(), Some("build"));
    assert_eq!(
        (new.width.as_deref(), new.height.as_deref()),
        (Some("100"), Some("30"))
    );
    assert_eq!(
        (new.env, new.command),
        (vec!["A=1".into(), "B=2".into()], vec!["make x".into()])
    );
    let Command::SendKeys(send) = command("send -t =a:1 ls -l Enter") else {
        panic!()
    };
    assert_eq!(send.target.unwrap().0, "=a:1");
    assert_eq!(send.keys, ["ls", "-l", "Enter"]);
    let Command::SendKeys(send) = command("send -lt x -- -n --") else {
        panic!()
    };
    assert!(send.literal);
    assert_eq!(send.keys, ["-n", "--"]);
    let Command::BindKey(bind) = command("bind -r -T t C-x resize-pane -U 5") else {
        panic!()
    };
    assert_eq!((bind.key.as_str(), bind.command.len()), ("C-x", 3));
    let Command::SelectLayout(_) = command("selectl") else {
        panic!()
    };
    assert_eq!(command("display -p -F '' ''").name(), "display-message");
    let Command::ListWindows(list) = command("lsw -F '-=x' -F =y") else {
        panic!()
    };
    assert_eq!(list.format.as_deref(), Some("=y"));
}

#[test]
fn optional_amounts_are_read_old_and_new() {
    let resize = |text: &str| match command(text) {
        Command::ResizePane(args) => args,
        other => panic!("{other:?}"),
    };
    let up = |value: Option<&str>, adjustment: Option<&str>| ResizePane {
        up: Some(value.map(str::to_owned)),
        adjustment: adjustment.map(str::to_owned),
        ..ResizePane::default()
    };
    assert_eq!(resize("resizep -U 5"), up(Some("5"), None));
    assert_eq!(resize("resizep -U5"), up(Some("5"), None));
    assert_eq!(resize("resizep -U -5"), up(Some("-5"), None));
    assert_eq!(resize("resizep -U"), up(None, None));
    assert_eq!(resize("resizep -U --"), up(None, None));
    assert_eq!(resize("resizep -U -- -5"), up(None, Some("-5")));
    let old = resize("resizep -U -t x 5");
    assert_eq!((old.up, old.adjustment.as_deref()), (Some(None), Some("5")));
    assert!(resize("resizep -UZ").zoom);
}

#[test]
fn own_commands_take_long_names_anywhere() {
    let Command::Share(share) = command("share --listen 0:1 -l 0:2 --authorized-keys=k --json")
    else {
        panic!()
    };
    assert_eq!(share.listen, ["0:1", "0:2"]);
    assert!(share.json && share.authorized_keys == ["k"]);
    let Command::Phase(phase) = command("phase list --json -t x") else {
        panic!()
    };
    assert!(phase.json && phase.action == PhaseAction::List);
    let Command::DebugSession(debug) = command("debug-session --plan p -x 5 bash -x") else {
        panic!()
    };
    assert_eq!(debug.command, ["bash", "-x"]);
    assert!(refusal("share --nosuch").contains("--authorized-keys"));
    assert!(refusal("phase nosuch").contains("list, status"));
}

#[test]
fn refusals_have_tmuxs_words() {
    for (text, message) in [
        ("foo", "unknown command: foo"),
        ("new-window -z", "command new-window: unknown flag -z"),
        ("new-window --foo", "command new-window: invalid flag --"),
        (
            "new-window -t",
            "command new-window: -t expects an argument",
        ),
        (
            "renamew",
            "command rename-window: too few arguments (need at least 1)",
        ),
        (
            "renamew a b",
            "command rename-window: too many arguments (need at most 1)",
        ),
        ("has -?", "usage: has-session [-t target-session]"),
        (
            "rename-",
            "ambiguous command: rename-, could be: rename-session, rename-window",
        ),
    ] {
        assert_eq!(refusal(text), message);
    }
    assert_eq!(parse::<&str>(&[]), Err(ParseError::Empty));
    assert!(matches!(parse(&[""]), Err(ParseError::Ambiguous { .. })));
    let hint = parse(&["list-key"]).is_ok();
    assert!(hint, "an abbreviation of one command is that command");
    let error = parse(&["lits-keys"]).unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("did you mean list-keys?"));
}

#[test]
fn needs_follow_the_use() {
    for (text, need) in [
        ("ls", Need::View),
        ("display -p x", Need::View),
        ("display -I", Need::Type),
        ("capturep -p", Need::View),
        ("capturep", Need::Type),
        ("detach", Need::View),
        ("detach -a", Need::Type),
        ("send x", Need::Type),
        ("copy-mode", Need::Type),
        ("set -g status off", Need::Type),
        ("set -s escape-time 1", Need::Admin),
        ("kill-server", Need::Admin),
        ("share", Need::Admin),
        ("phase list", Need::View),
        ("phase log script", Need::View),
        ("phase retry script", Need::Type),
        ("phase goto script", Need::Type),
        ("phase-panel", Need::View),
        ("phase-report F;status=0", Need::Type),
    ] {
        assert_eq!(command(text).needs(), need, "{text}");
    }
}

#[test]
fn alias_takes_the_further_words() {
    let expanded = expand_alias(&words("info -t x"), "show-messages -JT", &|_| None).unwrap();
    let texts: Vec<&str> = expanded[0].iter().map(AsRef::as_ref).collect();
    assert_eq!(texts, ["show-messages", "-JT", "-t", "x"]);
}

#[test]
fn any_words_are_answered_without_panic() {
    let odd = [
        "-", "--", "-=", "-é", "", "-x", "--=", "=", "-t", "\u{0}", "-U-", "-Ué",
    ];
    for row in &TABLE {
        for a in odd {
            for b in odd {
                let _ = parse(&[row.name, a, b]);
            }
        }
    }
}

#[test]
fn idioms_of_real_configurations_parse() {
    let text = r##"
# prefix
unbind C-b
set -g prefix C-a ; bind C-a send-prefix
set-option -ga terminal-overrides ",xterm-256color:Tc" # true colour
bind | split-window -h -c "#{pane_current_path}"
bind - split-window -v -c '#{pane_current_path}'
bind r source-file ~/.tmux.conf \; display "reloaded"
bind -n M-Left select-pane -L
bind -r H resize-pane -L 5
bind-key -T copy-mode-vi v send -X begin-selection
bind-key -T copy-mode-vi y send-keys -X copy-pipe-and-cancel "xclip -in -sel clip"
setw -g mode-keys vi
set -g status-right '#(uptime | cut -d , -f 3) %H:%M'
set -g status-left "#{?client_prefix,#[bg=red],}#S "
if-shell -b '[ "$(uname)" = Darwin ]' { set -g @os mac } 'set -g @os other'
is_vim="ps -o state= -o comm= -t '#{pane_tty}' | grep -iqE 'vim$'"
bind -n C-h if-shell "$is_vim" "send-keys C-h" "select-pane -L"
bind -T root F12 \
  set prefix None \;\
  set key-table off \;\
  if -F '#{pane_in_mode}' 'send-keys -X cancel' \;\
  refresh-client -S
set -g @plugin 'tmux-plugins/tpm'
%if "#{==:#{host},x}"
set -g status-bg red
%else
set -g status-bg blue
%endif
set-hook -g after-new-window { select-layout tiled }
run '~/.tmux/plugins/tpm/tpm'
new-session -A -s main
bind '"' split-window
bind \# list-buffers
bind C-c run "tmux save-buffer - | xclip -i"
bind -N "mine" X confirm-before -p "kill? (y/n)" kill-window
"##;
    let env = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
    let commands = lex_words(text, &env).unwrap();
    assert_eq!(commands.len(), 26);
    for words in &commands {
        let command = parse(words).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        if let Command::IfShell(args) = &command {
            assert!(args.condition.contains("uname"));
        }
        if let Command::BindKey(bind) = &command {
            let inner = &words[words.len() - bind.command.len()..];
            for words in crate::command::split_words(inner) {
                let one = words.len() == 1;
                assert!(one || parse(&words).is_ok(), "{words:?}");
            }
        }
    }
}
