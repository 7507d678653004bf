//! Options as commands set and show them: tables of lines with what tmux 3.8
//! says to each.

use super::*;

/// Runs lines in one scene; each must print, or fail with, what is beside it.
fn told(rows: &[(&str, &str)]) {
    let mut scene = Scene::new();
    for (line, expected) in rows {
        let said = match expected.strip_prefix("error: ") {
            Some(error) => (scene.err(line), error.to_owned()),
            None => (scene.ok(line), (*expected).to_owned()),
        };
        assert_eq!(said.0, said.1, "{line}");
    }
}

#[test]
fn entries_have_numbers_and_names() {
    told(&[
        ("set -s user-keys[foo] x ; set -s user-keys[10] t", ""),
        ("set -s user-keys[2] z ; set -s user-keys[007] s", ""),
        (
            "show -s user-keys",
            "user-keys[2] z\nuser-keys[7] s\nuser-keys[10] t\nuser-keys[foo] x\n",
        ),
        ("show -sv user-keys", "z\ns\nt\nx\n"),
        ("show -s user-keys[foo]", "user-keys[foo] x\n"),
        ("show -s user-keys[bar]", "user-keys[bar] ''\n"),
        (
            "set -s -a user-keys[foo] y ; show -sv user-keys[foo]",
            "xy\n",
        ),
        ("set -s -u user-keys[foo] ; set -s -u user-keys[none]", ""),
        (
            "set -s -o user-keys[2] q",
            "error: already set: user-keys[2]",
        ),
        ("set -s -oq user-keys[2] q ; show -sv user-keys[2]", "z\n"),
        ("set -s user-keys a,b ; set -s -a user-keys c", ""),
        ("show -sv user-keys", "a\nb\nc\n"),
        ("set -s -u user-keys ; show -s user-keys", "user-keys\n"),
        ("show -sv user-keys", ""),
        ("set -g status[1] off", "error: not an array: status[1]"),
        ("set @x[1] y", "error: not an array: @x[1]"),
        ("show -g status[1]", "status[1] on\n"),
        ("set '' x", "error: ambiguous option: "),
        ("show ''", "error: invalid option: "),
        ("show user-keys[]", "error: invalid option: user-keys[]"),
    ]);
}

#[test]
fn layers_are_shown_as_they_are_set() {
    told(&[
        ("show mouse", ""),
        ("show -A mouse", "mouse* on\n"),
        ("show -gv mouse", "on\n"),
        ("set -w mouse off ; show -s mouse", "mouse off\n"),
        ("set -u mouse extra ; show mouse", ""),
        (
            "set -g @b 1 ; set -g @a 2 ; show @a",
            "error: invalid option: @a",
        ),
        ("show -q @a", ""),
        ("show -A @a", "@a* 2\n"),
        ("set -a @a 3 ; show -v @a", "3\n"),
        ("set -p @p 1 ; show -p", "@p 1\n"),
        ("show -w @p", "error: invalid option: @p"),
        ("set -w @w 2 ; show -pA @w", "@w* 2\n"),
        ("set -p window-style bg=red ; set -wU window-style", ""),
        ("show -p window-style", ""),
        (
            "set -pg window-style bg=red ; show -gwv window-style",
            "default\n",
        ),
        ("set -t nope mouse on", "error: no such session: nope"),
        ("set -wt nope mode-keys vi", "error: no such window: nope"),
        ("set -pt nope @x 1", "error: no such pane: nope"),
        ("set -qt nope mouse on ; show -qt nope mouse", ""),
        ("set -t main:99 @y 1 ; show -v @y", "1\n"),
        ("set -t nope escape-time 10", ""),
    ]);
}

#[test]
fn options_are_listed_in_order_and_ours_once_they_are_set() {
    let mut scene = Scene::new();
    let listed = scene.ok("set -g @z 1 ; set -g @a 1 ; show -g");
    let names: Vec<&str> = listed.lines().take(4).collect();
    assert_eq!(
        names,
        [
            "@a 1",
            "@z 1",
            "activity-action other",
            "assume-paste-time 1"
        ]
    );
    let server = scene.ok("show -s");
    assert!(server.contains("\nterminal-overrides[0] linux*:AX@\nterminal-features[0]"));
    assert!(!server.contains("share-") && !server.contains("history-spill"));
    assert_eq!(scene.ok("show -s history-spill"), "history-spill ''\n");
    let server = scene.ok("set -s history-spill on ; show -s");
    assert!(server.ends_with("history-spill on\n"));
    let hooks = scene.ok("show -gH");
    assert!(hooks.contains("\nafter-bind-key\n") && !listed.contains("after-bind-key"));
    assert!(!hooks.contains("join-refused"));
    let pane = scene.ok("show -pA");
    assert!(pane.starts_with("cursor-colour* ''\ncursor-style* default\n"));
}

#[test]
fn format_of_show_options_knows_the_option() {
    let format = "'#{option_name}=#{option_value} #{option_array_key} \
                  #{option_is_array}#{option_is_hook}#{option_is_parent}#{option_is_string}\
                  #{option_is_user}#{option_has_value}#{option_has_array_key}#{option_value_only}'";
    for (flags, shown) in [
        (
            "-g status-left",
            "status-left=[#{session_name}]   00010100\n",
        ),
        ("-gv mouse", "mouse=on  00000101\n"),
        ("-A mouse", "mouse=on  00100100\n"),
        ("-s user-keys", "user-keys=  10010000\n"),
        (
            "-g update-environment[1]",
            "update-environment=KRB5CCNAME 1 10010110\n",
        ),
        ("-g after-new-window", "after-new-window=  11000000\n"),
        ("-g @u", "@u=a b  00011100\n"),
    ] {
        let mut scene = Scene::new();
        scene.ok("set -g @u 'a b'");
        assert_eq!(
            scene.ok(&format!("show -F {format} {flags}")),
            shown,
            "{flags}"
        );
    }
    let mut scene = Scene::new();
    let all = scene.ok("showw -g -F '#{option_name}' mode-keys");
    assert_eq!(all, "mode-keys\n");
}

#[test]
fn commands_in_options_are_checked_and_kept_in_one_form() {
    told(&[
        ("set -s default-client-command 'neww -n \"a b\" ; lsb'", ""),
        (
            "show -s default-client-command",
            "default-client-command new-window -n \"a b\" ; list-buffers\n",
        ),
        (
            "set -s default-client-command zzz",
            "error: unknown command: zzz",
        ),
        ("set -g after-new-window 'lsk ; lsb'", ""),
        (
            "show -g after-new-window",
            "after-new-window[0] list-keys ; list-buffers\n",
        ),
        ("set -g after-new-window zzz", "error: unknown command: zzz"),
        ("set -g prefix '\"' ; show -g prefix", "prefix \"\n"),
        (
            "set -g status-bg '#FF0000' ; show -g status-bg",
            "status-bg #ff0000\n",
        ),
        (
            "set -g clock-mode-colour '#FF0000' ; show -g clock-mode-colour",
            "clock-mode-colour \"#FF0000\"\n",
        ),
    ]);
}
