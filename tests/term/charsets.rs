//! Character sets: designation, locking and single shifts.

use super::check;

#[test]
fn sets_are_designated_and_shifted_in() {
    // ECMA-35 §14.3, §9.3: SI, SO, LS2, LS3, SS2, SS3; VT510 SCS.
    // Text beyond ASCII is not shifted, right halves have no use in UTF-8, and
    // unknown sets are ASCII.
    for (input, expected) in [
        ("\x1b(0lqk\x1b(Bq", "┌─┐q"),
        ("\x1b(A#", "£"),
        ("\x1b(A#\x1b(B#", "£#"),
        ("\x1b)0q\x0eq\x0fq", "q─q"),
        ("\x1b*0\x1bnqq", "──"),
        ("\x1b+0\x1boq\x0fq", "─q"),
        ("\x1b*0\x1bNqq", "─q"),
        ("\x1b+A\x1bO##", "£#"),
        ("\x1b*0\u{8e}qq", "─q"),
        ("\x1b(0\x1bcq", "q"),
        ("\x1b(0é─q", "é──"),
        ("\x1b~\x1b}\x1b|q", "q"),
        ("\x1b(yq", "q"),
        ("\x1b%Gq\x1b%@q", "qq"),
        ("\x1b(0`afgjmno", "◆▒°±┘└┼⎺"),
        ("\x1b(0ptuvwx~", "⎻├┤┴┬│·"),
    ] {
        let width = expected.chars().count() as u16;
        check(&[(input, expected, width + 1, 1)]);
    }
}

#[test]
fn national_sets_need_their_mode() {
    // VT510 DECNRCM and its table of replacement sets.
    check(&[
        ("\x1b(K[\\]{|}~", "[\\]{|}~", 8, 1),
        ("\x1b[?42h\x1b(K[\\]{|}~", "ÄÖÜäöüß", 8, 1),
        ("\x1b[?42h\x1b(R#@[\\]", "£à°ç§", 6, 1),
        ("\x1b[?42h\x1b(Y`{|}~", "ùàòèì", 6, 1),
        ("\x1b[?42h\x1b(%6[\\]", "ÃÇÕ", 4, 1),
        ("\x1b[?42h\x1b(Zab|", "abñ", 4, 1),
        ("\x1b[?42h\x1b(A#", "£", 2, 1),
        // The supplemental set, as 94 and as 96 characters.
        ("\x1b)<\x0ed\x0fd", "äd", 3, 1),
        ("\x1b-A\x0ed\x0fd", "äd", 3, 1),
    ]);
}
