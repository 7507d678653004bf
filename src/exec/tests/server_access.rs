//! Who else comes in by the socket.

use super::*;

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.mux.server.uid = 1000;
    scene.file = Ok(b"root:x:0:0::/:/bin/sh\nown:x:1000:\nann:x:7:9::/:\nbob:x:8:9::/:\n".to_vec());
    scene
}

#[test]
fn list_of_users_and_groups_changes_by_tmuxs_rules() {
    let mut scene = scene();
    for (line, wanted) in [
        ("", Err("missing user or group argument")),
        ("-a", Err("missing user or group argument")),
        ("-l", Ok("")),
        ("-a nosuch", Err("unknown user: nosuch")),
        ("-g -ad nosuch", Err("unknown group: nosuch")),
        ("-a root", Err("root owns the server, can't change access")),
        ("-d own", Err("own owns the server, can't change access")),
        ("-ad ann", Err("-a and -d cannot be used together")),
        ("-rw ann", Err("-r and -w cannot be used together")),
        ("ann", Ok("")),
        ("-d ann", Err("user ann not found")),
        ("-a bob", Ok("")),
        ("-a bob", Err("user bob is already added")),
        ("-r ann", Ok("")),
        ("-gar bob", Ok("")),
        ("-ga bob", Err("group bob is already added")),
        ("-l", Ok("ann (U,R)\nbob (U,W)\nbob (G,R)\n")),
        ("-w ann", Ok("")),
        ("-r bob", Ok("")),
        ("-gd bob", Ok("")),
        ("-l", Ok("ann (U,W)\nbob (U,R)\n")),
    ] {
        let ran = scene.run(&format!("server-access {line}"));
        let ran = ran.as_ref().map(String::as_str).map_err(String::as_str);
        assert_eq!(ran, wanted, "{line}");
    }
    let told = scene.effects.iter().rev().find_map(|effect| match effect {
        Effect::AdmitLocal(access) => Some(access.clone()),
        _ => None,
    });
    assert_eq!(told, Some(scene.mux.local_access.clone()));
}

#[test]
fn who_is_inside_follows_the_list() {
    let mut scene = scene();
    scene.ok("server-access -a ann");
    let ann = scene.connect(5, Grant::Admin);
    let own = scene.connect(6, Grant::Admin);
    for (id, uid) in [(ann, 7), (own, 1000)] {
        let client = scene.mux.clients.get_mut(&id).unwrap();
        client.origin = Origin::Local {
            pid: 1,
            uid,
            gid: 9,
        };
    }
    scene.ok("server-access -r ann");
    assert_eq!(scene.mux.clients[&ann].grant, Grant::View);
    scene.ok("server-access -gaw bob");
    scene.ok("server-access -d ann");
    // The group of number 8 is not theirs.
    assert!(scene.mux.clients[&ann].dismissed);
    assert_eq!(scene.mux.clients[&own].grant, Grant::Admin);
    assert!(!scene.mux.clients[&own].dismissed);
}

#[test]
fn viewers_and_guests_change_no_list() {
    let mut scene = scene();
    let viewer = scene.connect(5, Grant::View);
    scene.client = Some(viewer);
    assert_eq!(scene.err("server-access -l"), "client is read-only");
    assert_eq!(scene.err("server-access -a ann"), "client is read-only");
    assert_eq!(scene.mux.local_access.lines().count(), 0);
}
