//! Lessons from other sharing tools' advisories, and each door of a share, with
//! the stock OpenSSH client on the loopback. Each test is named by the lesson.
//!
//! Not here: bytes and time before authentication are bounded
//! (`tests/ssh.rs`: `trickling_peer_is_cut_at_the_deadline`,
//! `garbage_ends_its_own_connection_alone`); a viewer changes nothing by anything
//! (`engine::tests::guests`); what is read at the door is tried with any text
//! (`tests/props.rs`: `texts_at_the_door_are_data_or_errors`); a late joiner of a
//! full history (`late_joiner_sees_the_screen_at_once_and_the_history_by_peek`).
//! Resumption, routes and cross-origin requests are a relay's and a web view's.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use common::{World, keys};

/// A world whose session has a shell.
fn world() -> World {
    let world = World::new();
    world.start(80, 24);
    world
}

#[track_caller]
fn refused(out: &common::Output) {
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(255), ""),
        "{out:?}"
    );
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
}

// Lesson 1: what another user made, a link, a wrong mode is refused.

#[test]
fn state_directory_that_is_a_link_or_open_to_others_opens_no_share() {
    let world = world();
    let state = world.path("home/.local/state");
    std::fs::create_dir_all(&state).unwrap();
    let elsewhere = world.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, state.join("stepmux")).unwrap();
    let out = world.run(&["share", "--listen", "127.0.0.1:0"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("not a directory"), "{out:?}");
    std::fs::remove_file(state.join("stepmux")).unwrap();
    std::fs::create_dir(state.join("stepmux")).unwrap();
    std::fs::set_permissions(
        state.join("stepmux"),
        std::fs::Permissions::from_mode(0o777),
    )
    .unwrap();
    let out = world.run(&["share", "--listen", "127.0.0.1:0"]);
    assert!(
        out.stderr.contains("others may use it (mode 0777)"),
        "{out:?}"
    );
    assert_eq!(std::fs::read_dir(state.join("stepmux")).unwrap().count(), 0);
}

