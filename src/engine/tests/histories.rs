//! Histories in virtual time: compressed in quiet, bounded together, moved to a
//! store. What a store is, `io` knows.

use std::sync::{Arc, Mutex};

use super::*;
use crate::term::{BlockStore, StoreError};

fn log(lines: usize) -> Vec<u8> {
    (0..lines)
        .map(|n| {
            format!(
                "{n:08x} some line of a build log, with {} things\r\n",
                n * 7919
            )
        })
        .collect::<String>()
        .into_bytes()
}

/// A scene whose panes keep much.
fn scene(panes: usize) -> Scene {
    let mut scene = Scene::new();
    scene.run("set-option -g history-limit 1000000");
    for n in 0..panes {
        scene.run(&format!("new-session -d -s s{n}"));
    }
    scene.later(Duration::from_secs(5));
    scene
}

fn bytes(scene: &Scene, pane: u32) -> usize {
    scene.engine.mux().panes[&PaneId(pane)].term.history_bytes()
}

fn feed(scene: &mut Scene, pane: u32, log: &[u8]) {
    for part in log.chunks(16 << 10) {
        scene.output(pane, part);
    }
}

#[test]
fn quiet_pane_is_compressed_once_and_the_server_sleeps_on() {
    let mut scene = scene(1);
    assert_eq!(scene.engine.deadline(), None);
    feed(&mut scene, 0, &log(2000));
    let loud = bytes(&scene, 0);
    scene.later(Duration::from_millis(900));
    assert_eq!(bytes(&scene, 0), loud);
    // Output goes on: not yet.
    scene.output(0, b"more\r\n");
    scene.later(Duration::from_millis(900));
    assert_eq!(bytes(&scene, 0), loud);
    scene.later(Duration::from_secs(2));
    let settled = bytes(&scene, 0);
    assert!(settled * 2 < loud, "{settled} of {loud}");
    assert!(settled / 2000 <= 80, "{settled}");
    assert_eq!(scene.engine.deadline(), None);
}

#[test]
fn largest_histories_shrink_until_all_are_within_the_limit() {
    let mut scene = scene(3);
    let log = log(40_000);
    feed(&mut scene, 0, &log);
    feed(&mut scene, 1, &log[..log.len() / 4]);
    scene.output(2, b"a little\r\n");
    scene.later(Duration::from_secs(5));
    let (large, small) = (bytes(&scene, 0), bytes(&scene, 1));
    let limit = (large + small) / 2;
    scene.run(&format!("set-option -s history-bytes {limit}"));
    feed(&mut scene, 1, &log[..2 << 20]);
    scene.later(Duration::from_secs(5));
    let sum: usize = (0..3).map(|pane| bytes(&scene, pane)).sum();
    assert!(sum <= limit, "{sum} of {limit}");
    assert!(bytes(&scene, 1) >= small, "the smaller one stays whole");
    assert!(bytes(&scene, 0) < large);
    let newest = scene.run("capture-pane -p -t s0 -S -1 -E -1");
    assert!(newest.contains("some line of a build log"), "{newest}");
}

#[derive(Debug, Default)]
struct Memory(Mutex<Vec<u8>>);

impl BlockStore for Memory {
    fn append(&self, bytes: &[u8]) -> Result<u64, StoreError> {
        let mut all = self.0.lock().unwrap();
        all.extend_from_slice(bytes);
        Ok((all.len() - bytes.len()) as u64)
    }
    fn read(&self, at: u64, len: usize, out: &mut Vec<u8>) -> Result<(), StoreError> {
        out.clear();
        out.extend_from_slice(&self.0.lock().unwrap()[at as usize..at as usize + len]);
        Ok(())
    }
    fn free(&self, _: u64, _: usize) {}
}

#[test]
fn history_beyond_memory_goes_to_its_file_and_is_still_searched() {
    let mut scene = scene(1);
    scene.run("set-option -s history-bytes 200000");
    scene.run("set-option -s history-spill on");
    feed(&mut scene, 0, &log(60_000));
    assert_eq!(scene.stores, [(PaneId(0), "on".to_owned())]);
    let result: Result<crate::term::Store, String> = Ok(Arc::new(Memory::default()));
    let pane = PaneId(0);
    scene.turn(Event::Store { pane, result });
    scene.later(Duration::from_secs(5));
    assert!(bytes(&scene, 0) <= 200_000);
    assert_eq!(scene.stores.len(), 1);
    let lines = scene.run("display-message -p -t s0 #{history_size}");
    assert!(lines.trim().parse::<usize>().unwrap() > 59_900, "{lines}");
    let first = scene.run("capture-pane -p -t s0 -S - -E -59000");
    assert!(first.starts_with("00000000 some line"), "{first:.40}");
    scene.run("copy-mode -t s0 ; send-keys -t s0 -X search-backward 00000abc");
    let pane = &scene.engine.mux().panes[&PaneId(0)];
    let copy = pane.copy.as_deref().unwrap();
    let at = crate::term::ViewPos::new(copy.row_of(copy.here().line), 0);
    let found = pane
        .term
        .text_range(at, crate::term::ViewPos::new(at.row, 79), false);
    assert!(found.starts_with("00000abc some line"), "{at:?} {found}");
}

#[test]
fn history_spill_that_cannot_be_opened_leaves_the_limit_in_force() {
    let mut scene = scene(1);
    scene.run("set-option -s history-bytes 200000");
    scene.run("set-option -s history-spill /nowhere");
    feed(&mut scene, 0, &log(60_000));
    let result = Err("/nowhere: No such file or directory".to_owned());
    let pane = PaneId(0);
    scene.turn(Event::Store { pane, result });
    assert!(bytes(&scene, 0) <= 200_000);
    assert!(
        scene
            .run("show-messages")
            .contains("history-spill: /nowhere")
    );
}
