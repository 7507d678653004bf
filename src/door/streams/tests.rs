//! Streams over links that break, that come beside others, and that carry other
//! nodes' words.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::wire::MAX_LINK;

/// Two sides and what carries between them; dropping the task cuts it.
fn link(a: &Streams, b: &Streams) -> tokio::task::JoinHandle<()> {
    link_as(a, Terms::LONE, b, Terms::LONE)
}

/// The same by other terms; `b` echoes what is opened.
fn link_as(a: &Streams, near: Terms, b: &Streams, far: Terms) -> tokio::task::JoinHandle<()> {
    let (one, two) = tokio::io::duplex(64 << 10);
    let (a, b) = (a.clone(), b.clone());
    tokio::spawn(async move {
        let other = b.clone();
        tokio::join!(
            a.carry(one, Decoder::new(MAX_LINK), near, |_, _| Ok(())),
            b.carry(two, Decoder::new(MAX_LINK), far, move |at, word| {
                match word {
                    Link::Open { stream, again, .. } => {
                        if let Some(end) = other.opened(at, stream, again, 9) {
                            tokio::spawn(echo(end));
                        }
                    }
                    Link::Gone { stream } => other.gone(at, stream),
                    _ => {}
                }
                Ok(())
            })
        );
    })
}

async fn echo(end: StreamEnd) {
    let (mut read, mut write) = tokio::io::split(end);
    let _ = tokio::io::copy(&mut read, &mut write).await;
    let _ = write.shutdown().await;
}

#[tokio::test]
async fn streams_go_on_over_the_next_link() {
    let (a, b) = (Streams::default(), Streams::default());
    let first = link(&a, &b);
    let end = a.open(7, "192.0.2.1:5", 9).unwrap();
    let text: Vec<u8> = (0..1_500_000u32).map(|n| (n % 253) as u8).collect();
    let (mut read, mut write) = tokio::io::split(end);
    let sent = text.clone();
    let writer = tokio::spawn(async move {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    });
    let mut got = vec![0; 300_000];
    read.read_exact(&mut got).await.unwrap();
    first.abort();
    let _ = first.await;
    let _second = link(&a, &b);
    read.read_to_end(&mut got).await.unwrap();
    writer.await.unwrap();
    assert!(got == text, "{} bytes", got.len());
}

#[tokio::test]
async fn stream_that_nobody_reads_holds_up_no_other() {
    let (a, b) = (Streams::default(), Streams::default());
    let _link = link(&a, &b);
    let mut stuck = a.open(1, "x", 9).unwrap();
    let mut free = a.open(2, "x", 9).unwrap();
    // Its echo is not read: the window fills, here and there.
    let fill = vec![0; 4 << 20];
    let filling = timeout(Duration::from_millis(300), stuck.write_all(&fill)).await;
    assert!(filling.is_err());
    free.write_all(b"through").await.unwrap();
    let mut got = [0; 7];
    free.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"through");
}

#[tokio::test]
async fn stream_that_the_peer_does_not_know_is_reset() {
    let (a, b) = (Streams::default(), Streams::default());
    let mut end = a.open(5, "x", 9).unwrap();
    end.write_all(b"x").await.unwrap();
    let (near, far) = tokio::io::duplex(64 << 10);
    let (one, other) = (a.clone(), b.clone());
    // The peer does not take it.
    tokio::spawn(async move {
        let came = || Decoder::new(MAX_LINK);
        tokio::join!(
            one.carry(near, came(), Terms::LONE, |_, _| Ok(())),
            other.carry(far, came(), Terms::LONE, |_, _| Ok(()))
        )
    });
    assert!(end.read_to_end(&mut Vec::new()).await.is_err());
    assert_eq!((a.len(), b.len()), (0, 0));
    assert!(a.open(1, "x", 0).is_none());
    a.reset_all();
}