#[test]
fn audit_log_that_is_a_link_opens_no_share() {
    let world = world();
    let log = world.path("audit");
    symlink("/dev/null", &log).unwrap();
    world.ok(&["set-option", "-s", "audit-log", log.to_str().unwrap()]);
    let out = world.run(&["share", "--listen", "127.0.0.1:0"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("symbolic link"), "{out:?}");
}

#[test]
fn looking_token_tells_nothing_of_the_typing_one() {
    let world = world();
    let share = world.share(&[]);
    for line in [
        "#{ssh_command}",
        "#{tmate_ssh}",
        "#{S:#{ssh_command}}",
        "#{E:ssh_command}",
    ] {
        let out = world.ssh(
            &share,
            &share.view_token,
            &["display-message", "-p", &format!("'{line}'")],
        );
        assert!(!out.stdout.contains(&share.token), "{line}: {out:?}");
    }
    for line in [
        "share",
        "show-messages",
        "rotate-share",
        "show-environment -g",
    ] {
        let out = world.ssh(&share, &share.view_token, &[line]);
        assert_eq!(out.status, Some(1), "{line}: {out:?}");
        assert!(!out.stdout.contains(&share.token), "{line}: {out:?}");
    }
}

// Lesson 3: a certificate of anyone but a configured authority.

#[test]
fn certificate_enters_by_a_listed_authority_alone() {
    let world = world();
    for name in ["authority", "impostor", "ann", "eve", "bob", "old", "odd"] {
        world.keygen(name);
    }
    // Also the key inside is listed for other certificates: it is no key here.
    let authority = world.public("authority");
    world.write(
        "keys",
        format!("cert-authority,principals=\"staff\",stepmux-grant=\"view\" {authority}"),
    );
    let share = world.share(&["--authorized-keys", world.path("keys").to_str().unwrap()]);
    world.certify("authority", "ann", &["-n", "staff"]);
    let out = world.ssh_key(&share, "anybody", "ann", &["list-windows", "-F", "x"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "x\n"),
        "{out:?}"
    );
    let out = world.ssh_key(&share, "anybody", "ann", &["new-window"]);
    assert_eq!(
        (out.status, out.stderr.as_str()),
        (Some(1), "client is read-only\n"),
        "{out:?}"
    );
    world.certify("impostor", "eve", &["-n", "staff"]);
    refused(&world.ssh_key(&share, "staff", "eve", &["list-windows"]));
    world.certify("authority", "bob", &["-n", "visitors"]);
    refused(&world.ssh_key(&share, "staff", "bob", &["list-windows"]));
    world.certify(
        "authority",
        "old",
        &["-n", "staff", "-V", "20200101:20200102"],
    );
    refused(&world.ssh_key(&share, "staff", "old", &["list-windows"]));
    world.certify(
        "authority",
        "odd",
        &["-n", "staff", "-O", "force-command=ls"],
    );
    refused(&world.ssh_key(&share, "staff", "odd", &["list-windows"]));
    // The authority's own key opens nothing.
    refused(&world.ssh_key(&share, "staff", "authority", &["list-windows"]));
}

// Lesson 4: a restriction that resolves to nobody.

#[test]
fn restriction_that_names_nobody_opens_no_share() {
    let world = world();
    let url = keys::forge(Box::leak(Box::new([
        ("/none.keys", "200 OK", String::new()),
        ("/limited.keys", "429 Too Many Requests", String::new()),
        (
            "/broken.keys",
            "200 OK",
            "<html>sign in</html>\n".to_owned(),
        ),
    ])));
    world.ok(&["set-option", "-s", "share-github-url", &url]);
    world.ok(&["set-option", "-s", "share-gitlab-url", "http://127.0.0.1:1"]);
    world.write("empty", "# nobody\n");
    for (limit, why) in [
        ("gh:none", "no usable key"),
        ("gh:limited", "429"),
        ("gh:broken", "no usable key"),
        ("gh:nobody", "404"),
        ("gl:ann", "refused"),
        ("gh:../ann", "no user name"),
        ("empty", "no usable key"),
        ("ca:empty", "no usable key"),
        ("missing", "No such file"),
    ] {
        let limit = match limit.strip_prefix("ca:") {
            Some(file) => format!("ca:{}", world.path(file).display()),
            None if limit.contains(':') => limit.to_owned(),
            None => world.path(limit).display().to_string(),
        };
        let out = world.run(&["share", "--listen", "127.0.0.1:0", "--limit-to", &limit]);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(1), ""),
            "{limit}: {out:?}"
        );
        assert!(
            out.stderr.to_lowercase().contains(&why.to_lowercase()),
            "{limit}: {out:?}"
        );
        assert_eq!(world.ask("#{session_shared}"), "0");
    }
}

#[test]
fn share_limited_to_a_forges_user_wants_their_key() {
    let world = world();
    world.keygen("ann");
    world.keygen("eve");
    let url = keys::forge(Box::leak(Box::new([(
        "/ann.keys",
        "200 OK",
        world.public("ann"),
    )])));
    world.ok(&["set-option", "-s", "share-github-url", &url]);
    let share = world.share(&["--limit-to", "gh:ann"]);
    assert!(
        share.printed.contains("a listed key is needed"),
        "{}",
        share.printed
    );
    let out = world.ssh_key(&share, "anybody", "ann", &["list-windows", "-F", "x"]);
    assert_eq!(out.stdout, "x\n", "{out:?}");
    // The looking token with the key looks only.
    let out = world.ssh_key(&share, &share.view_token, "ann", &["new-window"]);
    assert_eq!(out.stderr, "client is read-only\n");
    refused(&world.ssh_key(&share, &share.token, "eve", &["list-windows"]));
    refused(&world.ssh(&share, &share.token, &["list-windows"]));
}

#[test]
fn forge_without_a_trusted_certificate_opens_no_share() {
    let world = World::new();
    world.keygen("ann");
    let answers = Box::leak(Box::new([("/ann.keys", "200 OK", world.public("ann"))]));
    let (url, authority) = keys::secure_forge(answers);
    let trusted = world.write("authority.pem", &authority);
    let (_, stranger) = keys::secure_forge(answers);
    let other = world.write("stranger.pem", &stranger);
    for (authorities, opens) in [(other, false), (trusted, true)] {
        let mut start = world.program(&["new-session", "-d", "-s", "work"]);
        start.env("SSL_CERT_FILE", &authorities);
        assert_eq!(common::finish("new-session", start).status, Some(0));
        world.ok(&["set-option", "-s", "share-github-url", &url]);
        let words = ["share", "--listen", "127.0.0.1:0", "--limit-to", "gh:ann"];
        let out = world.run(&words);
        assert_eq!(out.status, Some(i32::from(!opens)), "{out:?}");
        assert_eq!(out.stderr.contains("certificate"), !opens, "{out:?}");
        world.ok(&["kill-server"]);
    }
}

