//! A relay at an IPv6 address, and one of several places that answers.

use std::net::TcpListener;

use crate::common::STEPMUX;
use crate::common::relay::{Relay, run, share};
use crate::common::{World, finish};
use crate::{printed, world};

const LIST: [&str; 3] = ["list-windows", "-F", "x"];

/// Whether the kernel gives this machine an IPv6 loopback at all: where it has
/// none, no program can speak IPv6, and there is nothing to be shown.
fn has_v6() -> bool {
    let known = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let has = known.lines().any(|line| line.ends_with(" lo"));
    assert_eq!(has, TcpListener::bind("[::1]:0").is_ok(), "{known}");
    has
}

/// The printed line of `join`, as a shell takes it, with a command.
fn join(world: &World) -> (String, Option<i32>, String) {
    let line = world.ask("#{join_command}");
    let string = line.strip_prefix("stepmux join ").unwrap();
    let options = "-o IdentityAgent=none -o IdentityFile=none";
    let mut shell = world.command("sh");
    shell.arg("-c");
    shell.arg(format!(
        "{STEPMUX} join {options} {string} {}",
        LIST.join(" ")
    ));
    let out = finish("join", shell);
    (line, out.status, out.stdout + &out.stderr)
}

#[test]
fn relay_at_an_ipv6_address_is_reached_by_hosts_jumps_and_strings() {
    if !has_v6() {
        return;
    }
    let world = world();
    let relay = Relay::at(&world, "[::1]:0", &[]);
    assert_eq!(relay.place(), format!("[::1]:{}", relay.port));
    let known = relay.said("known_hosts:");
    assert!(
        known.starts_with(&format!("[::1]:{} ", relay.port)),
        "{known}"
    );
    share(&world, &relay.place(), &["--relay-compat"]);
    let said = world.ok(&["share"]);
    assert!(
        said.contains(&format!("relay:       {} (", relay.place())),
        "{said}"
    );
    // Quoted, since brackets are a shell's.
    let line = world.ask("#{ssh_command}");
    assert!(line.contains(&format!("@{}' ", relay.place())), "{line}");
    for line in [line, world.ask("#{ssh_command_compat}")] {
        let out = printed(&world, &line, &LIST);
        assert_eq!(
            (out.status, &*out.stdout),
            (Some(0), "x\n"),
            "{line}: {out:?}"
        );
    }
    let (line, status, said) = join(&world);
    assert!(line.contains(&format!("@{}/", relay.place())), "{line}");
    assert_eq!((status, &*said), (Some(0), "x\n"), "{line}");
    world.ok(&["unshare"]);
    // A share's own door there.
    world.ok(&["share", "--listen", "[::1]:0"]);
    let (line, status, said) = join(&world);
    assert!(line.contains("@[::1]:"), "{line}");
    assert_eq!((status, &*said), (Some(0), "x\n"), "{line}");
}

#[test]
fn relay_that_listens_on_both_families_serves_both() {
    if !has_v6() {
        return;
    }
    let world = world();
    let relay = Relay::at(&world, "[::]:0", &["--max-per-address", "64"]);
    for place in [
        format!("[::1]:{}", relay.port),
        format!("127.0.0.1:{}", relay.port),
    ] {
        share(&world, &place, &[]);
        let (line, status, said) = join(&world);
        assert!(line.contains(&format!("@{place}/")), "{line}");
        assert_eq!((status, &*said), (Some(0), "x\n"), "{place}");
        world.ok(&["unshare"]);
    }
}

#[test]
fn first_place_of_several_that_answers_is_shared_through() {
    let world = world();
    let relay = Relay::start(&world, 0);
    // Where nothing listens, and where nobody ever answers.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let places = format!("{closed},{}", relay.place());
    let way = share(&world, &places, &[]);
    let out = run(&world, &way, &way.token, relay.port, &LIST);
    assert_eq!(out.stdout, "x\n", "{out:?}");
}
