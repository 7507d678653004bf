//! The program under the name `tmux`, as a link first in the PATH: what scripts,
//! editors' plug-ins, choosers, plug-in managers and savers of sessions ask of
//! it, in scripts of those shapes. The scripts are run by bash, in panes or
//! beside the server.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::{LONG_PATIENCE, Output, STEPMUX, World, finish_within, until_within};

/// A world in which the program is called tmux, and nothing is said of stepmux.
struct Land {
    world: World,
    path: String,
}

impl Land {
    fn new() -> Self {
        let world = World::new();
        let bin = world.path("bin");
        std::fs::create_dir(&bin).unwrap();
        symlink(STEPMUX, bin.join("tmux")).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        // /etc/profile has a PATH of its own for the shells in panes.
        let profile = format!("PS1='$ ' PATH='{path}'\nunset PROMPT_COMMAND HISTFILE MAILCHECK\n");
        world.write("home/.bash_profile", profile);
        Self { world, path }
    }

    /// A bash script, with the link first in its PATH.
    fn script(&self, text: &str) -> Command {
        let mut command = self.world.command("bash");
        command
            .env("PATH", &self.path)
            .env_remove("STEPMUX_TMPDIR")
            .args(["-c", text]);
        command
    }

    /// Runs a script to its end.
    #[track_caller]
    fn run(&self, text: &str) -> Output {
        let child = self.script(text).spawn().unwrap();
        finish_within(text, child, LONG_PATIENCE)
    }

    /// Runs a script that must succeed in silence; its standard output.
    #[track_caller]
    fn ok(&self, text: &str) -> String {
        let out = self.run(text);
        assert!(
            out.status == Some(0) && out.stderr.is_empty(),
            "{text}\n{out:#?}"
        );
        out.stdout
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.world.path(name)).unwrap_or_default()
    }

    /// Waits until a file in the world's directory holds something.
    #[track_caller]
    fn wait(&self, name: &str) -> String {
        until(name, || self.read(name).ends_with('\n'));
        self.read(name)
    }
}

impl Drop for Land {
    fn drop(&mut self) {
        // What the world's own end asks for is a server in another directory.
        let _ = self.script("tmux kill-server").output();
    }
}

/// Waits until something is true, with programs between that start slowly.
#[track_caller]
fn until(what: &str, ready: impl FnMut() -> bool) {
    until_within(what, LONG_PATIENCE, ready, String::new);
}

fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// The value of a variable in what `env` printed.
fn variable<'a>(env: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = env.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

#[test]
fn panes_and_jobs_have_the_variables_of_tmux() {
    let land = Land::new();
    let root = land.world.path("");
    let root = root.to_str().unwrap().trim_end_matches('/');
    let ids = land.ok(&format!(
        "tmux -f /dev/null new-session -d -s one 'env > {root}/one; sleep 1000'\n\
         tmux new-session -d -s two 'env > {root}/two; sleep 1000'\n\
         tmux run-shell 'env > {root}/job'\n\
         tmux display-message -p '#{{socket_path}} #{{pid}} #{{version}}'"
    ));
    let [socket, pid, version] = ids.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{ids:?}");
    };
    assert_eq!(socket, format!("{root}/tmux-{}/default", uid()));
    assert!(version.starts_with("3."), "{version}");
    assert_eq!(land.ok("tmux -V"), format!("tmux {version}\n"));
    for (name, pane, session) in [("one", "%0", "0"), ("two", "%1", "1")] {
        let env = land.wait(name);
        let value = |name| variable(&env, name).unwrap_or("none");
        assert_eq!(value("TMUX"), format!("{socket},{pid},{session}"));
        assert_eq!(value("TMUX_PANE"), pane);
        assert_eq!(value("TERM_PROGRAM"), "tmux");
        assert_eq!(value("TERM_PROGRAM_VERSION"), version);
        assert!(
            ["tmux-256color", "screen-256color"].contains(&value("TERM")),
            "{env}"
        );
    }
    let tmux = format!("{socket},{pid},");
    let job = land.read("job");
    assert!(variable(&job, "TMUX").unwrap().starts_with(&tmux), "{job}");
}

