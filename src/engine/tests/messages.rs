//! Scenes of what is kept and told: the log of messages and commands, ends of
//! panes that a line waits for, hooks of themes and of panes' prompts.

use super::*;

/// Sets a hook, whose command is one word.
fn set_hook(scene: &mut Scene, hook: &str, command: &str) {
    let client = scene.connect(None, Grant::Admin);
    let argv = ["set-hook", "-g", hook, command].map(str::to_owned).into();
    scene.turn(Event::Command { client, argv });
}

/// The log without its times, the latest first.
fn log(scene: &mut Scene, client: ClientId) -> Vec<String> {
    let text = scene.run_as(client, "show-messages");
    let lines = text.lines();
    lines
        .map(|line| line.split_once(": ").unwrap().1.to_owned())
        .collect()
}

#[test]
fn log_has_commands_with_who_ran_them_and_messages() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("bind-key F5 display-message hello");
    scene.keys(client, b"\x02\x1b[15~");
    set_hook(&mut scene, "after-rename-window", "set-option -g @a 1");
    set_hook(&mut scene, "window-renamed", "set-option -g @h 1");
    scene.run("rename-window new");
    let asks = scene.connect(None, Grant::Admin);
    let lines = log(&mut scene, asks);
    let name = |id: ClientId, scene: &Scene| scene.engine.mux().clients[&id].name.clone();
    let tty = name(client, &scene);
    let own = lines[0].strip_suffix(" command: show-messages").unwrap();
    assert!(!own.is_empty() && own != tty, "{lines:#?}");
    let after = |text: &str| lines.iter().position(|line| line.ends_with(text));
    let order = [
        " command: rename-window new",
        " message: hello",
        " key F5: display-message hello",
        " command: bind-key F5 display-message hello",
    ];
    let found: Vec<_> = order.iter().map(|text| after(text).expect(text)).collect();
    assert!(found.is_sorted(), "{lines:#?}");
    assert_eq!(lines[found[1]], format!("{tty} message: hello"));
    // What comes after a command is its client's; what tells of a change, nobody's.
    assert!(
        after(" command: set-option -g @a 1").is_some(),
        "{lines:#?}"
    );
    assert!(
        lines.contains(&"command: set-option -g @h 1".to_owned()),
        "{lines:#?}"
    );
}

#[test]
fn log_keeps_its_bound_and_cuts_long_commands() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.run("set-option -s message-limit 3");
    scene.run(&format!("set-buffer {}", "é".repeat(5000)));
    let asks = scene.connect(None, Grant::Admin);
    let lines = log(&mut scene, asks);
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() < 5000));
}

#[test]
fn log_shows_no_commands_to_who_may_only_look() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set-environment SECRET hunter2");
    scene.run(&format!("display-message -c /dev/pts/c{} seen", client.0));
    let asks = scene.connect(None, Grant::View);
    let lines = log(&mut scene, asks);
    assert!(
        lines.iter().any(|line| line.ends_with("message: seen")),
        "{lines:#?}"
    );
    let text = lines.join("\n");
    assert!(
        !text.contains("command:") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn terminals_and_jobs_are_shown_in_place_of_messages() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let tty = scene.engine.mux().clients[&client].name.clone();
    let text = scene.run("show-messages -T");
    let first = format!("Terminal 0: xterm-256color for {tty}, flags=0x0:");
    assert_eq!(text.lines().next(), Some(first.as_str()));
    assert!(
        text.lines().any(|line| line.ends_with(": (flag) true")),
        "{text}"
    );
    scene.run("set-option -g status-right #(uptime)");
    scene.later(Duration::from_secs(1));
    assert_eq!(scene.run("show-messages -J"), "Job 0: uptime\n");
}

