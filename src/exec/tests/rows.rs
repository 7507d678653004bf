//! Small laws of sessions, lists and bindings that scripts of tmux rely on.

use crate::access::Grant;
use crate::mux::Effect;

use super::Scene;

#[test]
fn without_a_session_nothing_is_found() {
    let mut scene = Scene::empty();
    for command in [
        "has-session -t x",
        "kill-pane -t 5",
        "select-window -t 1",
        "link-window -s 1 -t 2",
        "list-windows -a",
        "list-panes -a",
        "list-clients",
    ] {
        assert_eq!(scene.err(command), "no current target", "{command}");
    }
    assert_eq!(scene.ok("list-sessions"), "");
    scene.ok("set-option -g @name value");
    scene.ok("set-option -gF @shown '#{@name}'");
    assert_eq!(scene.ok("show-options -gv @shown"), "value\n");
}

#[test]
fn order_turned_round_keeps_what_is_equal_in_place() {
    let mut scene = Scene::new();
    scene.ok("new-session -d -s other -n sh");
    let windows = |scene: &mut Scene, flags: &str| {
        let line = format!("list-windows -a {flags} -F '#{{session_name}}'");
        scene.ok(&line).replace('\n', " ")
    };
    assert_eq!(windows(&mut scene, "-O name"), "main other ");
    assert_eq!(windows(&mut scene, "-r -O name"), "main other ");
    assert_eq!(windows(&mut scene, "-r -O order"), "other main ");
    for buffer in ["m", "z", "a"] {
        scene.ok(&format!("set-buffer -b {buffer} 12345"));
    }
    scene.ok("set-buffer -b k 1");
    for (flags, names) in [
        ("", "k a z m "),
        ("-O size", "k a m z "),
        ("-r -O size", "z m a k "),
        ("-r -O name", "z m k a "),
    ] {
        let line = format!("list-buffers {flags} -F '#{{buffer_name}}'");
        assert_eq!(scene.ok(&line).replace('\n', " "), names, "{flags}");
    }
}

#[test]
fn windows_of_a_group_are_each_where_their_session_is() {
    let mut scene = Scene::new();
    scene.ok("new-session -d -t main -s second");
    scene.ok("new-window -b -t main:0 -n first");
    // The other session stays at its index, whatever comes there.
    let current = |scene: &mut Scene, session: &str| {
        scene.ok(&format!("display-message -p -t {session}: '#I #W'"))
    };
    assert_eq!(current(&mut scene, "main"), "0 first\n");
    assert_eq!(current(&mut scene, "second"), "0 first\n");
}

#[test]
fn window_that_is_linked_twice_says_so() {
    let mut scene = Scene::new();
    scene.ok("link-window -d -s main:0 -t main:4 ; select-pane -m -t main:0");
    let line = "list-windows -F '#{window_linked} #{window_linked_sessions_list} #F'";
    assert_eq!(
        scene.ok(line),
        "1 main,main *M\n1 main,main -\n".replace('-', "")
    );
    scene.ok("set-option -wg pane-base-index 3");
    assert!(scene.show("#{window_layout}").contains("\"i\":3"));
    // In another session it has no mark.
    scene.ok("new-session -d -s other ; link-window -s main:0 -t other:7");
    assert_eq!(scene.show("#{pane_marked_set}"), "0");
}

#[test]
fn pane_that_is_joined_in_its_window_stays_active() {
    for (flags, shown) in [("", "%0 %2 %1* "), ("-d", "%0 %2 %1* ")] {
        let mut scene = Scene::new();
        scene.ok("split-window ; split-window -d");
        scene.ok(&format!("join-pane {flags} -h -s main:0.1 -t main:0.2"));
        let line = "list-panes -F '#{pane_id}#{?pane_active,*,}#{?pane_last,-,} '";
        let panes = scene.ok(line).replace(['\n', '-'], "");
        assert_eq!(panes, shown, "{flags}");
        assert!(scene.ok(line).contains("%0- "), "{flags}");
    }
}