#[test]
fn sockets_are_where_those_of_tmux_are() {
    let land = Land::new();
    let root = land.world.path("");
    let sockets = land.ok("mkdir there\n\
         tmux -f /dev/null new-session -d\n\
         tmux -L other -f /dev/null new-session -d\n\
         TMUX_TMPDIR=$PWD/there tmux -f /dev/null new-session -d\n\
         tmux -S $PWD/own -f /dev/null new-session -d\n\
         for flags in '' '-L other' \"-S $PWD/own\"; do\n\
           tmux $flags display-message -p '#{socket_path}'\n\
         done\n\
         TMUX_TMPDIR=$PWD/there tmux display-message -p '#{socket_path}'\n\
         tmux -L other kill-server; tmux -S $PWD/own kill-server\n\
         TMUX_TMPDIR=$PWD/there tmux kill-server");
    let (root, home) = (root.display().to_string(), land.world.home());
    let (root, home) = (root.trim_end_matches('/'), home.display());
    let dir = format!("tmux-{}", uid());
    let wanted = [
        format!("{root}/{dir}/default"),
        format!("{root}/{dir}/other"),
        format!("{home}/own"),
        format!("{home}/there/{dir}/default"),
    ];
    assert_eq!(sockets.lines().collect::<Vec<_>>(), wanted);
    let out = land.run("tmux -L gone list-sessions");
    let missing = |path| format!("error connecting to {path} (No such file or directory)\n");
    let words = missing(format!("{root}/{dir}/gone"));
    assert_eq!((out.status, out.stderr), (Some(1), words));
    // A directory that is not there is passed over for /tmp.
    let out = land.run("TMUX_TMPDIR=/nonexistent tmux -L mux-gone list-sessions");
    assert_eq!(out.stderr, missing(format!("/tmp/{dir}/mux-gone")));
}

#[test]
fn nesting_is_refused_until_the_variable_of_tmux_is_empty() {
    let land = Land::new();
    land.ok("tmux -f /dev/null new-session -d -s work -x 80 -y 24");
    land.world.write(
        "inner",
        "tmux new-session -s inner 2> refused\n\
         TMUX= tmux new-session -d -s free\n\
         tmux list-sessions -F '#{session_name}' > sessions\n",
    );
    land.ok("tmux send-keys ' . ../inner' Enter");
    until("sessions", || land.read("home/sessions") == "free\nwork\n");
    assert_eq!(
        land.read("home/refused"),
        "sessions should be nested with care, unset $TMUX to force\n"
    );
}

#[test]
fn commands_from_a_pane_mean_what_is_current_in_its_session() {
    let land = Land::new();
    land.ok(
        "tmux -f /dev/null new-session -d -s work -x 80 -y 24 'sleep 1000'\n\
         tmux new-window -t work -n shown 'sleep 1000'\n\
         tmux new-session -d -s later 'sleep 1000'\n\
         tmux split-window -d -t work:0 'tmux display-message -p \"#S:#W #{pane_id}\" > pane;\
           tmux display-message -p -t \"$TMUX_PANE\" \"#{pane_id} #{pane_active}\" >> pane;\
           tmux -L other -f /dev/null new-session -d -s other; \
           TMUX_PANE=%2 tmux display-message -p \"#{pane_id}\" >> pane;\
           tmux -L other display-message -p \"#{session_name}\" >> pane;\
           tmux -L other kill-server; echo end >> pane; sleep 1000'",
    );
    until("end", || land.read("home/pane").ends_with("end\n"));
    assert_eq!(
        land.read("home/pane"),
        "work:shown %1\n%3 0\n%2\nother\nend\n"
    );
}

/// A chooser that a script waits for: it takes lines on its input, is shown in a
/// split or a popup, and hands on what was chosen and the chooser's status.
const CHOOSER: &str = r#"
how=$1; shift
dir=$(mktemp -d "$HOME/chooser.XXXXXX")
mkfifo -m 600 "$dir/in" "$dir/out" "$dir/status"
printf '%s\n' "trap 'echo 130 > $dir/status' HUP" \
  "( $* ) < $dir/in > $dir/out; echo \$? > $dir/status" > "$dir/run"
