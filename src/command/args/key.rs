//! Arguments of the commands on key bindings. Data only: nothing here runs.

use clap::Args;

use crate::command::lex::Word;

/// Arguments of `list-keys`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListKeys {
    /// Only the first that matches.
    #[arg(short = '1')]
    pub first: bool,
    /// With -N, also the keys without a note.
    #[arg(short = 'a')]
    pub all: bool,
    /// Print the keys' notes, of the root and prefix tables by default.
    #[arg(short = 'N')]
    pub notes: bool,
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each binding.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Sort by this: key, table or modifier.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
    /// Print this before each key.
    #[arg(short = 'P', value_name = "prefix-string")]
    pub prefix: Option<String>,
    /// Only this table.
    #[arg(short = 'T', value_name = "key-table")]
    pub table: Option<String>,
    /// Only this key.
    #[arg(value_name = "key")]
    pub key: Option<String>,
}

/// Arguments of `bind-key`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct BindKey {
    /// The root table: -T root.
    #[arg(short = 'n')]
    pub root: bool,
    /// The key may be repeated within repeat-time.
    #[arg(short = 'r')]
    pub repeat: bool,
    /// Table to bind in; prefix by default.
    #[arg(short = 'T', value_name = "key-table")]
    pub table: Option<String>,
    /// What the key does, for list-keys -N.
    #[arg(short = 'N', value_name = "note")]
    pub note: Option<String>,
    /// Key to bind.
    #[arg(value_name = "key")]
    pub key: String,
    /// Command to run, one string or as many words.
    #[arg(value_name = "command")]
    pub command: Vec<String>,
    /// The same with their blocks, where they are known.
    #[arg(skip)]
    pub words: Vec<Word>,
}

/// Arguments of `unbind-key`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct UnbindKey {
    /// Every key of the table.
    #[arg(short = 'a')]
    pub all: bool,
    /// The root table: -T root.
    #[arg(short = 'n')]
    pub root: bool,
    /// No error when there is nothing to unbind.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// Table to unbind in; prefix by default.
    #[arg(short = 'T', value_name = "key-table")]
    pub table: Option<String>,
    /// Key to unbind.
    #[arg(value_name = "key")]
    pub key: Option<String>,
}