#[test]
fn line_that_waits_for_a_pane_gets_its_status() {
    let status = |code| ExitStatus::Code(code);
    for (options, end, wanted) in [
        ("", Some(status(3)), 3),
        ("", Some(ExitStatus::Signal(9)), 137),
        ("set-option -g remain-on-exit on", Some(status(5)), 5),
        ("", None, 129),
    ] {
        for command in ["split-window -d -W", "new-pane -d -W"] {
            let mut scene = Scene::new();
            scene.attach(80, 24, Grant::Admin);
            if !options.is_empty() {
                scene.run(options);
            }
            let waits = scene.connect(None, Grant::Admin);
            scene.run_as(waits, command);
            let of = |scene: &Scene| {
                let mut exits = scene.exits.iter();
                exits.find(|(id, _, _)| *id == waits).map(|exit| exit.1)
            };
            assert_eq!(of(&scene), None, "{command}");
            let pane = PaneId(1);
            match end {
                Some(status) => scene.turn(Event::PaneExited { pane, status }),
                None => {
                    scene.run("kill-pane -t %1");
                }
            }
            assert_eq!(of(&scene), Some(wanted), "{command} {options} {end:?}");
        }
    }
}

#[test]
fn hooks_tell_of_themes_and_of_prompts_in_panes() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    for hook in [
        "client-light-theme",
        "client-dark-theme",
        "pane-prompt-opened",
        "pane-prompt-closed",
    ] {
        let command = format!("set-option -ga @told {hook},");
        set_hook(&mut scene, hook, &command);
    }
    let told = |scene: &mut Scene| {
        let told = scene.run("show-options -gqv @told");
        scene.run("set-option -gu @told");
        told.trim_end().trim_end_matches(',').to_owned()
    };
    for (bytes, wanted) in [
        ("\x1b[?997;2n", "client-light-theme"),
        ("\x1b[?997;2n", ""),
        ("\x1b[?997;1n", "client-dark-theme"),
    ] {
        scene.keys(client, bytes.as_bytes());
        assert_eq!(told(&mut scene), wanted, "{bytes:?}");
    }
    scene.keys(
        client,
        b"\x02:command-prompt -P -p (name) { rename-window \"%%\" }\r",
    );
    assert_eq!(told(&mut scene), "pane-prompt-opened");
    scene.keys(client, b"ab\r");
    assert_eq!(told(&mut scene), "pane-prompt-closed");
}

#[test]
fn json_is_written_anew() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    for (given, wanted) in [
        ("{}", "{}\n"),
        ("{\"b\":1,\"a\":\"#{pane_id}\"}", "{\"a\":\"%0\",\"b\":1}\n"),
        (
            "{\"c\":[{\"z\":-3,\"y\":true}]}",
            "{\"c\":[{\"y\":true,\"z\":-3}]}\n",
        ),
        ("[1]", ""),
        ("{bad", ""),
    ] {
        assert_eq!(scene.run(&format!("display-message -pj {given}")), wanted);
        assert_eq!(
            scene.errors.is_empty(),
            !wanted.is_empty(),
            "{given}: {}",
            scene.errors
        );
    }
    let anew = scene.run("display-message -pj #{window_layout}");
    assert!(
        anew.starts_with("{\"L\":{\"I\":\"%0\",\"a\":true,"),
        "{anew}"
    );
}

#[test]
fn standard_input_is_shown_where_nothing_runs() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.file = Some(b"one\ntwo \x1b[31mred\n".to_vec());
    scene.run("display-message -I");
    assert!(
        scene.errors.contains("pane is not empty"),
        "{}",
        scene.errors
    );
    assert_eq!(scene.run("split-window -I -P -F #{pane_index}"), "1\n");
    let lines = |scene: &mut Scene| {
        let text = scene.run("capture-pane -p -t .1");
        text.trim_end().to_owned()
    };
    assert_eq!(lines(&mut scene), "one\ntwo red");
    scene.file = Some(b"and more".to_vec());
    scene.run("display-message -I -t .1");
    assert_eq!(lines(&mut scene), "one\ntwo red\nand more");
    // A guest who may only look shows nothing.
    scene.share(crate::mux::effect::SharePolicy::default());
    let viewer = scene.guest("ann", Grant::View);
    scene.run_as(viewer, "display-message -I -t .1");
    assert_eq!(lines(&mut scene), "one\ntwo red\nand more");
}