#[test]
fn new_window_goes_to_the_one_that_is_there_if_so_asked() {
    for (command, current, windows) in [
        ("-S -t :1", "1", 3),
        ("-S -t :1 -n c", "1", 3),
        ("-dS -t :1", "0", 3),
        ("-kS -t @2", "2", 3),
        ("-S -t :7 -n b", "7", 4),
        ("-S -n b", "1", 3),
        ("-S -n z", "3", 4),
    ] {
        let mut scene = Scene::new();
        scene.ok("new-window -d -n b ; new-window -d -n c");
        scene.ok(&format!("new-window {command}"));
        let shown = scene.show("#I #{session_windows}");
        assert_eq!(shown, format!("{current} {windows}"), "{command}");
    }
}

#[test]
fn window_that_is_respawned_keeps_its_first_pane() {
    let mut scene = Scene::new();
    scene.ok("split-window -b -d ; respawn-window -k");
    assert_eq!(
        scene.ok("list-panes -F '#{pane_id}#{pane_active}'"),
        "%11\n"
    );
}

#[test]
fn windows_know_their_sessions_in_the_order_of_their_links() {
    let mut scene = Scene::new();
    scene.ok("new-session -d -t main -s second");
    scene.ok("new-session -d -t main -s third");
    scene.ok("new-session -d -s alone -n a");
    scene.ok("new-window -d -t second:5 -n w");
    scene.ok("link-window -d -s alone:0 -t third:7");
    for (target, shown) in [
        ("main:5", "1 third,main,second"),
        ("main:7", "2 alone,third,main,second"),
        ("alone:0", "2 alone,third,main,second"),
    ] {
        let line = format!(
            "display-message -p -t {target} \
             '#{{window_linked_sessions}} #{{window_linked_sessions_list}}'"
        );
        assert_eq!(scene.ok(&line).trim_end(), shown, "{target}");
    }
    scene.ok("move-window -r -t third");
    let list = "display-message -p -t main:0 '#{window_linked_sessions_list}'";
    assert_eq!(scene.ok(list), "main,second,third\n");
    scene.ok("kill-session -t second");
    assert_eq!(scene.ok(list), "main,third\n");
}

#[test]
fn new_session_names_are_formats_of_no_place() {
    let mut scene = Scene::new();
    scene.ok("new-session -d -s '#{session_name}x#{window_index}'");
    assert!(scene.ok("list-sessions -F '#S'").contains("x\n"));
    assert_eq!(scene.ok("new-window -S -n sh -t main -P"), "");
}

#[test]
fn bindings_keep_the_blocks_among_their_words() {
    let mut scene = Scene::new();
    scene.ok("bind-key x if-shell -F 1 { display a } { display b ; neww }");
    scene.ok("bind-key \\# display-menu A a { neww } '' B b { display x }");
    assert_eq!(
        scene.ok("list-keys -T prefix x"),
        "bind-key  -T prefix x if-shell -F 1 { display-message a } \
         { display-message b ; new-window }\n"
    );
    let key = |scene: &mut Scene, flags: &str| scene.ok(&format!("list-keys {flags} \\#"));
    assert!(key(&mut scene, "-T prefix").contains("prefix \\# display-menu"));
    assert_eq!(key(&mut scene, "-T prefix -F '#{key_string}'"), "#\n");
    assert_eq!(
        scene.err("bind-key y display-menu A { neww } b"),
        "command display-menu: argument 2 must be \"string\""
    );
}

#[test]
fn default_shell_is_tried_before_it_is_set() {
    let mut scene = Scene::new();
    scene.ok("set-option -g default-shell /bin/rbash");
    assert_eq!(
        scene.err("set-option -g default-shell /etc/passwd"),
        "not a suitable shell: /etc/passwd"
    );
    assert_eq!(
        scene.err("set-option -g default-shell bash"),
        "not a suitable shell: bash"
    );
    assert_eq!(scene.ok("show-options -gv default-shell"), "/bin/rbash\n");
}

#[test]
fn hooks_that_are_not_there_are_run_and_shown_as_nothing() {
    let mut scene = Scene::new();
    scene.ok("set-hook -R nosuch");
    scene.ok("set-hook -g @own 'display x'");
    scene.ok("set-hook -gu @own");
    assert_eq!(scene.err("show-hooks -g @own"), "invalid option: @own");
    scene.ok("set-hook -g after-new-window 'display x'");
    assert_eq!(
        scene.ok("show-hooks -g after-new-window[9]"),
        "after-new-window[9] \n"
    );
}

