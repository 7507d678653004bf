//! A relay of three nodes with Debian's nats-server and the stock OpenSSH client
//! on the loopback: each part is killed in turn, the bus lies, a node is not who
//! it says.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "cluster/house.rs"]
mod house;

mod common;

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;

use common::relay::Wire;
use common::{Output, STEPMUX, finish, finish_child, until};
use house::{Authority, Cluster, NODES, Stranger};
use rustix::process::Signal;

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
    cluster.wait_log("c", &["INFO way"], 1);
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
    let places = [wire.place(), cluster.place("b")];
    let way = cluster.share_by(&places, &["a", "b"]);
    let mut guest = cluster.guest(&way, "a");
    guest.send("echo own-$((40+2))\r");
    guest.wait_text("own-42");
    wire.sever();
    guest.send("echo other-$((40+2))\r");
    guest.wait_text("other-42");
    cluster.wait_log("a", &["INFO way", "node=\"b\""], 1);
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
    let owner = cluster.owner("c", &[]);
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

/// Gives nodes and the bus up after two silent seconds instead of fifteen.
const SHORT: &[(&str, &str)] = &[("--silence", "2")];

#[test]
fn guest_goes_on_by_the_other_link_when_a_node_is_frozen() {
    let cluster = Cluster::start_with(SHORT);
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    let mut guest = cluster.guest(&way, "c");
    guest.send("echo begin-$((40+2))\r");
    guest.wait_text("begin-42");
    for nth in 0..2 {
        let owner = cluster.owner("c", &[]);
        cluster.signal(owner, Signal::STOP);
        guest.send(format!("echo without-{owner}-$((60+{nth}))\r"));
        guest.wait_text(&format!("without-{owner}-{}", 60 + nth));
        cluster.owner("c", &[owner]);
        // What it still has of the old way changes nothing when it goes on.
        cluster.signal(owner, Signal::CONT);
        guest.send(format!("echo again-{owner}-$((80+{nth}))\r"));
        guest.wait_text(&format!("again-{owner}-{}", 80 + nth));
    }
}

#[test]
fn guests_work_while_the_bus_is_frozen_and_it_is_asked_again_later() {
    let mut cluster = Cluster::start_with(SHORT);
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    for node in NODES {
        cluster.wait_log(node, &["the bus is there"], 1);
    }
    let mut guest = cluster.guest(&way, "c");
    cluster.signal("bus", Signal::STOP);
    // It takes questions and answers none: the nodes ask each other.
    let first = cluster.owner("c", &[]);
    cluster.kill(first);
    guest.send("echo frozen-$((40+2))\r");
    guest.wait_text("frozen-42");
    let out = cluster.ssh(&way, "c", LIST);
    assert!(worked(&out), "{out:?}");
    // Given up in the meantime, it keeps no node from beginning.
    cluster.wait_log("c", &["the bus is away"], 1);
    cluster.start_node_with(first, SHORT);
    cluster.wait_log(first, &["INFO session "], 1);
    cluster.signal("bus", Signal::CONT);
    cluster.wait_log("c", &["the bus is there"], 2);
    cluster.wait_log(first, &["the bus is there"], 1);
    let second = cluster.owner("c", &[first]);
    cluster.kill(second);
    guest.send("echo thawed-$((40+3))\r");
    guest.wait_text("thawed-43");
    let by_bus = format!("node=\"{first}\"");
    cluster.wait_log("c", &["INFO way session", &by_bus], 1);
}

#[test]
fn node_whose_wire_to_the_bus_breaks_works_on_and_comes_back_to_it() {
    let mut cluster = Cluster::new();
    cluster.start_bus();
    let wire = Wire::to(format!("{}:4222", cluster.ip("bus")));
    let bus = format!("nats://{}", wire.place());
    cluster.start_node_with("a", SHORT);
    cluster.start_node_with("b", SHORT);
    cluster.start_node_with("c", &[SHORT, &[("--cluster", &bus)]].concat());
    let way = cluster.share(&["a", "b"], &["a", "b"]);
    cluster.wait_log("c", &["the bus is there"], 1);
    let mut guest = cluster.guest(&way, "c");
    // Once nothing passes any more, once the connection ends and no other begins.
    let breaks: [fn(&Wire); 2] = [|wire| wire.hold(true), Wire::sever];
    let mends: [fn(&Wire); 2] = [|wire| wire.hold(false), Wire::mend];
    for (nth, (breaks, mends)) in breaks.into_iter().zip(mends).enumerate() {
        breaks(&wire);
        cluster.wait_log("c", &["the bus is away"], nth + 1);
        let owner = cluster.owner("c", &[]);
        cluster.kill(owner);
        guest.send(format!("echo cut-$((60+{nth}))\r"));
        guest.wait_text(&format!("cut-{}", 60 + nth));
        cluster.start_node_with(owner, SHORT);
        cluster.wait_log(owner, &["INFO session "], 1);
        mends(&wire);
        cluster.wait_log("c", &["the bus is there"], nth + 2);
    }
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
fn silent_flood_of_a_nodes_port_keeps_no_other_node_out() {
    let cluster = Cluster::start();
    let way = cluster.share(&["a"], &["a"]);
    let port = format!("{}:7443", cluster.ip("a"));
    // More than may wait there; whoever has been silent for a while gives way.
    let flood: Vec<TcpStream> = (0..520)
        .map_while(|_| TcpStream::connect(&port).ok())
        .collect();
    assert_eq!(flood.len(), 520);
    let out = cluster.ssh(&way, "c", LIST);
    assert!(worked(&out), "{out:?}\n{}", cluster.log("c"));
    drop(flood);
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
