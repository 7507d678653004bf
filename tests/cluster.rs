//! A relay of three nodes with Debian's nats-server and the stock OpenSSH client
//! on the loopback: each part is killed in turn, the bus lies, a node is not who
//! it says.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "cluster/house.rs"]
mod house;

mod common;

use std::io::Read;
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use common::{Output, STEPMUX, finish, finish_child, until};
use house::{Authority, Cluster, NODES, Stranger, Wire};

fn worked(out: &Output) -> bool {
    (out.status, out.stdout.as_str()) == (Some(0), "x\n")
}

const LIST: &[&str] = &["list-windows", "-F", "x"];

#[test]
fn any_node_takes_any_guest() {
    let cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    for node in NODES {
        let out = cluster.ssh(&way, node, LIST);
        assert!(worked(&out), "{node}: {out:?}\n{}", cluster.log(node));
    }
    cluster.wait_log("c", &[" way "], 1);
}

#[test]
fn guest_goes_on_when_each_node_with_a_link_is_killed_in_turn() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let mut guest = cluster.guest(&way, "c");
    guest.send("echo begin-$((40+2))\r");
    guest.wait_text("begin-42");
    for (nth, node) in ["a", "b", "a", "b"].into_iter().enumerate() {
        cluster.kill(node);
        guest.send(format!("echo without-{node}-$((60+{nth}))\r"));
        guest.wait_text(&format!("without-{node}-{}", 60 + nth));
        cluster.start_node(node);
        cluster.wait_log(node, &["INFO session "], 1);
    }
}

#[test]
fn guest_goes_on_when_the_link_to_their_own_node_is_cut() {
    let cluster = Cluster::start();
    let wire = Wire::to(cluster.place("a"));
    let places = [wire.place.clone(), cluster.place("b")];
    let way = cluster.share_by(&places, &["a", "b"]);
    let mut guest = cluster.guest(&way, "a");
    guest.send("echo own-$((40+2))\r");
    guest.wait_text("own-42");
    wire.cut();
    guest.send("echo other-$((40+2))\r");
    guest.wait_text("other-42");
    cluster.wait_log("a", &[" way ", "node=\"b\""], 1);
}

#[test]
fn link_is_made_to_a_third_node_when_one_is_killed() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&NODES, &["a", "b"]);
    cluster.kill("a");
    cluster.wait_log("c", &["INFO session "], 1);
    let mut guest = cluster.guest(&way, "b");
    cluster.kill("c");
    guest.send("echo still-$((40+2))\r");
    guest.wait_text("still-42");
}

#[test]
fn guests_of_a_killed_node_rejoin_by_another_with_the_same_line() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let mut guest = cluster.guest(&way, "c");
    cluster.world.ok(&["send-keys", "echo still-here", "Enter"]);
    cluster.kill("c");
    assert_eq!(guest.finish(), 255);
    cluster.guest(&way, "b").wait_text("still-here");
}

#[test]
fn flood_through_a_node_that_is_killed_loses_and_doubles_nothing() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let whole: String = (0..600_000).map(|n| format!("line {n}\n")).collect();
    cluster.world.write("home/long", &whole);
    // A buffer's bytes are the output of one command.
    cluster.world.ok(&["load-buffer", "long"]);
    let first = cluster.ssh(&way, "c", LIST);
    assert!(worked(&first), "{first:?}");
    let log = cluster.log("c");
    let owner = log.lines().rfind(|line| line.contains(" way ")).unwrap();
    let owner = if owner.contains("node=\"a\"") {
        "a"
    } else {
        "b"
    };
    // What nobody reads yet is under way on every part of the path.
    let mut copying = cluster
        .ssh_command(&way, "c", &["show-buffer"])
        .spawn()
        .unwrap();
    let mut head = vec![0; 100_000];
    let mut output = copying.stdout.take().unwrap();
    output.read_exact(&mut head).unwrap();
    cluster.kill(owner);
    let rest = std::thread::spawn(move || {
        output.read_to_end(&mut head).unwrap();
        head
    });
    let copy = finish_child("ssh", copying);
    let text = rest.join().unwrap();
    assert_eq!(copy.status, Some(0), "{}", copy.stderr);
    assert!(text == whole.as_bytes(), "{} bytes", text.len());
}