/// Sends a text and awaits its echo.
async fn there_and_back(end: &mut StreamEnd, text: &[u8]) {
    end.write_all(text).await.unwrap();
    let mut got = vec![0; text.len()];
    end.read_exact(&mut got).await.unwrap();
    assert_eq!(got, text);
}

#[tokio::test]
async fn stream_goes_over_to_a_vms_other_link_while_the_first_lives() {
    let (node, other, vm) = (Streams::default(), Streams::default(), Streams::default());
    let first = link_as(&node, Terms::SHARED, &vm, Terms::BESIDE);
    let _second = link_as(&other, Terms::SHARED, &vm, Terms::BESIDE);
    let mut end = node.open(7, "x", 9).unwrap();
    let mut beside = other.open(8, "x", 9).unwrap();
    there_and_back(&mut end, b"one").await;
    there_and_back(&mut beside, b"beside").await;
    // A way by another node: the first link has not been noticed to be over.
    let _way = link_as(
        &node,
        Terms::peer(Duration::from_secs(15)),
        &vm,
        Terms::BESIDE,
    );
    there_and_back(&mut end, b"two").await;
    first.abort();
    there_and_back(&mut end, b"three").await;
    there_and_back(&mut beside, b"beside still").await;
    assert_eq!(vm.len(), 2);
}

#[tokio::test]
async fn stream_without_a_way_waits_and_is_reset_after_a_while() {
    let (node, vm) = (Streams::default(), Streams::default());
    let link = link_as(&node, Terms::SHARED, &vm, Terms::BESIDE);
    let mut end = node.open(7, "x", 9).unwrap();
    there_and_back(&mut end, b"one").await;
    // The node has lost the way to whose guest it is.
    node.say(&Link::Gone { stream: 7 });
    let keep = Duration::from_secs(60);
    let lost = async {
        while vm.reap(Instant::now() + keep, keep) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(keep, lost).await.unwrap();
    assert_eq!(vm.len(), 0);
    link.abort();
}

#[tokio::test]
async fn others_words_wait_for_room_and_end_with_the_link() {
    let streams = Streams::default();
    let word = || Link::Part {
        stream: 1,
        part: Part::Data {
            at: 0,
            bytes: crate::wire::Blob(vec![0; 16 << 10]),
        },
    };
    assert!(!streams.pass(word()).await, "there is no link");
    // Nobody reads the other end.
    let (near, _far) = tokio::io::duplex(64);
    let carrying = {
        let streams = streams.clone();
        tokio::spawn(async move {
            let came = Decoder::new(MAX_LINK);
            streams
                .carry(near, came, Terms::SHARED, |_, _| Ok(()))
                .await
        })
    };
    streams.linked().await;
    let filling = async {
        let mut count = 0;
        while streams.pass(word()).await {
            count += 1;
            assert!(count < 100, "no bound");
        }
    };
    tokio::pin!(filling);
    let full = timeout(Duration::from_millis(100), &mut filling).await;
    assert!(full.is_err(), "it waits for room");
    carrying.abort();
    filling.await;
    assert!(!streams.is_linked());
}

#[tokio::test]
async fn link_that_takes_no_controls_is_ended_and_loses_no_stream() {
    let streams = Streams::default();
    // Nobody reads the other end.
    let (near, far) = tokio::io::duplex(64);
    let carrying = {
        let streams = streams.clone();
        tokio::spawn(async move {
            let came = Decoder::new(MAX_LINK);
            let terms = Terms::SHARED;
            streams.carry(near, came, terms, |_, _| Ok(())).await
        })
    };
    streams.linked().await;
    let end = streams.open(7, "x", 9).unwrap();
    for stream in 0..100_000 {
        streams.say(&Link::Gone { stream });
    }
    drop(far);
    carrying.await.unwrap();
    assert_eq!(streams.len(), 1);
    // The next link has everything that is not yet said.
    let vm = Streams::default();
    let _next = link_as(&streams, Terms::SHARED, &vm, Terms::BESIDE);
    let mut end = end;
    there_and_back(&mut end, b"still").await;
}
