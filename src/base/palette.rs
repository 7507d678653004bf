//! xterm's default palette of 256 colours (ctlseqs, OSC 4). What a user made of
//! it is not known here.

/// xterm's defaults for the first sixteen colours.
const BASE: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour that xterm shows for a number of the palette.
#[must_use]
pub const fn palette(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => BASE[index as usize],
        16..=231 => {
            let n = index - 16;
            (
                STEPS[(n / 36) as usize],
                STEPS[(n / 6 % 6) as usize],
                STEPS[(n % 6) as usize],
            )
        }
        232..=255 => {
            let grey = 8 + (index - 232) * 10;
            (grey, grey, grey)
        }
    }
}
