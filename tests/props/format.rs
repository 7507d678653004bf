//! Formats: any text expands, to a bounded one, and to the same one each time.

use stepmux::base::{Now, Size};
use stepmux::config::{Bindings, Global};
use stepmux::format::{Scope, expand, expand_time, fnmatch, truthy};
use stepmux::mux::effect::{Program, SpawnSpec};
use stepmux::mux::{Environ, Mux, NewPane, ServerInfo};

use super::text;

/// The longest result of an expansion, in bytes.
const LONGEST: usize = 3 << 20;

thread_local! {
    /// Expanding changes nothing, so one model serves every call.
    static MUX: Mux = model();
}

fn model() -> Mux {
    let server = ServerInfo {
        host: "vm.example".into(),
        started: Now {
            unix_us: 1_600_000_000_000_000,
            ..Now::default()
        },
        ..ServerInfo::default()
    };
    let environ = Environ::from_pairs(&[("COLOUR".into(), "blue".into())]);
    let mut mux = Mux::new(server, Global::default(), Bindings::default(), environ);
    for name in ["build", "other"] {
        let pane = NewPane {
            spec: SpawnSpec {
                program: Program::Argv(vec!["make".into()]),
                cwd: "/src".into(),
                env: Vec::new(),
                size: Size::DEFAULT,
            },
            command: "make".into(),
        };
        let made = mux.new_session(name, Size::DEFAULT, Some("make"), pane);
        assert!(made.is_ok());
    }
    mux
}

/// The text of a format; a part after NUL is a variable's text, which formats
/// may expand in turn.
pub fn format_expand(data: &[u8]) {
    MUX.with(|mux| expanded(&text(data), mux));
}

fn expanded(text: &str, mux: &Mux) {
    let (format, inner) = text.split_once('\0').unwrap_or((text, "#{session_name}"));
    let vars = [
        ("path".to_owned(), "/usr/lib/libx.so".to_owned()),
        ("when".to_owned(), "1600000000".to_owned()),
        ("inner".to_owned(), inner.to_owned()),
        ("yes".to_owned(), "1".to_owned()),
    ];
    let session = mux.session_named("build");
    let scope = session.map_or_else(Scope::default, |id| Scope::of_session(mux, id));
    let scope = scope.with_vars(&vars);
    let first = expand(format, mux, &scope);
    assert!(first.len() <= LONGEST + format.len(), "{}", first.len());
    assert_eq!(first, expand(format, mux, &scope));
    let timed = expand_time(format, mux, &scope.trusted());
    assert!(timed.len() <= LONGEST + 64 * format.len());
    if !format.contains(['#', '%']) {
        assert_eq!(first, format, "plain text is itself");
        assert_eq!(timed, format);
    }
    let _ = truthy(&first);
    let _ = fnmatch(format, inner, false);
    assert!(fnmatch("*", inner, true));
}