// Lesson 5: a role comes from what was proven alone.

#[test]
fn keys_have_the_grants_of_their_lines() {
    let world = world();
    let mut text = String::new();
    for (name, options) in [
        ("looks", "stepmux-grant=\"view\" "),
        ("types", ""),
        ("rules", "environment=\"STEPMUX_GRANT=admin\" "),
        ("away", "from=\"192.0.2.0/24\" "),
        ("over", "expiry-time=\"20200101\" "),
        ("bare", "restrict "),
        ("future", "future-option "),
    ] {
        world.keygen(name);
        text += &format!("{options}{}", world.public(name));
    }
    world.write("keys", text);
    let share = world.share(&["--authorized-keys", world.path("keys").to_str().unwrap()]);
    for (key, line, status) in [
        ("looks", "list-windows", 0),
        ("looks", "rename-window x", 1),
        ("types", "rename-window x", 0),
        ("types", "share", 1),
        ("rules", "share", 0),
        ("away", "list-windows", 255),
        ("over", "list-windows", 255),
        ("future", "list-windows", 255),
        ("bare", "list-windows", 0),
    ] {
        let out = world.ssh_key(&share, "root", key, &[line]);
        assert_eq!(out.status, Some(status), "{key} {line}: {out:?}");
    }
    // A key without a terminal gets none.
    let bare = world.guest_key(&share, "root", "bare");
    bare.wait("refusal", |screen| {
        screen.contents().contains("PTY allocation request failed")
    });
}

#[test]
fn operators_program_decides_by_name_key_and_address() {
    let world = world();
    world.keygen("ann");
    let script = "read -r line; case $line in \
        *'\"user\":\"pat:account:good\"'*) echo type;; \
        *'\"user\":\"pat:account:looks\"'*) echo '{\"grant\":\"view\",\"name\":\"looker\"}';; \
        *'\"user\":\"pat:account:fails\"'*) echo admin; exit 3;; \
        *'\"address\":\"127.0.0.1\"'*'\"fingerprint\":\"SHA256:'*'\"user\":\"key\"'*) echo type;; \
        esac";
    let share = world.share(&["--auth-command", script]);
    for (user, line, status) in [
        ("pat:account:good", "rename-window x", 0),
        ("pat:account:looks", "list-windows", 0),
        ("pat:account:looks", "rename-window x", 1),
        ("pat:account:fails", "list-windows", 255),
        ("pat:account:none", "list-windows", 255),
        ("key", "list-windows", 255),
    ] {
        let out = world.ssh(&share, user, &[line]);
        assert_eq!(out.status, Some(status), "{user} {line}: {out:?}");
    }
    let out = world.ssh_key(&share, "key", "ann", &["list-windows"]);
    assert_eq!(out.status, Some(0), "{out:?}");
}

// Lesson 6: another host key is refused by who follows the printed line.

#[test]
fn changed_host_key_is_refused_by_the_printed_line() {
    let world = world();
    let first = world.share(&[]);
    let known = std::fs::read_to_string(world.path("known_hosts")).unwrap();
    world.ok(&["unshare"]);
    let port = first.port;
    // Whoever stands between has another key.
    let share = world.share(&["--fresh-host-key", "--listen", &format!("127.0.0.1:{port}")]);
    let known = known.replace(&format!(":{port}"), &format!(":{}", share.port));
    world.write("known_hosts", known);
    let out = world.ssh(&share, &share.token, &["list-windows"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(255), ""),
        "{out:?}"
    );
    assert!(
        out.stderr.contains("Host key verification failed"),
        "{out:?}"
    );
}