zoomed=$(tmux display-message -p -t "$TMUX_PANE" '#{window_zoomed_flag}')
case $how in
popup) tmux display-popup -d "$PWD" -w 60% -h 50% -x C -y C -E "bash $dir/run" > /dev/null 2>&1 & ;;
window) tmux set-window-option -q synchronize-panes off \; \
  new-window -n chooser "bash $dir/run" > /dev/null 2>&1 ;;
*) tmux set-window-option synchronize-panes off \; \
  set-window-option remain-on-exit off \; \
  split-window -t "$TMUX_PANE" $how -c "$PWD" "cd '$PWD'; bash $dir/run" \; \
  swap-pane -D > /dev/null 2>&1 ;;
esac
cat <&0 > "$dir/in" & cat "$dir/out" &
status=$(cat "$dir/status")
wait
[ "$zoomed" = 1 ] && tmux resize-pane -t "$TMUX_PANE" -Z
rm -r "$dir"
exit "$status"
"#;

#[test]
fn chooser_hands_on_choice_and_status_from_splits_windows_and_popups() {
    let land = Land::new();
    land.world.write("chooser", CHOOSER);
    land.ok("tmux -f /dev/null new-session -d -s work -x 80 -y 24");
    let words = ["tmux", "attach-session", "-t", "work"];
    let mut client = {
        let path = land.path.clone();
        let words = ["env", "-u", "STEPMUX_TMPDIR", &format!("PATH={path}")]
            .into_iter()
            .chain(words)
            .map(Into::into)
            .collect::<Vec<_>>();
        land.world.on_terminal(&words, 80, 24)
    };
    client.wait_text("[work]");
    for how in ["popup", "window", "-v -l 40%", "-h -b", "-f -l 5"] {
        let _ = std::fs::remove_file(land.world.path("home/chosen"));
        client.send(format!(
            " clear; printf '%s\\n' one two three | \
             bash ../chooser '{how}' 'sed -n 2p; exit 7' > choice; \
             echo \"$? $(cat choice)\" > chosen\r"
        ));
        until(how, || land.read("home/chosen").ends_with('\n'));
        assert_eq!(land.read("home/chosen"), "7 two\n", "{how}");
        // The chooser's shell ends after it has handed on: until then it is the one
        // that is typed to. The window is as before then: one pane.
        client.wait("the popup's end", |screen| !screen.contents().contains('┌'));
        let panes = "tmux list-panes -s -F '#{pane_index}'";
        until("the chooser's end", || land.ok(panes) == "0\n");
    }
    land.ok("tmux split-window -d 'sleep 1000'; tmux resize-pane -Z -t :.0");
    client.send(
        " echo a | bash ../chooser '-l 3' cat > zoomed; \
         tmux display-message -p '#{window_zoomed_flag} #{window_panes}' >> zoomed\r",
    );
    until("zoomed", || land.read("home/zoomed").lines().count() == 2);
    assert_eq!(land.read("home/zoomed"), "a\n1 2\n");
}

