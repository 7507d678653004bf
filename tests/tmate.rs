//! The program under the name `tmate`, driven by scripts in the shapes in which
//! CI systems drive tmate. Guests are stock clients on loopback.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};

use common::guest::door;
use common::{PATIENCE, STEPMUX, Share, World, finish, finish_child, until};

/// A world with a link of the name, first in the PATH.
fn world() -> World {
    let world = World::new();
    std::fs::create_dir(world.path("bin")).unwrap();
    symlink(STEPMUX, world.path("bin/tmate")).unwrap();
    world
}

fn script(world: &World, text: &str) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = world.command("bash");
    command
        .env("PATH", format!("{}:{path}", world.path("bin").display()))
        .env("SOCK", world.path("t.sock"))
        .arg("-c")
        .arg(text);
    command
}

/// A script under way, its log in a file.
fn start(world: &World, text: &str) -> Child {
    let log = std::fs::File::create(world.path("log")).unwrap();
    let errors = log.try_clone().unwrap();
    let mut command = script(world, text);
    command.stdout(log).stderr(errors);
    command.spawn().unwrap()
}

fn log(world: &World) -> String {
    std::fs::read_to_string(world.path("log")).unwrap()
}

/// Waits for a line of the log; what follows its beginning.
fn line(world: &World, beginning: &str) -> String {
    let find = || {
        let log = log(world);
        let (whole, _) = log.rsplit_once('\n')?;
        let line = whole.lines().find_map(|line| line.strip_prefix(beginning));
        line.map(str::to_owned)
    };
    let mut found = None;
    let deadline = std::time::Instant::now() + PATIENCE;
    while found.is_none() {
        assert!(
            std::time::Instant::now() < deadline,
            "no {beginning:?} in {}",
            log(world)
        );
        found = find();
        common::breathe();
    }
    found.unwrap()
}

/// The door of a printed ssh line; its key is taken on trust as CI logs ask.
fn opened(world: &World, line: &str) -> Share {
    let (port, token) = door(line);
    let mut scan = world.command("ssh-keyscan");
    scan.args(["-p", &port.to_string(), "127.0.0.1"]);
    let known = finish("ssh-keyscan", scan).stdout;
    world.write("known_hosts", known);
    Share {
        port,
        view_token: token.clone(),
        token,
        printed: line.to_owned(),
    }
}

/// Ends what a script left running.
fn end(world: &World) {
    let out = script(world, "tmate -S $SOCK kill-server")
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
}

/// In the shape of an action that polls: session, address at intervals, until
/// a file appears or the session ends.
const ACTION: &str = r#"
set -e
tmate -S $SOCK new-session -d -n main 'exec bash --norc'
tmate -S $SOCK wait tmate-ready
ssh=$(tmate -S $SOCK display -p '#{tmate_ssh}')
web=$(tmate -S $SOCK display -p '#{tmate_web}')
while true; do
  echo "SSH: $ssh"
  if [ -n "$web" ]; then echo "Web: $web"; fi
  if [ -e continue ]; then echo 'continue file'; break; fi
  if ! tmate -S $SOCK has-session 2>/dev/null; then echo 'session over'; break; fi
  read -t 0.1 -r _ <> <(:) || true
done
"#;

