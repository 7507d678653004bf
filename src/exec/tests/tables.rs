//! Families of commands, as tables: what is run, and what then is so.

use super::Scene;
use crate::mux::Effect;

/// Runs lines, then compares a format.
fn check(rows: &[(&str, &str, &str)]) {
    for (line, format, expected) in rows {
        let mut scene = Scene::attached();
        scene.ok(line);
        assert_eq!(scene.show(format), *expected, "{line}");
    }
}

#[test]
fn session_commands_change_sessions() {
    check(&[
        ("rename-session a:b.c", "#S", "a:b.c"),
        ("rename-session x\\\\y", "#S", "x\\\\y"),
        ("rename-window ''", "#W", ""),
        ("new-session -d -s x ; switch-client -t x", "#S", "x"),
        ("new-session -d -s x ; switch-client -n", "#S", "x"),
        (
            "new-session -d -s x ; kill-session -a -t x",
            "#{server_sessions} #S",
            "1 x",
        ),
        (
            "new-session -d -t main -s two ; new-window -t two",
            "#{session_windows}",
            "2",
        ),
        ("new-session -s here", "#S", "here"),
        ("new-session -A -s main", "#{session_windows}", "1"),
    ]);
    let mut scene = Scene::new();
    for (line, error) in [
        ("new-session -d -s main", "duplicate session: main"),
        ("new-session -d -s \"a\tb\"", "invalid session name: a\tb"),
        ("new-session -d -s a -n \"\tb\"", "invalid window name: \tb"),
        ("rename-window \"x\u{7f}\"", "invalid window name: x\u{7f}"),
        (
            "new-window -n \"\u{1b}[1m\"",
            "invalid window name: \u{1b}[1m",
        ),
        (
            "new-session -d -t \"g\tx\"",
            "invalid session group name: g\tx",
        ),
        ("new-session -d -x 0", "width too small"),
        ("new-session -d -x a", "width invalid"),
        ("rename-session -t zz y", "can't find session: zz"),
        (
            "new-session -d -t main -n x",
            "command or window name given with target",
        ),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
    let line = "new-session -d -P -x 100 -y 30 -s wide -F '#S #{window_width}x#{window_height}'";
    assert_eq!(scene.ok(line), "wide 100x30\n");
    // What is said of the first window holds for the next ones.
    let option = scene.ok("show-options -t wide default-size");
    assert_eq!(option, "default-size 100x30\n");
    let line = "new-window -d -t wide: -P -F '#{window_width}x#{window_height}'";
    assert_eq!(scene.ok(line), "100x30\n");
}

#[test]
fn nested_attach_is_refused_in_a_pane_of_this_server() {
    let mut scene = Scene::new();
    let id = scene.connect(1, crate::access::Grant::Admin);
    scene.client = Some(id);
    let client = scene.mux.clients.get_mut(&id).unwrap();
    client.environ.set("STEPMUX", "/tmp/s,1,0", false);
    // A pane of another server may show this one.
    assert_eq!(scene.ok("attach-session ; switch-client -E"), "");
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.process.as_mut().unwrap().tty = "/dev/pts/1".to_owned();
    scene.mux.clients.get_mut(&id).unwrap().session = None;
    let error = "sessions should be nested with care, unset $STEPMUX to force";
    assert_eq!(scene.err("attach-session"), error);
    assert_eq!(scene.err("new-session"), error);
    assert_eq!(scene.mux.sessions.len(), 1);
    scene.mux.clients.get_mut(&id).unwrap().terminal = None;
    scene
        .mux
        .clients
        .get_mut(&id)
        .unwrap()
        .environ
        .unset("STEPMUX");
    assert_eq!(scene.err("attach"), "open terminal failed: not a terminal");
}

#[test]
fn failed_process_leaves_nothing_behind() {
    for (line, error) in [
        (
            "new-window -t :7",
            "create window failed: /nosuch: No such file",
        ),
        (
            "split-window -h",
            "create pane failed: /nosuch: No such file",
        ),
        (
            "new-session -d -s x",
            "create session failed: /nosuch: No such file",
        ),
    ] {
        let mut scene = Scene::attached();
        scene.refuse = Some("/nosuch: No such file".to_owned());
        assert_eq!(scene.err(line), error);
        let counts = scene.show("#{server_sessions} #{session_windows} #{window_panes} #I");
        assert_eq!(counts, "1 1 1 0", "{line}");
    }
}

#[test]
fn window_commands_change_windows() {
    let list = "#{W:#I#{window_name}#{?window_active,*,} }";
    let three = "new-window -n b ; new-window -n c ; rename-window -t 0 a ; ";
    for (line, expected) in [
        ("", "0a 1b 2c*"),
        ("select-window -t 0", "0a* 1b 2c"),
        ("previous-window", "0a 1b* 2c"),
        ("next-window", "0a* 1b 2c"),
        ("select-window -t 0 ; last-window", "0a 1b 2c*"),
        ("kill-window", "0a 1b*"),
        ("kill-window -a", "2c*"),
        ("move-window -t 9", "0a 1b 9c*"),
        ("move-window -s 0 -t 9", "1b 2c 9a*"),
        ("move-window -d -s 0 -t 9", "1b 2c* 9a"),
        ("link-window -s 0 -t 9", "0a 1b 2c 9a*"),
        ("link-window -d -k -s 0 -t 1", "0a 1a 2c*"),
        ("link-window -d -s 0 -t 9 ; unlink-window -t 9", "0a 1b 2c*"),
        ("unlink-window -k -t 1", "0a 2c*"),
        ("move-window -k -t 0", "0c* 1b"),
        ("move-window -s 2 -t 5 ; move-window -r", "0a 1b 2c*"),
        ("swap-window -s 0 -t 2", "0c 1b 2a*"),
        ("swap-window -d -s 0", "0c 1b 2a*"),
        ("new-window -a -t 0 -n d", "0a 1d* 2b 3c"),
        ("new-window -b -d -t 0 -n d", "0d 1a 2b 3c*"),
        ("new-window -k -t 1 -n d", "0a 1d* 2c"),
        ("new-window -S -n a", "0a* 1b 2c"),
    ] {
        let mut scene = Scene::attached();
        scene.ok(&format!("{three}{line}"));
        assert_eq!(scene.show(list), expected, "{line}");
    }
    let mut scene = Scene::new();
    for (line, error) in [
        ("new-window -t :0", "create window failed: index 0 in use"),
        ("next-window", "no next window"),
        ("last-window", "no last window"),
        ("select-layout zz", "malformed layout header: zz"),
        ("resize-window -x 100000", "width too large"),
        (
            "respawn-window",
            "respawn window failed: window main:0 still active",
        ),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
}

#[test]
fn floating_panes_are_made_moved_and_tiled() {
    check(&[
        (
            "new-pane",
            "#{pane_floating_flag} #{pane_left},#{pane_top} #{pane_width}x#{pane_height} #{pane_z}",
            "1 4,2 40x6 0",
        ),
        (
            "new-pane -x 20 -y 50% -X 3 -Y -2 ; move-pane -R 5 -D",
            "#{pane_left},#{pane_top} #{pane_width}x#{pane_height}",
            "9,0 18x10",
        ),
        (
            "new-pane ; new-pane ; move-pane -P back",
            "#{P:#{pane_z} }",
            "3 0 1",
        ),
        (
            "new-pane ; join-pane",
            "#{pane_floating_flag} #{pane_height}",
            "0 12",
        ),
        (
            "split-window ; select-pane -P fg=red -t 0",
            "#{P:#{pane_active}}",
            "10",
        ),
        (
            "split-window ; break-pane -W ; select-pane -t 0",
            "#{pane_height} #{P:#{pane_flags} }",
            "24 * -F",
        ),
        (
            "new-pane -O ; select-pane -t 0",
            "#{pane_flags} #{window_modal_pane}",
            "*FAO %1",
        ),
        (
            "split-window ; resize-pane -Z ; new-pane -A",
            "#{window_zoomed_flag} #{P:#{pane_flags} }",
            "1  -Z *FA",
        ),
        (
            "new-pane -x 10 -y 5 ; resize-pane -L 3 ; resize-pane -D -1",
            "#{pane_left},#{pane_top} #{pane_width}x#{pane_height}",
            "1,2 11x2",
        ),
        (
            "new-pane ; split-window -h",
            "#{pane_left} #{pane_width}",
            "41 35",
        ),
        (
            "set pane-border-status top ; split-window",
            "#{P:#{pane_top}+#{pane_height} }",
            "1+11 13+11",
        ),
        (
            "set pane-scrollbars on ; set pane-scrollbars-position left",
            "#{pane_left} #{pane_width}",
            "1 79",
        ),
        (
            "split-window -B double -s bg=red -k",
            "#{pane-border-lines} #{window-style} #{remain-on-exit}",
            "double bg=red key",
        ),
    ]);
    let mut scene = Scene::new();
    for (line, error) in [
        ("move-pane -P centre", "pane is not floating"),
        ("new-pane -x 1", "invalid width"),
        ("new-pane -X 99", "position too large"),
        ("new-pane -B zz", "pane-border-lines unknown value: zz"),
        (
            "new-pane -O ; new-pane -O",
            "window already has a modal pane",
        ),
        ("break-pane", "pane is modal"),
        ("swap-pane -s 0.0", "pane is modal"),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
}

#[test]
fn pane_commands_change_panes() {
    let list = "#{P/i:#{pane_id}#{?pane_active,*,} }";
    for (line, expected) in [
        ("split-window", "%0 %1*"),
        ("split-window -d", "%0* %1"),
        ("split-window -b", "%1* %0"),
        ("split-window -h ; select-pane -L", "%0* %1"),
        ("split-window ; last-pane", "%0* %1"),
        ("split-window ; kill-pane -a", "%1*"),
        ("split-window ; swap-pane -U", "%1* %0"),
        ("split-window ; split-window ; rotate-window", "%1 %2 %0*"),
        (
            "split-window ; break-pane -d ; join-pane -h -s :1",
            "%0 %1*",
        ),
        ("split-window ; break-pane", "%1*"),
        (
            "split-window ; select-pane -t 0 ; select-pane -t .+",
            "%0 %1*",
        ),
    ] {
        let mut scene = Scene::attached();
        scene.ok(line);
        assert_eq!(scene.show(list), expected, "{line}");
    }
    check(&[
        ("split-window -h -l 20", "#{pane_width}", "20"),
        ("split-window -v -l 25%", "#{pane_height}", "6"),
        ("split-window -h ; resize-pane -x 30", "#{pane_width}", "30"),
        (
            "split-window ; resize-pane -Z",
            "#{window_zoomed_flag}",
            "1",
        ),
        (
            "split-window ; resize-pane -Z ; resize-pane -Z",
            "#{window_zoomed_flag}",
            "0",
        ),
        ("select-pane -T hello", "#{pane_title}", "hello"),
        ("select-pane -m", "#{pane_marked}", "1"),
        ("select-pane -m ; select-pane -m", "#{pane_marked}", "0"),
        ("select-pane -d", "#{pane_input_off}", "1"),
    ]);
}

#[test]
fn pane_commands_refuse_what_tmux_refuses() {
    let mut scene = Scene::new();
    for (line, error) in [
        ("last-pane", "no last pane"),
        ("resize-pane -x foo", "width invalid"),
        ("split-window -l x", "invalid tiled geometry invalid"),
        (
            "join-pane -s 0.0 -t 0.0",
            "source and target panes must be different",
        ),
        (
            "respawn-pane",
            "respawn pane failed: pane main:0.0 still active",
        ),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
}

#[test]
fn process_gets_program_directory_and_environment() {
    let mut scene = Scene::new();
    scene.ok("set -g default-command 'bash -l' ; setenv -g A 1 ; setenv B 2");
    scene.effects.clear();
    scene.ok("new-window -d -c /var -e C=3 ; new-window -d 'make x' ; new-window -d ls -l");
    let specs: Vec<_> = scene
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Spawn { spec, .. } => Some(spec.clone()),
            _ => None,
        })
        .collect();
    use crate::mux::effect::Program;
    assert!(matches!(&specs[0].program, Program::Shell { command, .. } if command == "bash -l"));
    assert!(matches!(&specs[1].program, Program::Shell { command, .. } if command == "make x"));
    assert_eq!(
        specs[2].program,
        Program::Argv(vec!["ls".into(), "-l".into()])
    );
    assert_eq!(specs[0].cwd, "/var");
    for (name, value) in [
        ("A", "1"),
        ("B", "2"),
        ("C", "3"),
        ("TERM", "screen-256color"),
        ("STEPMUX", "/tmp/s,7,0"),
        ("STEPMUX_PANE", "%1"),
        ("PWD", "/var"),
        ("TERM_PROGRAM", "stepmux"),
    ] {
        let found = specs[0].env.iter().rev().find(|(own, _)| own == name);
        assert_eq!(found.map(|(_, v)| v.as_str()), Some(value), "{name}");
    }
}

#[test]
fn keys_are_typed_as_the_terminal_sends_them() {
    for (line, typed) in [
        ("send-keys ls Enter", "ls\r"),
        ("send-keys -l Enter", "Enter"),
        ("send-keys -H 41 42", "AB"),
        ("send-keys C-c", "\u{3}"),
        ("send-keys Up", "\x1b[A"),
        ("send-keys -N 3 a", "aaa"),
        ("send-keys 'a b' Space c", "a b c"),
        ("send-prefix", "\u{2}"),
        ("set-buffer \"a\nb\" ; paste-buffer", "a\rb"),
        ("set-buffer \"a\nb\" ; paste-buffer -r", "a\nb"),
        ("set-buffer \"a\\e[2Jb\" ; paste-buffer", "a^[[2Jb"),
        ("set-buffer \"a\\e[2Jb\" ; paste-buffer -S", "a\u{1b}[2Jb"),
        ("set-buffer \"a\nb\" ; paste-buffer -s , -d", "a,b"),
        (
            "split-window ; set -w synchronize-panes on ; send-keys x",
            "xx",
        ),
        ("select-pane -d ; send-keys x", ""),
    ] {
        let mut scene = Scene::new();
        scene.ok(line);
        assert_eq!(scene.typed(), typed, "{line}");
    }
    let mut scene = Scene::new();
    assert_eq!(scene.err("send-keys -N x a"), "repeat count invalid");
    assert_eq!(scene.err("send-keys -X cancel"), "not in a mode");
}

#[test]
fn buffers_are_listed_and_saved() {
    let mut scene = Scene::new();
    scene.ok("set-buffer -b q hello ; set-buffer -n r -b q ; set-buffer one ; set-buffer -a two ; set-buffer -ab r !");
    assert_eq!(
        scene.ok("list-buffers"),
        "r: 6 bytes: \"hello!\"\nbuffer1: 3 bytes: \"two\"\nbuffer0: 3 bytes: \"one\"\n"
    );
    assert_eq!(scene.ok("show-buffer -b r"), "hello!");
    scene.ok("save-buffer -a -b r /tmp/x");
    assert!(scene.effects.iter().any(|effect| matches!(
        effect,
        Effect::WriteFile { path, append: true, .. } if path == "/tmp/x"
    )));
    scene.file = Ok(b"from file".to_vec());
    scene.ok("load-buffer -b f /tmp/y");
    assert_eq!(scene.ok("show-buffer -b f"), "from file");
    scene.file = Err("No such file or directory".to_owned());
    for (line, error) in [
        ("load-buffer /nosuch", "No such file or directory: /nosuch"),
        ("source-file /nosuch", "No such file or directory: /nosuch"),
        ("set-buffer -b '' x", "empty buffer name"),
        ("set-buffer -b \"a\tb\" x", "invalid buffer name: a\tb"),
        ("set-buffer -n ''", "new name is empty"),
        ("show-buffer -b zz", "no buffer zz"),
        ("delete-buffer -b zz", "unknown buffer: zz"),
        ("paste-buffer -b zz", "no buffer zz"),
        ("save-buffer -b zz -", "no buffer zz"),
        ("set-buffer", "no data specified"),
        ("set-buffer -n a -b zz", "unknown buffer: zz"),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
    scene.ok("source-file -q /nosuch");
}

#[test]
fn options_are_set_and_shown_by_scope() {
    for (line, output) in [
        (
            "set -g status-interval 5 ; show -g status-interval",
            "status-interval 5\n",
        ),
        (
            "set status off ; show status ; show -gv status",
            "status off\non\n",
        ),
        ("set -w mode-keys vi ; showw mode-keys", "mode-keys vi\n"),
        ("set mode-keys vi ; show -wv mode-keys", "vi\n"),
        ("set -p @x 1 ; show -pv @x", "1\n"),
        ("set -g @a b ; set -ga @a c ; show -gv @a", "bc\n"),
        ("set -g @a b ; set -gu @a ; show -gq @a", ""),
        (
            "set -g status off ; set -gu status ; show -gv status",
            "on\n",
        ),
        ("set -g @b x ; set -gF @c '#{@b}y' ; show -gv @c", "xy\n"),
        ("set -g mouse ; show -gv mouse", "off\n"),
        ("set escape 7 ; show -sv escape-time", "7\n"),
        ("set -gq nosuch 1", ""),
        ("show -A status", "status* on\n"),
        ("show status", ""),
        ("set -w remain-on-exit on ; show -p remain-on-exit", ""),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.ok(line), output, "{line}");
    }
    let mut scene = Scene::new();
    for (line, error) in [
        ("set nosuch 1", "invalid option: nosuch"),
        ("show -gv nosuch", "invalid option: nosuch"),
        ("show -s @x", "invalid option: @x"),
        ("set stat 1", "ambiguous option: stat"),
        ("set -g status-interval x", "value is invalid: x"),
        ("set -g status foo", "unknown value: foo"),
        ("set -g prefix", "empty value"),
        ("set -t zz status on", "no such session: zz"),
        ("set -g @a 1 ; set -go @a 2", "already set: @a"),
        ("set-hook -g foo bar", "invalid option: foo"),
        ("showenv -g NOSUCH", "unknown variable: NOSUCH"),
        ("setenv -g A=b c", "variable name contains ="),
        ("setenv -g X", "no value specified"),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
    scene.ok("set -s command-alias[9] 'zoom=resize-pane -Z' ; split-window -d");
    scene.ok("zoom");
    assert_eq!(scene.show("#{window_zoomed_flag}"), "1");
    scene.ok("setenv -g V 'a$b'");
    assert_eq!(scene.ok("showenv -gs V"), "V=\"a\\$b\"; export V;\n");
}

#[test]
fn keys_are_bound_listed_and_unbound() {
    let mut scene = Scene::new();
    scene.ok("bind-key -T t1 -r -N note a new-window \\; split-window");
    scene.ok("bind-key -T t1 Enter select-pane");
    let listed = "bind-key    -T t1 Enter select-pane\n\
                  bind-key -r -T t1 a     new-window \\; split-window\n";
    assert_eq!(scene.ok("list-keys -T t1"), listed);
    assert_eq!(scene.ok("list-keys -T t1 -N"), "C-b a note\n");
    assert_eq!(
        scene.ok("list-keys -T prefix c"),
        "bind-key  -T prefix c new-window\n"
    );
    for (line, error) in [
        ("bind zzzz new-window", "unknown key: zzzz"),
        ("bind a nosuch", "unknown command: nosuch"),
        ("unbind zzzz", "unknown key: zzzz"),
        ("unbind -T nosuch x", "table nosuch doesn't exist"),
        ("list-keys -T nosuch", "table nosuch doesn't exist"),
        ("list-keys zzzz", "invalid key: zzzz"),
    ] {
        assert_eq!(scene.err(line), error, "{line}");
    }
    scene.ok("unbind -T t1 a");
    assert_eq!(
        scene.ok("list-keys -T t1"),
        "bind-key  -T t1 Enter select-pane\n"
    );
}

#[test]
fn keys_of_screen_take_the_place_of_the_prefix_table() {
    let mut scene = Scene::new();
    scene.ok("set -s keybindings screen");
    assert_eq!(scene.ok("show -gv prefix"), "C-a\n");
    let listed = "bind-key  -T prefix Tab select-pane -t :.+\n";
    assert_eq!(scene.ok("list-keys -T prefix Tab"), listed);
    scene.ok("set -su keybindings");
    assert_eq!(scene.ok("show -gv prefix"), "C-b\n");
    let own = scene.ok("list-keys -T prefix Tab");
    assert!(own.contains("switch-mode -kw"), "{own}");
}

#[test]
fn keys_of_copy_mode_are_taken_as_a_set() {
    let mut scene = Scene::new();
    scene.ok("unbind -T copy-mode-vi v");
    scene.ok("set -s keybindings vi-copy");
    assert_eq!(
        scene.ok("display -p '#{mode-keys} #{status-keys}'"),
        "vi vi\n"
    );
    assert!(
        scene
            .ok("list-keys -T copy-mode-vi v")
            .contains("rectangle-toggle")
    );
    scene.ok("set -s keybindings emacs-copy");
    assert_eq!(
        scene.ok("display -p '#{mode-keys} #{prefix}'"),
        "emacs C-b\n"
    );
}

#[test]
fn scripts_set_the_variables_that_their_commands_assign() {
    let mut scene = Scene::new();
    for (line, name, shown) in [
        ("if-shell -F 1 'A=1'", "A", "A=1\n"),
        ("if-shell -F 0 'no=1' 'B=2 ; display -p x'", "B", "B=2\n"),
        ("if-shell true '%hidden C=3'", "-h C", "C=3\n"),
        ("run-shell -C 'D=4'", "D", "D=4\n"),
    ] {
        scene.ok(line);
        assert_eq!(
            scene.ok(&format!("show-environment -g {name}")),
            shown,
            "{line}"
        );
    }
}

#[test]
fn pipe_pane_is_refused_by_a_pane_that_runs_nothing() {
    let mut scene = Scene::new();
    scene.ok("split-window ''");
    assert_eq!(scene.show("#{pane_pid}"), "");
    for line in ["pipe-pane cat", "pipe-pane -I cat", "pipe-pane"] {
        assert_eq!(scene.err(line), "target pane has exited", "{line}");
    }
}

#[test]
fn scripts_choose_wait_and_read() {
    let mut scene = Scene::new();
    assert_eq!(
        scene.ok("if-shell -F 1 { display -p yes } { display -p no }"),
        "yes\n"
    );
    assert_eq!(
        scene.ok("if-shell true { display -p yes } { display -p no }"),
        "yes\n"
    );
    scene.job = (crate::mux::peer::ExitStatus::Code(1), b"out".to_vec());
    assert_eq!(
        scene.ok("if-shell false { display -p yes } { display -p no }"),
        "no\n"
    );
    assert_eq!(scene.ok("run-shell -d 0.1 'x'"), "out\n'x' returned 1\n");
    assert_eq!(scene.ok("run-shell -C 'display -p hey'"), "hey\n");
    assert_eq!(scene.err("run-shell -d x"), "invalid delay time: x");
    scene.ok("run-shell -C 'set -g @place \"#{session_name}\"'");
    assert_eq!(scene.ok("show -gv @place"), "main\n");
    scene.ok("run-shell -C { set -g @place '#{session_name}' }");
    assert_eq!(scene.ok("show -gv @place"), "#{session_name}\n");
    scene.ok("set-buffer -b named x ; set-buffer newest");
    assert_eq!(
        scene.ok("display -p '#{buffer_sample} #{buffer_size} #{buffer_mode_format}'"),
        "newest 6 #{t/p:buffer_created}: #{buffer_sample}\n"
    );
    assert_eq!(scene.err("wait-for -U x"), "channel x not locked");
    scene.ok("wait-for -S x ; wait-for x");
    scene.file = Ok(b"set -g @a 1\nset -g nosuch 1\nset -g @b 2\n".to_vec());
    assert_eq!(scene.err("source-file /f"), "invalid option: nosuch");
    scene.file = Ok(b"nosuch\nV=w\nset -g @c $V\n".to_vec());
    assert_eq!(scene.err("source-file /f"), "/f:1: unknown command: nosuch");
}

#[test]
fn lists_print_tmuxs_lines() {
    let mut scene = Scene::new();
    scene.ok("split-window -h -d");
    assert_eq!(
        scene.ok("list-windows -F '#I #W #{window_panes}'"),
        "0 sh 2\n"
    );
    assert_eq!(
        scene.ok("list-panes -F '#P [#{pane_width}x#{pane_height}] #D'"),
        "0 [40x24] %0\n1 [39x24] %1\n"
    );
    assert!(
        scene
            .ok("list-sessions")
            .starts_with("main: 1 windows (created ")
    );
    assert!(
        scene
            .ok("list-windows")
            .starts_with("0: sh* (2 panes) [80x24] [layout ")
    );
    assert_eq!(scene.ok("list-panes -f '#{==:#P,1}' -F '#D'"), "%1\n");
    assert!(
        scene
            .ok("list-commands new-window")
            .starts_with("new-window (neww) [-")
    );
    assert_eq!(scene.ok("list-clients"), "");
}

#[test]
fn capture_prints_or_keeps_the_screen() {
    let mut scene = Scene::new();
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term
        .feed(b"hello\r\nworld", &mut crate::term::Output::default());
    assert!(scene.ok("capture-pane -p").starts_with("hello\nworld\n"));
    assert_eq!(scene.ok("capture-pane -p -S 1 -E 1"), "world\n");
    scene.ok("capture-pane -b c -E 0");
    assert_eq!(scene.ok("show-buffer -b c"), "hello\n");
    assert_eq!(scene.err("capture-pane -p -a"), "no alternate screen");
}

#[test]
fn share_prints_how_to_join() {
    use crate::base::Secret;
    use crate::mux::effect::ShareInfo;
    let mut scene = Scene::attached();
    let session = scene.mux.session_named("main").unwrap();
    assert_eq!(scene.err("unshare"), "session main is not shared");
    let info = ShareInfo {
        session,
        listen: vec!["0.0.0.0:2022".parse().unwrap()],
        host: "vm".to_owned(),
        relay: None,
        token: Some(Secret::new("tok".to_owned())),
        view_token: Secret::new("ro".to_owned()),
        fingerprint: "SHA256:x".to_owned(),
        public_key:
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"
                .to_owned(),
        known_hosts: "[vm]:2022 ssh-ed25519 AAAA".to_owned(),
        keys: 0,
        keys_only: false,
        policy: Default::default(),
        audit: String::new(),
        locked: false,
        ends: None,
    };
    scene.mux.sessions.get_mut(&session).unwrap().share = Some(Box::new(info));
    let lines = "join:        ssh -p 2022 tok@vm\nwatch:       ssh -p 2022 ro@vm\n\
                 or join:     stepmux join stepmux://tok@vm:2022/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n\
                 or watch:    stepmux join stepmux://ro@vm:2022/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n\
                 known_hosts: [vm]:2022 ssh-ed25519 AAAA\nfingerprint: SHA256:x\n";
    assert_eq!(scene.ok("share"), lines);
    assert!(
        scene
            .ok("share --json")
            .contains("\"ssh_command\":\"ssh -p 2022 tok@vm\"")
    );
    scene.ok("unshare");
    assert!(
        scene
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Unshare { .. }))
    );
}