/// What editors' plug-ins ask in a window of two panes side by side, and what
/// they must get.
#[rustfmt::skip]
const EDITOR: &[(&str, &str)] = &[
    ("tmux list-panes -F '#{pane_index} #{pane_id} #{pane_active} #{pane_width}x#{pane_height}'",
     "0 %0 1 40x23\n1 %1 0 39x23\n"),
    ("tmux display-message -p -t %1 '#{pane_current_command}'", "cat\n"),
    ("tmux list-panes -F '#{pane_id}:#{pane_current_command}' | grep -c ':cat$'", "2\n"),
    // A move to the next pane that keeps at an edge, and does not leave a zoom.
    ("tmux if-shell -F '#{pane_at_left}' 'set-option -g @at edge' 'select-pane -L'; \
      tmux show-options -gqv @at", "edge\n"),
    ("tmux select-pane -R; tmux display-message -p '#{pane_id}'", "%1\n"),
    ("tmux select-pane -l; tmux display-message -p '#{pane_id}'", "%0\n"),
    ("tmux resize-pane -Z; tmux if-shell -F '#{window_zoomed_flag}' '' 'select-pane -R'; \
      tmux display-message -p '#{pane_id} #{window_zoomed_flag}'", "%0 1\n"),
    ("tmux select-pane -Z -R; tmux display-message -p '#{pane_id} #{window_zoomed_flag}'", "%1 1\n"),
    ("tmux select-pane -t :.0; tmux display-message -p '#{pane_id} #{window_zoomed_flag}'", "%0 0\n"),
    // Text sent to a REPL: literal keys, keys by name, and a buffer from a pipe.
    ("tmux send-keys -t %1 -l 'x = \"Enter\"; y'; tmux send-keys -t %1 Enter; \
      printf 'one\\ntwo\\n' | tmux load-buffer -b slime -; \
      tmux paste-buffer -d -p -b slime -t %1; \
      until tmux capture-pane -p -t %1 | grep -q two; do :; done; \
      tmux capture-pane -p -t %1 | sed '/^$/d' | sort -u", "one\ntwo\nx = \"Enter\"; y\n"),
    ("tmux show-buffer -b slime 2>&1", "no buffer slime\n"),
    ("tmux set-buffer -b reg 'a  b'; tmux set-buffer -a -b reg ' c'; tmux show-buffer -b reg", "a  b c"),
    ("tmux set-buffer -w -b reg 'to the clipboard'; tmux save-buffer -b reg -", "to the clipboard"),
    ("tmux list-buffers -F '#{buffer_name}=#{buffer_size}'; tmux delete-buffer -b reg", "reg=16\n"),
    ("tmux send-keys -t %1 -N 3 a; tmux send-keys -t %1 C-u; echo $?", "0\n"),
    ("tmux display-message -p '#{pane_current_path}' | grep -c '/home$'", "1\n"),
    ("tmux display-message -p '#{session_name}:#{window_index}.#{pane_index}'", "work:0.0\n"),
    ("tmux split-window -d -P -F '#{pane_id}' -l 5 -c / 'exec cat'", "%2\n"),
    ("tmux last-pane; tmux kill-pane -t %2; tmux list-panes -F '#{pane_id}'", "%0\n%1\n"),
    ("tmux show-options -gv prefix; tmux show-option -gqv mouse | tr a-z A-Z", "C-b\nON\n"),
    ("tmux has-session -t =work && tmux has-session -t =wor; echo $?", "can't find session: wor\n1\n"),
    ("tmux set-option -p -t %1 @owner vim; tmux show-options -pqv -t %1 @owner; \
      tmux show-options -pqv -t %0 @owner", "vim\n"),
    ("tmux set-hook -p -t %1 pane-focus-in 'set -g @in 1'; tmux show-hooks -p -t %1", "pane-focus-in[0] set-option -g @in 1\n"),
    ("tmux wait-for -S ready; tmux wait-for ready; echo over", "over\n"),
    // A pipe's command, while it runs.
    ("tmux pipe-pane 'exec sleep 1000'; pid=; \
      until [ -n \"$pid\" ]; do pid=$(tmux display-message -p '#{pane_pipe_pid}'); done; \
      kill -0 $pid && tmux display-message -p '#{pane_pipe}'; kill $pid; \
      until [ -z \"$pid\" ]; do pid=$(tmux display-message -p '#{pane_pipe_pid}'); done; \
      tmux display-message -p '#{pane_pipe}'", "1\n0\n"),
];

#[test]
fn calls_of_editors_plug_ins_are_answered_as_by_tmux() {
    let land = Land::new();
    land.ok(
        "tmux -f /dev/null new-session -d -s work -x 80 -y 24 'exec cat'\n\
         tmux set-option -g status on \\; set-option -g default-command 'exec cat'\n\
         tmux split-window -dh",
    );
    land.ok("tmux resize-window -x 80 -y 23");
    until("cat", || {
        let names = land.ok("tmux list-panes -F '#{pane_current_command}'");
        names == "cat\ncat\n"
    });
    for (call, wanted) in EDITOR {
        let out = land.run(&format!("exec 2>&1; {call}"));
        assert_eq!(out.stdout, *wanted, "{call}");
    }
}

