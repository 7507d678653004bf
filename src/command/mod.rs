//! The command language: lexer, the table of commands with their typed
//! arguments, the grammar of targets, and what is generated from the table.
//! It parses to plain data. It runs nothing, looks up no session, and knows of
//! no client; `exec` does.
//!
//! ```text
//! text ──lex──▶ words ──parse──▶ Command (an enum of argument structs)
//! argv ─split──▶ words              │ name, needs, usage from its Row
//! ```

pub mod args;
mod blocks;
pub mod call;
pub mod expect;
pub mod getopt;
mod grammar;
mod join;
pub mod lex;
pub mod needs;
pub mod number;
pub mod print;
pub mod table;
pub mod target;
pub mod usage;

pub use blocks::settle_blocks;
pub use call::Call;
pub use getopt::ParseError;
pub use lex::{
    Assigned, Assignment, Group, Item, LexError, Source, Word, lex, lex_words, read, read_into,
    split_argv, split_words,
};
pub use needs::Need;
pub use number::number;
pub use print::{print, print_all, quote};
pub use table::{Command, Family, Row, expand_alias, find, parse, parse_words, table};
pub use target::{Target, TargetSpec};
pub use usage::{man_family, man_section, usage};
