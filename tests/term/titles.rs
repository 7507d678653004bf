//! Titles of window and icon, and what is told of them.

use super::answers;

#[test]
fn titles_are_told_without_what_a_shell_could_read() {
    // xterm XTWINOPS 20, 21; the rest of the text is for the viewers only.
    answers(&[
        ("\x1b]2;test 12.5\x07\x1b[21t", "\x1b]ltest 12.5\x1b\\"),
        ("\x1b]1;icon\x07\x1b[20t", "\x1b]Licon\x1b\\"),
        (
            "\x1b]0;both\x07\x1b[20t\x1b[21t",
            "\x1b]Lboth\x1b\\\x1b]lboth\x1b\\",
        ),
        (
            "\x1b]2;$(rm -rf /)`;\r\n\x07\x1b[21t",
            "\x1b]l__rm _rf ____\x1b\\",
        ),
        ("\x1b[20t\x1b[21t", "\x1b]L\x1b\\\x1b]l\x1b\\"),
    ]);
}

#[test]
fn titles_are_put_aside_and_taken_back() {
    // xterm XTWINOPS 22, 23: one stack; what is not pushed is as below it.
    let both = "\x1b[20t\x1b[21t";
    for (input, icon, window) in [
        ("\x1b]0;a\x07\x1b[22;0t\x1b]0;x\x07\x1b[23;0t", "a", "a"),
        ("\x1b]0;a\x07\x1b[22t\x1b]0;x\x07\x1b[23t", "a", "a"),
        ("\x1b]0;a\x07\x1b[22;0t\x1b]0;x\x07\x1b[23;1t", "a", "x"),
        (
            "\x1b]0;a\x07\x1b[22;0t\x1b]0;x\x07\x1b[23;1t\x1b[23;2t",
            "a",
            "x",
        ),
        ("\x1b]0;a\x07\x1b[22;0t\x1b]0;x\x07\x1b[23;2t", "x", "a"),
        (
            "\x1b]2;w\x07\x1b]1;i\x07\x1b[22;1t\x1b[22;2t\x1b]0;x\x07\x1b[23;0t",
            "i",
            "w",
        ),
        (
            "\x1b]1;i\x07\x1b[22;1t\x1b]1;j\x07\x1b[22;1t\x1b]1;x\x07\x1b[23;1t",
            "j",
            "",
        ),
        (
            "\x1b]1;i\x07\x1b[22;1t\x1b]1;j\x07\x1b[22;1t\x1b[23;1t\x1b[23;1t",
            "i",
            "",
        ),
        ("\x1b[23;0t\x1b]0;x\x07\x1b[23;0t", "x", "x"),
    ] {
        let reply = format!("\x1b]L{icon}\x1b\\\x1b]l{window}\x1b\\");
        answers(&[(&format!("{input}{both}"), &reply)]);
    }
}

#[test]
fn titles_are_written_in_hexadecimal_where_asked_for() {
    // xterm XTSMTITLE, XTRMTITLE.
    answers(&[
        ("\x1b[>0t\x1b]2;6162\x07\x1b[21t", "\x1b]lab\x1b\\"),
        ("\x1b[>1t\x1b]2;ab\x07\x1b[21t", "\x1b]l6162\x1b\\"),
        ("\x1b[>0;1t\x1b]1;61\x07\x1b[20t", "\x1b]L61\x1b\\"),
        (
            "\x1b[>0t\x1b[>0T\x1b]2;6162\x07\x1b[21t",
            "\x1b]l6162\x1b\\",
        ),
        (
            "\x1b[>0;1t\x1b[>t\x1b]2;6162\x07\x1b[21t",
            "\x1b]l6162\x1b\\",
        ),
        ("\x1b[>0;1t\x1bc\x1b]2;6162\x07\x1b[21t", "\x1b]l6162\x1b\\"),
        ("\x1b[>0t\x1b]2;6\x07\x1b[21t", "\x1b]l\x1b\\"),
    ]);
}