/// A manager of plug-ins: it finds what is listed in options, and runs each.
const MANAGER: &str = r#"#!/usr/bin/env bash
set -u
tmux start-server\; set-environment -g PLUGINS "$HOME/plugins/"
version=$(tmux -V | tr -cd '0-9.')
[ "${version%%.*}" -ge 3 ] || { tmux display-message "too old"; exit 1; }
tmux bind-key I run-shell "$HOME/plugins/install"
for name in $(tmux show-option -gqv @plugins) $(tmux show -gqv @more); do
  for file in "$HOME/plugins/$name"/*.tmux; do "$file" > /dev/null 2>&1; done
done
"#;

const PLUGIN: &str = r#"#!/usr/bin/env bash
option() {
  local value=$(tmux show-option -gqv "$1")
  echo "${value:-$2}"
}
tmux bind-key -T prefix "$(option @side-key e)" split-window -h -c '#{pane_current_path}'
tmux bind -n M-z resize-pane -Z
tmux set-option -gq @side-loaded "$(option @side-colour none)"
tmux set -ga status-right " #($HOME/plugins/side/status)"
tmux source-file "$HOME/plugins/side/more.conf"
[ -z "$(tmux show -gqv @not-there)" ] && tmux set -g @empty yes
"#;

#[test]
fn plug_in_managers_set_up_what_is_listed() {
    let land = Land::new();
    let file = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = land.world.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    file("home/plugins/manager", MANAGER);
    file("home/plugins/side/side.tmux", PLUGIN);
    file("home/plugins/side/status", "#!/bin/sh\necho from-plug-in\n");
    file(
        "home/plugins/side/more.conf",
        "set -g @sourced '#{version}'\nbind -r M-Up resizep -U 5\n",
    );
    file(
        "home/.tmux.conf",
        "set -g @plugins 'side'\nset -g @more ''\nset -g @side-key 'E'\n\
         set -g @side-colour colour12\nrun '~/plugins/manager'\n",
    );
    land.ok("tmux new-session -d -s work -x 120 -y 24");
    until("plug-in", || land.ok("tmux show -gqv @empty") == "yes\n");
    assert_eq!(land.ok("tmux show -gqv @side-loaded"), "colour12\n");
    assert_eq!(land.ok("tmux show -gqv @sourced"), "#{version}\n");
    let keys = land.ok("tmux list-keys -T prefix; tmux list-keys -T root M-z");
    let squeezed: Vec<String> = keys
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for wanted in [
        "bind-key -T prefix E split-window -h -c \"#{pane_current_path}\"",
        "bind-key -r -T prefix M-Up resize-pane -U 5",
        "bind-key -T root M-z resize-pane -Z",
    ] {
        assert!(
            squeezed.iter().any(|line| line == wanted),
            "{wanted}\n{keys}"
        );
    }
    let install = land.world.home().join("plugins/install");
    let install = format!("I run-shell {}", install.display());
    assert!(
        squeezed.iter().any(|line| line.ends_with(&install)),
        "{keys}"
    );
    let plugins = land.ok("tmux show-environment -g PLUGINS");
    assert_eq!(
        plugins,
        format!("PLUGINS={}/plugins/\n", land.world.home().display())
    );
    until("job of the status line", || {
        land.ok("tmux display-message -p '#{E:status-right}'")
            .contains("from-plug-in")
    });
    assert_eq!(land.ok("tmux show-messages | grep -c error || true"), "0\n");
}

/// Saves sessions, windows, panes and their contents to lines with tabs.
const SAVE: &str = r#"
d=$'\t'
tmux list-panes -a -F "pane${d}#{session_name}${d}#{window_index}${d}#{window_active}${d}:#{window_flags}${d}#{pane_index}${d}#{pane_title}${d}:#{pane_current_path}${d}#{pane_active}${d}#{pane_current_command}${d}:#{history_size}"
tmux list-windows -a -F "window${d}#{session_name}${d}#{window_index}${d}:#{window_name}${d}#{window_active}${d}:#{window_flags}${d}#{window_layout}${d}#{?automatic-rename,on,off}"
tmux list-sessions -F "group${d}#{session_grouped}${d}#{session_group}${d}#{session_id}${d}#{session_name}" | grep 'group.1' || true
tmux display-message -p "state${d}#{client_session}${d}#{client_last_session}"
"#;

/// Makes it all again from those lines.
const RESTORE: &str = r#"
set -e
while IFS=$'\t' read -r kind session window active flags pane title dir pane_active command _; do
  [ "$kind" = pane ] || continue
  dir=${dir#:}
  if ! tmux has-session -t "=$session" 2> /dev/null; then
    tmux new-session -d -s "$session" -c "$dir" -x 120 -y 40
    first=$(tmux show-options -gv base-index)
    [ "$first" = "$window" ] || tmux move-window -s "$session:$first" -t "$session:$window"
  elif ! tmux list-windows -t "=$session" -F '#{window_index}' | grep -qx "$window"; then
    tmux new-window -d -t "$session:$window" -c "$dir"
  else
    tmux split-window -t "$session:$window" -c "$dir"
    tmux resize-pane -t "$session:$window" -U 999
  fi
  tmux select-pane -t "$session:$window.$pane" -T "$title"
done < "$1"
while IFS=$'\t' read -r kind session window name active flags layout automatic; do
  [ "$kind" = window ] || continue
  tmux select-layout -t "$session:$window" "$layout"
  tmux rename-window -t "$session:$window" "${name#:}"
  tmux set-option -w -t "$session:$window" automatic-rename "$automatic"
done < "$1"
awk -F'\t' '$1 == "pane" && $9 == 1 { print $2 ":" $3 "." $6 }' "$1" |
  while read -r target; do tmux select-pane -t "$target"; done
awk -F'\t' '$1 == "window" && $6 ~ /Z/ { print $2 ":" $3 }' "$1" |
  while read -r target; do tmux resize-pane -Z -t "$target"; done
awk -F'\t' '$1 == "window" && $6 ~ /-/ { print $2 ":" $3 }' "$1" |
  while read -r target; do tmux select-window -t "$target"; done
awk -F'\t' '$1 == "window" && $5 == 1 { print $2 ":" $3 }' "$1" |
  while read -r target; do tmux select-window -t "$target"; done
"#;

/// The lines without what is another pane's or session's number in another
/// server, or a program that a shell has not started yet.
fn dump(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let mut fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        for field in &mut fields {
            while let Some(at) = field.find(",\"I\":\"%") {
                let end = at + 7 + field[at + 7..].find('"').unwrap() + 1;
                field.replace_range(at..end, "");
            }
        }
        if fields[0] == "pane" {
            fields.truncate(9);
        }
        fields.join(" ")
    };
    text.lines().map(line).collect()
}

#[test]
fn sessions_are_saved_and_restored_by_scripts() {
    let land = Land::new();
    land.world.write("save", SAVE);
    land.world.write("restore", RESTORE);
    for dir in ["src", "docs dir"] {
        std::fs::create_dir(land.world.home().join(dir)).unwrap();
    }
    let home = land.world.home();
    let home = home.display();
    land.ok(&format!(
        "tmux -f /dev/null new-session -d -s code -n edit -x 120 -y 40 -c {home}/src\n\
         tmux split-window -h -c '{home}/docs dir' \\; split-window -l 7 -c {home} \\; \
           select-pane -T 'a title' \\; select-pane -L\n\
         tmux new-window -n logs -c / \\; split-window -d \\; split-window -d \\; \
           select-layout main-vertical \\; resize-pane -Z\n\
         tmux new-window -t code:7 -n far \\; select-window -t :1 \\; select-window -t :0\n\
         tmux new-session -d -s notes -n only -x 120 -y 40 -c {home}"
    ));
    let ready = "tmux list-panes -a -F '#{pane_current_path}' | grep -c .";
    until("paths", || land.ok(ready) == "8\n");
    until("directories", || {
        land.ok("bash ../save").matches("/docs dir").count() == 1
    });
    let saved = land.ok("bash ../save");
    land.world.write("saved", &saved);
    let picture = land.ok("tmux capture-pane -epJ -S - -t code:0.0 | grep -c '' ");
    assert_ne!(picture, "0\n");
    land.ok("tmux kill-server; tmux -f /dev/null start-server");
    // Started under another name, so that nothing of the first one is left.
    let restored = land.run("TMUX= bash -x ../restore ../saved 2> ../trace");
    assert_eq!(restored.status, Some(0), "{}", land.read("trace"));
    until("directories", || {
        dump(&land.ok("bash ../save")) == dump(&saved)
    });
    assert!(Path::new(&land.world.path("saved")).exists());
}