#[test]
fn host_certificate_is_trusted_by_its_authority() {
    let world = world();
    world.keygen("host");
    world.keygen("authority");
    world.certify("authority", "host", &["-h", "-n", "127.0.0.1"]);
    let share = world.share(&["--host-key", world.path("host").to_str().unwrap()]);
    let line = share
        .printed
        .lines()
        .find_map(|line| Some(&line[line.find("@cert-authority")?..]));
    world.write("known_hosts", format!("{}\n", line.unwrap()));
    let out = world.ssh(&share, &share.token, &["list-windows", "-F", "x"]);
    assert_eq!(out.stdout, "x\n", "{out:?}");
    // A certificate of another key is an error, not left out.
    world.keygen("other");
    std::fs::copy(world.path("host-cert.pub"), world.path("other-cert.pub")).unwrap();
    world.ok(&["unshare"]);
    let out = world.run(&["share", "--host-key", world.path("other").to_str().unwrap()]);
    assert!(out.stderr.contains("another key's"), "{out:?}");
}

// Lesson 8: a guest's terminal types nothing by itself.

#[test]
fn answers_of_a_guests_terminal_reach_no_program() {
    let world = world();
    let share = world.share(&[]);
    let mut guest = world.guest(&share, &share.token, 90, 24);
    guest.send("cat -v\r");
    world.wait(
        "cat",
        &["list-panes", "-F", "#{pane_current_command}"],
        |out| out == "cat\n",
    );
    guest
        .send("\x1b[24;80R\x1b]52;c;aGk=\x07\x1bP>|evil\x1b\\\x1b[?62;c\x1b]11;rgb:0/0/0\x07end\r");
    let text = world.wait("end", &["capture-pane", "-p"], |text| text.contains("end"));
    assert!(
        !text.contains("evil") && !text.contains("aGk=") && !text.contains("24;80R"),
        "{text}"
    );
}

// Knocking, locking, kicking, tokens, ends.

#[test]
fn guest_who_knocks_is_let_in_by_name_key_and_address() {
    let world = world();
    world.keygen("ann");
    let keys = world.path("ann.pub");
    let share = world.share(&["--knock", "--authorized-keys", keys.to_str().unwrap()]);
    let mut owner = world.attach(90, 24);
    let guest = world.guest_key(&share, "x", "ann");
    guest.wait("waiting", |screen| {
        screen.contents().contains("waiting until someone")
    });
    owner.wait("knock", |screen| {
        screen.contents().contains("ann@127.0.0.1")
    });
    let listed = world.ok(&["list-clients"]);
    assert!(
        listed.contains("type by key SHA256:") && listed.contains("waiting"),
        "{listed}"
    );
    owner.send("\x02Pv");
    guest.wait("picture", |screen| screen.contents().contains("[work]"));
    assert_eq!(
        world.ok(&[
            "list-clients",
            "-f",
            "#{==:#{client_means},key}",
            "-F",
            "#{client_grant}"
        ]),
        "view\n"
    );
    // The next one is turned away.
    let mut second = world.guest_key(&share, "x", "ann");
    second.wait("waiting", |screen| {
        screen.contents().contains("waiting until someone")
    });
    owner.send("d");
    second.wait("denial", |screen| screen.contents().contains("not let in"));
    assert_eq!(second.finish(), 1);
}

#[test]
fn guest_whom_nobody_answers_is_sent_away() {
    let world = world();
    world.ok(&["set-option", "-s", "share-knock-time", "1"]);
    let share = world.share(&["--knock"]);
    let out = world.ssh(&share, &share.token, &["list-windows"]);
    assert_eq!((out.status, out.stdout.as_str()), (Some(1), ""), "{out:?}");
    assert!(out.stderr.contains("nobody let you in"), "{out:?}");
}