#[test]
fn clients_take_their_variables_along() {
    let mut scene = Scene::attached();
    scene.ok("new-session -d -s other");
    scene.ok("set-option -g update-environment 'FOO BAR'");
    let client = scene.client.unwrap();
    let own = scene.mux.clients.get_mut(&client).unwrap();
    own.environ.set("FOO", "1", false);
    scene.ok("switch-client -t other");
    assert_eq!(scene.ok("show-environment -t other FOO"), "FOO=1\n");
    assert_eq!(scene.ok("show-environment -t other BAR"), "-BAR\n");
    scene.ok("new-session -d -t main -s grouped -e ZED=2");
    assert_eq!(
        scene.ok("show-environment -t grouped"),
        "-BAR\nFOO=1\nZED=2\n"
    );
    scene.ok("switch-client -E -t main");
    assert_eq!(
        scene.err("show-environment -t main FOO"),
        "unknown variable: FOO"
    );
}

#[test]
fn detach_hangs_up_on_the_parent_when_asked_to() {
    let mut scene = Scene::attached();
    scene.ok("detach-client -P -s main");
    let command = scene.effects.iter().find_map(|effect| match effect {
        Effect::Exec { command, .. } => Some(command.as_str()),
        _ => None,
    });
    let command = command.unwrap_or_default();
    assert!(command.contains("kill -HUP $PPID"), "{command}");
    assert!(command.ends_with("'main'"), "{command}");
}

#[test]
fn target_says_whose_client_a_format_is_about() {
    let mut scene = Scene::attached();
    scene.ok("new-session -d -s other");
    let second = scene.connect(2, Grant::Admin);
    scene.client = Some(second);
    scene.ok("attach-session -t other");
    for (target, shown) in [("main:", "main"), ("other:", "other")] {
        let line = format!("display-message -p -t {target} '#{{client_session}}'");
        assert_eq!(scene.ok(&line).trim_end(), shown);
    }
    scene.ok("new-session -d -s free");
    let third = scene.connect(3, Grant::Admin);
    scene.client = Some(third);
    scene.ok("attach-session");
    assert_eq!(scene.ok("display-message -p '#S'"), "free\n");
}

#[test]
fn client_variables_say_nothing_where_there_is_nothing() {
    let mut scene = Scene::new();
    let shown = "[#{window_bigger}][#{window_offset_x}][#{session_last_attached}]";
    assert_eq!(scene.show(shown).trim_end(), "[][][]");
    let mut scene = Scene::attached();
    let shown = "[#{window_bigger}][#{window_offset_y}][#{client_cell_width}]";
    assert_eq!(scene.show(shown).trim_end(), "[0][][16]");
    let client = scene.client.unwrap();
    let control = Box::new(crate::mux::control::Control::default());
    scene.mux.clients.get_mut(&client).unwrap().control = Some(control);
    let shown = "[#{window_bigger}][#{window_offset_y}][#{client_cell_width}]\
        [#{client_cell_height}][#{client_colours}][#{client_termfeatures}][#{client_written}]";
    assert_eq!(scene.show(shown).trim_end(), "[0][][][][][][]");
}

#[test]
fn pane_variables_count_output_and_history_when_they_change() {
    let mut scene = Scene::new();
    let shown = "#{pane_output_generation} #{history_generation} #{?pane_last_output_time,T,-}";
    assert_eq!(scene.show(shown), "0 0 -");
    scene.ok("resize-window -x 60 -y 10");
    assert_eq!(scene.show(shown), "0 1 -");
    scene.ok("resize-window -x 60 -y 20");
    assert_eq!(scene.show(shown), "0 1 -");
    scene.ok("clear-history");
    assert_eq!(scene.show(shown), "0 2 -");
}

#[test]
fn pane_that_runs_nothing_shows_its_empty_command() {
    let mut scene = Scene::new();
    scene.ok("split-window ''");
    let shown = "#{pane_current_command}|#{pane_start_command}|#{pane_start_command_list}|\
        #{pane_current_path}|#{pane_pid}|#{pane_tty}|#{cursor_flag}|#{pane_private_modes}";
    assert_eq!(scene.show(shown), "''|''|''||||0|7");
    scene.ok("split-window -E");
    assert_eq!(scene.show("#{pane_start_command}|#{cursor_flag}"), "|0");
}