#[test]
fn polling_script_ends_with_its_session() {
    let world = world();
    let child = start(&world, ACTION);
    let share = opened(&world, &line(&world, "SSH: "));
    let out = world.ssh(
        &share,
        &share.token,
        &["list-windows", "-F", "'#{window_name}'"],
    );
    assert_eq!(out.stdout, "main\n", "{out:?}");
    let out = world.ssh(&share, &share.token, &["send-keys", "exit", "Enter"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let out = finish_child("script", child);
    assert_eq!(out.status, Some(0), "{}", log(&world));
    assert!(log(&world).ends_with("session over\n"));
}

#[test]
fn polling_script_ends_when_told_to_continue() {
    let world = world();
    let child = start(&world, ACTION);
    let share = opened(&world, &line(&world, "SSH: "));
    let out = world.ssh(&share, &share.token, &["run-shell", "'touch ~/continue'"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let out = finish_child("script", child);
    assert_eq!(out.status, Some(0), "{}", log(&world));
    assert!(log(&world).ends_with("continue file\n"));
    end(&world);
}

/// In the shape of a debug build: a quiet wait, or the first pane's output in
/// the log.
#[test]
fn debug_build_script_runs_with_its_own_configuration() {
    let world = world();
    world.write(
        "home/.tmate.conf",
        "set -g tmate-identity \"$HOME/.ssh/tmate\"\nset -g tmate-server-host example.org\n\
         set -g tmate-server-port 22\nset -g tmate-server-ed25519-fingerprint SHA256:x\n\
         set -g tmate-server-rsa-fingerprint SHA256:y\nset -g tmate-user someone\n",
    );
    let text = r#"
TMATE="tmate -S $SOCK"
$TMATE new-session -d "echo how to go on; exec bash --norc" || exit 3
$TMATE wait tmate-ready || exit 4
echo "line $($TMATE display -p '#{tmate_ssh}')"
echo "ro $($TMATE display -p '#{tmate_ssh_ro}')"
echo "set $($TMATE show -gv tmate-server-host) $($TMATE show -gv tmate-identity)"
$TMATE show-messages >/dev/null || exit 5
mkfifo pipe
$TMATE pipe-pane 'cat >> pipe'
cat pipe
echo over
"#;
    let child = start(&world, text);
    let set = line(&world, "set ");
    let identity = world.home().join(".ssh/tmate");
    assert_eq!(set, format!("example.org {}", identity.display()));
    let share = opened(&world, &line(&world, "line "));
    let mut guest = world.on_terminal(
        &{
            let mut words = world.ssh_words(share.port);
            words.push(format!("{}@127.0.0.1", share.token).into());
            words
        },
        80,
        24,
    );
    guest.wait_text("how to go on");
    let (_, view_token) = door(&line(&world, "ro "));
    assert_ne!(view_token, share.token);
    let count = ["display", "-p", "'#{tmate_num_clients}'"];
    until("one guest", || {
        world.ssh(&share, &view_token, &count).stdout == "1\n"
    });
    guest.send("echo from the guest; exit\r");
    let out = finish_child("script", child);
    assert_eq!(out.status, Some(0), "{}", log(&world));
    let log = log(&world);
    assert!(
        log.contains("\nfrom the guest") && log.ends_with("over\n"),
        "{log}"
    );
}

/// In the shape of a step's EXIT trap: tmate in the foreground under a timeout,
/// in the failing step's directory and environment.
const TRAP: &str = r#"
set -e
debug() {
  if [ "$?" -ne 0 ]; then
    echo 'set -g tmate-server-host example.org' > tmate.conf
    echo 'set -g tmate-server-port 22' >> tmate.conf
    echo 'set -g tmate-user account' >> tmate.conf
    timeout $LIMIT tmate -S $SOCK -f tmate.conf -F
  fi
}
trap debug EXIT
export STEP=failing
mkdir work; cd work
(exit 7)
"#;

#[test]
fn trap_of_a_failing_step_waits_and_keeps_its_status() {
    let world = world();
    let child = start(&world, &format!("LIMIT=60s\n{TRAP}"));
    let share = opened(&world, &line(&world, "ssh session: "));
    let log_now = log(&world);
    assert!(
        log_now.contains("ssh session read only: ssh -p "),
        "{log_now}"
    );
    assert!(log_now.contains("locally, run: tmate -S "), "{log_now}");
    let out = world.ssh(
        &share,
        &share.token,
        &["send-keys", "'echo $STEP ${PWD##*/}'", "Enter"],
    );
    assert_eq!(out.status, Some(0));
    until("environment", || {
        let out = world.ssh(&share, &share.token, &["capture-pane", "-p"]);
        out.stdout.contains("\nfailing work")
    });
    let out = world.ssh(&share, &share.token, &["send-keys", "exit", "Enter"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let out = finish_child("script", child);
    assert_eq!(out.status, Some(7), "{}", log(&world));
}

#[test]
fn trap_ends_at_its_timeout_and_leaves_no_session() {
    let world = world();
    let child = start(&world, &format!("LIMIT=1s\n{TRAP}"));
    line(&world, "ssh session: ");
    let out = finish_child("script", child);
    assert_eq!(out.status, Some(124), "{}", log(&world));
    let out = script(&world, "tmate -S $SOCK has-session")
        .output()
        .unwrap();
    assert!(!out.status.success());
}

#[test]
fn listed_keys_alone_come_in_and_a_list_of_none_opens_nothing() {
    let world = world();
    let mut keygen = world.command("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
    keygen.arg(world.path("id"));
    assert_eq!(finish("ssh-keygen", keygen).status, Some(0));
    let keys = world.path("id.pub");
    let text = format!(
        "tmate -S $SOCK -a {} new-session -d && tmate -S $SOCK wait tmate-ready && \
         echo \"line $(tmate -S $SOCK display -p '#{{tmate_ssh}}')\"",
        keys.display()
    );
    let child = start(&world, &text);
    let share = opened(&world, &line(&world, "line "));
    assert_eq!(finish_child("script", child).status, Some(0));
    let out = world.ssh(&share, &share.token, &["list-windows", "-F", "x"]);
    assert_eq!(out.status, Some(255), "a token alone: {out:?}");
    let mut with_key = world.command("ssh");
    with_key.args(world.ssh_options(share.port));
    with_key.args(["-o", "IdentitiesOnly=yes", "-i"]);
    with_key.arg(world.path("id"));
    with_key.arg(format!("{}@127.0.0.1", share.token));
    with_key.args(["list-windows", "-F", "x"]);
    assert_eq!(finish("ssh", with_key).stdout, "x\n");
    end(&world);

    world.write("none", "# nobody\n");
    let text = format!(
        "tmate -S $SOCK -a {} new-session -d",
        world.path("none").display()
    );
    let out = script(&world, &text).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    let out = script(&world, "tmate -S $SOCK has-session")
        .output()
        .unwrap();
    assert!(!out.status.success());
}

#[test]
fn names_and_versions_are_answered_as_scripts_ask() {
    let world = world();
    for (words, status) in [
        ("tmate -V", 0),
        ("tmate -h", 0),
        ("tmate -S $SOCK -n a -r b -k c new-session -d", 0),
        ("tmate -S $SOCK new-session -d -s other", 0),
        ("tmate -S $SOCK kill-session -t other", 0),
        ("tmate -S $SOCK kill-session", 0),
        ("tmate -Z", 1),
    ] {
        let mut command = script(&world, words);
        command.stdin(Stdio::null());
        let out = finish(words, command);
        assert_eq!(out.status, Some(status), "{words}: {out:?}");
    }
}
