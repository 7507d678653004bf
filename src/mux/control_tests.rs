//! What is written to a control client, in virtual time.

use super::*;

const ONE: PaneId = PaneId(1);
const TWO: PaneId = PaneId(2);

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn all(control: &mut Control, now: Duration) -> String {
    control.taken();
    let bytes = control.take(usize::MAX, now).unwrap_or_default();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn output_is_escaped_in_octal_and_joined() {
    let mut control = Control::default();
    assert!(control.output(ONE, b"a\r\n\\\x1b[m", at(0)));
    assert!(control.output(ONE, "é\x7f".as_bytes(), at(0)));
    assert!(control.output(TWO, b"b", at(0)));
    let wanted = "%output %1 a\\015\\012\\134\\033[mé\x7f\n%output %2 b\n";
    assert_eq!(all(&mut control, at(0)), wanted);
    assert!(control.is_idle() || control.take(1, at(0)).is_none());
    let mut guest = Control::new(true);
    assert!(guest.output(ONE, "é\x7f".as_bytes(), at(0)));
    assert_eq!(all(&mut guest, at(0)), "%output %1 \\303\\251\\177\n");
}

#[test]
fn long_output_is_cut_into_lines() {
    let mut control = Control::default();
    assert!(control.output(ONE, &vec![b'x'; LINE + 1], at(0)));
    let text = all(&mut control, at(0));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0].len(), LINE + "%output %1 ".len());
    assert_eq!(lines[1..], ["%output %1 x"]);
}

#[test]
fn block_holds_back_what_is_none_of_its_own() {
    let mut control = Control::default();
    control.begin(5, 7, 1);
    control.notify("%sessions-changed".to_owned());
    assert!(control.output(ONE, b"x", at(0)));
    control.print(b"said\n");
    control.end(5, 7, 1, false);
    control.begin(6, 8, 0);
    control.end(6, 8, 0, true);
    let wanted = "%begin 5 7 1\nsaid\n%end 5 7 1\n%sessions-changed\n%output %1 x\n\
                  %begin 6 8 0\n%error 6 8 0\n";
    assert_eq!(all(&mut control, at(0)), wanted);
}

#[test]
fn take_waits_for_what_was_sent() {
    let mut control = Control::default();
    control.notify("one".to_owned());
    control.notify("two".to_owned());
    assert_eq!(control.take(1, at(0)), Some(b"one\n".to_vec()));
    assert_eq!(control.take(1, at(0)), None);
    control.taken();
    assert_eq!(control.take(1, at(0)), Some(b"two\n".to_vec()));
}

#[test]
fn pane_that_is_behind_is_paused_until_it_is_continued() {
    let mut control = Control {
        pause_after: Some(Duration::from_secs(1)),
        ..Control::default()
    };
    assert!(control.output(ONE, b"old", at(0)));
    assert!(control.output(TWO, b"young", at(900)));
    assert!(control.output(ONE, b"new", at(1000)));
    assert!(control.output(ONE, b"unseen", at(1100)));
    let wanted = "%extended-output %2 300 : young\n%pause %1\n";
    assert_eq!(all(&mut control, at(1200)), wanted);
    control.resume(ONE);
    control.resume(TWO);
    assert!(control.output(ONE, b"again", at(1300)));
    let wanted = "%continue %1\n%extended-output %1 0 : again\n";
    assert_eq!(all(&mut control, at(1300)), wanted);
}

#[test]
fn pane_that_is_off_is_not_heard() {
    let mut control = Control::default();
    assert!(control.output(ONE, b"gone", at(0)));
    control.switch(ONE, false);
    assert!(control.output(ONE, b"unheard", at(0)));
    control.switch(ONE, true);
    assert!(control.output(ONE, b"heard", at(0)));
    assert_eq!(all(&mut control, at(0)), "%output %1 heard\n");
}

#[test]
fn client_that_takes_nothing_is_too_far_behind() {
    let mut late = Control::default();
    assert!(late.output(ONE, b"x", at(0)));
    assert!(late.output(ONE, &[b'y'; JOINED], at(299_999)));
    assert!(!late.output(ONE, b"z", at(300_000)));
    assert_eq!(late.take_rest(at(0)), b"");

    let piece = vec![b'x'; 64 << 10];
    let mut full = Control::default();
    let taken = (0..1000).take_while(|_| full.output(ONE, &piece, at(0)));
    assert_eq!(taken.count(), MOST_OUTPUT / (piece.len() + ENTRY));
    let mut paused = Control {
        pause_after: Some(Duration::from_secs(9)),
        ..Control::default()
    };
    assert!((0..1000).all(|_| paused.output(ONE, &piece, at(0))));
    assert_eq!(paused.state(ONE), PaneState::Paused);
}

#[test]
fn rest_has_no_output() {
    let mut control = Control::default();
    assert!(control.output(ONE, b"x", at(0)));
    control.notify("%sessions-changed".to_owned());
    control.begin(1, 2, 1);
    control.notify("%window-close @1".to_owned());
    let wanted = b"%sessions-changed\n%begin 1 2 1\n%window-close @1\n";
    assert_eq!(control.take_rest(at(0)), wanted);
}

#[test]
fn watched_is_read_as_tmux_does() {
    for (text, wanted) in [
        ("", Watched::Session),
        ("%*", Watched::Panes),
        ("@*", Watched::Windows),
        ("%3", Watched::Pane(PaneId(3))),
        ("@12", Watched::Window(WindowId(12))),
        ("@x", Watched::Session),
    ] {
        assert_eq!(Watched::parse(text), wanted, "{text}");
    }
}