#[test]
fn sessions_run_and_guests_come_while_the_bus_is_away() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let mut guest = cluster.guest(&way, "c");
    cluster.kill("bus");
    guest.send("echo no-bus-$((40+2))\r");
    guest.wait_text("no-bus-42");
    // Nobody can be asked by the bus; the nodes ask each other.
    cluster.kill("a");
    guest.send("echo no-bus-no-a-$((40+2))\r");
    guest.wait_text("no-bus-no-a-42");
    drop(guest);
    let out = cluster.ssh(&way, "c", LIST);
    assert!(worked(&out), "{out:?}");
    cluster.start_bus();
    cluster.start_node("a");
    cluster.wait_log("a", &["INFO session "], 1);
    let out = cluster.ssh(&way, "a", LIST);
    assert!(worked(&out), "{out:?}");
}

#[test]
fn node_that_is_cut_from_the_bus_is_found_all_the_same() {
    let mut cluster = Cluster::new();
    cluster.start_bus();
    // Nothing listens there.
    let nowhere = format!("nats://{}:4223", cluster.ip("bus"));
    cluster.start_node_with("a", &[("--cluster", &nowhere)]);
    cluster.start_node("c");
    let way = cluster.share(&["a"], &["a"]);
    let out = cluster.ssh(&way, "c", LIST);
    assert!(worked(&out), "{out:?}");
    // And it finds others'.
    cluster.start_node("b");
    cluster.kill("a");
    cluster.start_node_with("a", &[("--cluster", &nowhere)]);
    let out = cluster.ssh(&way, "b", LIST);
    assert!(worked(&out), "{out:?}");
}

#[test]
fn node_with_a_certificate_of_another_authority_or_name_is_refused() {
    let mut cluster = Cluster::start();
    let way = cluster.share(&["a"], &["a"]);
    cluster.kill("c");
    // Another authority's: neither side believes the other.
    Authority::new().certify(&cluster.world, "c");
    cluster.start_node("c");
    let mut asking = cluster.ssh_command(&way, "c", LIST).spawn().unwrap();
    cluster.wait_log("c", &[" no way ", "certificate"], 1);
    assert!(asking.try_wait().unwrap().is_none(), "it waits for a way");
    asking.kill().unwrap();
    asking.wait().unwrap();
    let out = cluster.ssh(&way, "a", LIST);
    assert!(worked(&out), "{out:?}");
    // The right authority and another node's name: it does not start.
    cluster.kill("c");
    let mut relay = cluster.world.command(STEPMUX);
    relay.args(["relay", "--listen", "127.0.0.1:0", "--node", "c"]);
    relay.args([
        "--cluster",
        "nats://127.0.0.1:1",
        "--cluster-listen",
        "127.0.0.1:0",
    ]);
    relay.args(["--peer", "a=127.0.0.1:1"]);
    for (flag, file) in [
        ("--key", "relay_key"),
        ("--cluster-ca", "b-ca.pem"),
        ("--cluster-cert", "b.pem"),
        ("--cluster-key", "b.key"),
    ] {
        relay.arg(flag).arg(cluster.world.path(file));
    }
    let out = finish("relay", relay);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("not for the name c"), "{out:?}");
}

#[test]
fn forged_answers_on_the_bus_lead_nowhere() {
    let cluster = Cluster::start();
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let place = trap.local_addr().unwrap().to_string();
    let answers = [
        place.clone().into_bytes(),
        [&[0; 32], place.as_bytes()].concat(),
        [&[7; 32][..], &[1, 1, b'b'], &[0; 24]].concat(),
        vec![0; 100_000],
        Vec::new(),
    ];
    let asked = Stranger::at(&cluster).answer(answers.to_vec());
    // A node that has just begun is not on its bus yet, and asks the others.
    cluster.wait_log("c", &["the bus is there"], 1);
    let out = cluster.ssh(&way, "c", LIST);
    assert!(worked(&out), "{out:?}\n{}", cluster.log("c"));
    until("question", || asked.load(Ordering::Relaxed) > 0);
    assert!(trap.accept().is_err(), "somebody dialled what the bus said");
}

#[test]
fn arguments_of_a_cluster_go_together() {
    let world = common::World::new();
    let mut relay = world.command(STEPMUX);
    relay.args(["relay", "--cluster", "nats://127.0.0.1:1"]);
    let out = finish("relay", relay);
    assert_eq!(out.status, Some(2), "{out:?}");
    for flag in ["--node", "--peer", "--cluster-ca", "--key"] {
        assert!(out.stderr.contains(flag), "{flag}: {out:?}");
    }
}