#[test]
fn locked_share_kicked_guest_and_old_token_stay_outside() {
    let world = world();
    let share = world.share(&[]);
    let mut guest = world.guest(&share, &share.token, 90, 24);
    world.ok(&["lock-share"]);
    let out = world.ssh(&share, &share.token, &["list-windows"]);
    assert_eq!((out.status, out.stdout.as_str()), (Some(1), ""), "{out:?}");
    assert!(out.stderr.contains("takes no further guests"), "{out:?}");
    world.ok(&["lock-share", "-u"]);
    let printed = world.ok(&["rotate-share"]);
    assert!(
        !printed.contains(&share.token) && printed.contains("join:"),
        "{printed}"
    );
    refused(&world.ssh(&share, &share.token, &["list-windows"]));
    let (_, token) = common::guest::door(&world.ask("#{ssh_command}"));
    assert_eq!(
        world
            .ssh(&share, &token, &["list-windows", "-F", "x"])
            .stdout,
        "x\n"
    );
    // Who is inside stays, until sent away.
    guest.send("echo st''ayed\r");
    guest.wait("echo", |screen| screen.contents().contains("stayed"));
    world.ok(&["kick-guest", "-a", "-s", "work"]);
    guest.wait("farewell", |screen| screen.contents().contains("sent away"));
    assert_eq!(guest.finish(), 1);
}

#[test]
fn share_ends_after_its_time_and_takes_so_many_guests() {
    let world = world();
    let share = world.share(&["--expires", "4s", "--max-guests", "1"]);
    let guest = world.guest(&share, &share.token, 90, 24);
    let out = world.ssh(&share, &share.token, &["list-windows"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("no room for another guest"), "{out:?}");
    guest.wait("end", |screen| {
        screen
            .contents()
            .contains("time to share this session is over")
    });
    assert_eq!(world.ask("#{session_shared}"), "0");
    assert_eq!(world.ask("#{session_name}"), "work");
}

#[test]
fn share_with_a_limit_of_nobody_or_no_time_is_refused() {
    let world = world();
    for (flag, value) in [
        ("--max-guests", "0"),
        ("--expires", "0"),
        ("--expires", "soon"),
        ("--limit-to", ""),
    ] {
        let out = world.run(&["share", "--listen", "127.0.0.1:0", flag, value]);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(1), ""),
            "{flag} {value}: {out:?}"
        );
    }
    assert_eq!(world.ask("#{session_shared}"), "0");
}

#[test]
fn share_is_as_the_configuration_says() {
    let world = world();
    world.keygen("ann");
    let keys = world.path("ann.pub");
    let config = format!(
        "[options]\nshare-limit-to = [\"{}\"]\nshare-view-only = true\nshare-max-guests = 3\n",
        keys.display()
    );
    let config = world.write("share.toml", config);
    world.ok(&["source-file", config.to_str().unwrap()]);
    let printed = world.ok(&[
        "share",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--listen",
        "127.0.0.1:0",
    ]);
    let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(value["keys_only"], true, "{printed}");
    assert_eq!(value["max_guests"], 3, "{printed}");
    assert!(value["ssh_command"].is_null(), "{printed}");
    let listen = value["listen"].as_array().unwrap();
    assert_eq!(listen.len(), 2, "{printed}");
    world.write(
        "known_hosts",
        value["known_hosts"].as_str().unwrap().to_owned() + "\n",
    );
    for address in listen {
        let port = address.as_str().unwrap().rsplit(':').next().unwrap();
        let share = common::Share {
            port: port.parse().unwrap(),
            token: String::new(),
            view_token: String::new(),
            printed: String::new(),
        };
        let out = world.ssh_key(&share, "ann", "ann", &["list-windows", "-F", "x"]);
        assert_eq!(out.stdout, "x\n", "{out:?}");
        let out = world.ssh_key(&share, "ann", "ann", &["new-window"]);
        assert_eq!(out.stderr, "client is read-only\n");
    }
}

#[test]
fn joins_leaves_and_refusals_are_told_hooked_and_written_down() {
    let world = world();
    let log = world.path("audit");
    world.ok(&["set-option", "-s", "audit-log", log.to_str().unwrap()]);
    for hook in ["client-joined", "client-left", "join-refused"] {
        let command = "set-option -gaF @log '#{hook} '";
        world.ok(&["set-hook", "-g", hook, command]);
    }
    let share = world.share(&[]);
    let owner = world.attach(90, 24);
    let mut guest = world.guest(&share, &share.view_token, 90, 24);
    owner.wait("notice", |screen| {
        screen.contents().contains("joined (view)")
    });
    guest.send("\x02d");
    assert_eq!(guest.finish(), 0);
    owner.wait("notice", |screen| screen.contents().contains("left"));
    refused(&world.ssh(&share, "some-secret-of-elsewhere", &["list-windows"]));
    owner.wait("notice", |screen| {
        screen.contents().contains("refused a guest")
    });
    let hooks = world.wait("hooks", &["show-options", "-gv", "@log"], |out| {
        out.contains("refused")
    });
    assert_eq!(hooks.trim(), "client-joined client-left join-refused");
    let text = std::fs::read_to_string(&log).unwrap();
    let events: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["event"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(events, ["shared", "joined", "left", "refused"], "{text}");
    for secret in [
        share.token.as_str(),
        &share.view_token,
        "some-secret-of-elsewhere",
    ] {
        assert!(!text.contains(secret), "{text}");
    }
    let mode = std::fs::metadata(&log).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn refused_guest_reads_what_was_offered_and_what_is_accepted() {
    let world = world();
    world.keygen("eve");
    world.keygen("ann");
    let keys = world.path("ann.pub");
    let share = world.share(&["--authorized-keys", keys.to_str().unwrap()]);
    let mut words: Vec<std::ffi::OsString> = vec![
        "ssh".into(),
        "-o".into(),
        "BatchMode=no".into(),
        "-o".into(),
        "LogLevel=INFO".into(),
    ];
    words.extend([
        "-o".into(),
        "IdentitiesOnly=yes".into(),
        "-i".into(),
        world.path("eve").into(),
    ]);
    let options = world.ssh_options(share.port);
    words.extend(options);
    words.push("secret-name@127.0.0.1".into());
    let guest = world.on_terminal(&words, 120, 24);
    guest.wait("explanation", |screen| {
        let text = screen.contents();
        text.contains("offered: a user name of 11 characters")
            && text.contains("SHA256:")
            && text.contains("accepted here: the user name of the host's ssh line")
            && text.contains("a public key that the host has listed")
            && text.contains("Permission denied")
    });
    // One that may ask nobody reads it before its next attempt.
    let mut command = world.command("ssh");
    command.args(["-o", "LogLevel=INFO"]);
    command
        .args(world.ssh_options(share.port))
        .arg("wrong@127.0.0.1")
        .arg("list-windows");
    let out = common::finish("ssh", command);
    assert!(out.stderr.contains("accepted here"), "{out:?}");
}

// Lesson 9: a stalled guest with 100 MB of output, and floods.

#[test]
fn stalled_guest_with_100_mb_of_output_delays_nobody() {
    let world = world();
    let share = world.share(&[]);
    let stalled = world.guest(&share, &share.token, 90, 24);
    let mut other = world.guest(&share, &share.token, 90, 24);
    let pid = world.pid();
    stalled.stall();
    stalled.signal(Signal::STOP);
    let before = world.memory(pid);
    world.ok(&["send-keys", "yes 'a line of a hundred and more bytes, so that the flood is large soon, and then some more of it' | head -c 100000000; echo do''ne", "Enter"]);
    let deadline = Instant::now() + Duration::from_secs(40);
    while !other.screen().contains("done") {
        assert!(Instant::now() < deadline, "the flood does not end");
        common::breathe();
    }
    let grown = world.memory(pid).saturating_sub(before);
    assert!(grown < 64 << 20, "grew by {grown}");
    other.send("echo al''ive\r");
    other.wait("echo", |screen| screen.contents().contains("alive"));
}

#[test]
fn fifty_guests_come_at_once_through_a_flood_of_bad_tokens() {
    let world = world();
    let share = world.share(&[]);
    let spawn = |user: &str| {
        let mut command = world.command("ssh");
        command.args(world.ssh_options(share.port));
        command
            .arg(format!("{user}@127.0.0.1"))
            .args(["list-windows", "-F", "x"]);
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let flood: Vec<_> = (0..20).map(|n| spawn(&format!("wrong{n}"))).collect();
    let guests: Vec<_> = (0..50).map(|_| spawn(&share.token)).collect();
    for guest in guests {
        let out = common::finish_child("guest", guest);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(0), "x\n"),
            "{out:?}"
        );
    }
    for wrong in flood {
        assert_eq!(common::finish_child("flood", wrong).status, Some(255));
    }
}
