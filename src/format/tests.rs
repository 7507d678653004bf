//! Formats by example (tmux(1), "FORMATS").

use crate::base::{Now, Size};
use crate::config::{Bindings, Global};
use crate::mux::effect::{Program, SpawnSpec};
use crate::mux::{Environ, Mux, NewPane, ServerInfo};

use super::*;

/// 2020-09-13 12:26:40 UTC.
const NOW: Now = Now {
    mono: std::time::Duration::ZERO,
    unix_us: 1_600_000_000_000_000,
    utc_offset: 0,
};

fn mux() -> Mux {
    let server = ServerInfo {
        host: "vm.example".into(),
        started: NOW,
        ..ServerInfo::default()
    };
    let environ = Environ::from_pairs(&[("COLOUR".into(), "blue".into())]);
    let mut mux = Mux::new(server, Global::default(), Bindings::default(), environ);
    for name in ["build", "other"] {
        mux.new_session(name, Size::DEFAULT, Some("make"), pane())
            .unwrap();
    }
    mux
}

fn pane() -> NewPane {
    NewPane {
        spec: SpawnSpec {
            program: Program::Argv(vec!["make".into()]),
            cwd: "/src".into(),
            env: Vec::new(),
            size: Size::DEFAULT,
        },
        command: "make".into(),
    }
}

fn shown(template: &str) -> String {
    let mut mux = mux();
    mux.now = NOW;
    let session = mux.session_named("build").unwrap();
    let vars = [
        ("path".to_owned(), "/usr/lib/libx.so".to_owned()),
        ("long".to_owned(), "abcdefghij".to_owned()),
        ("when".to_owned(), "1600000000".to_owned()),
        ("inner".to_owned(), "#{session_name}".to_owned()),
        ("yes".to_owned(), "1".to_owned()),
        ("no".to_owned(), "0".to_owned()),
    ];
    let scope = Scope::of_session(&mux, session).with_vars(&vars);
    expand(template, &mux, &scope)
}

#[test]
fn variables_and_aliases_expand() {
    for (template, text) in [
        ("#{session_name}:#I.#P", "build:0.0"),
        ("#S #W #h #H", "build make vm vm.example"),
        ("#{session_id} #{window_id} #{pane_id}", "$0 @0 %0"),
        ("#{pane_width}x#{pane_height}", "80x24"),
        ("#{COLOUR}", "blue"),
        ("#{nothing}|", "|"),
        ("#{base-index} #{mouse}", "0 1"),
        ("##S #, #} #x", "#S , } #x"),
        ("### #### a#", "## ## a"),
        ("##[x] ###[fg=red]", "##[x] ###[fg=red]"),
        ("#[fg=#S]", "#[fg=#S]"),
        ("#[fg=#{session_name}]", "#[fg=build]"),
        ("#[fg=red]x#[default]", "#[fg=red]x#[default]"),
        ("#{window_flags}", "*"),
        ("#{session_windows}", "1"),
        ("not closed #{session_name", "not closed "),
    ] {
        assert_eq!(shown(template), text, "{template}");
    }
}

#[test]
fn conditionals_choose() {
    for (template, text) in [
        ("#{?yes,a,b}", "a"),
        ("#{?no,a,b}", "b"),
        ("#{?nothing,a,b}", "b"),
        ("#{?no,a,yes,b,c}", "b"),
        ("#{?no,a,no,b,c}", "c"),
        ("#{?no,a}", ""),
        ("#{?#{==:#S,build},#{session_name}#,,x}", "build,"),
        ("#{?1,a,b}#{?yes}#{?yes,a}", "byesa"),
        ("#{&&:1,#{yes}} #{&&:1,0} #{||:0,0} #{||:no,0}", "1 0 0 1"),
        ("#{&&:1,1,0} #{&&:1,1,1} #{||:0,0,1}", "0 1 1"),
        ("#{!:yes} #{!!:long} #{!:0} #{!!:}", "0 1 1 0"),
        ("#{==:a#,b,a,b}#{==:a,a,a}", "10"),
        ("#{m/z:abc,axbxc} #{m/p:abc,axbxc}", "1 0,2,4"),
        ("#{m/z:^dev | ^prod,prod:1}#{m/z:!d,dev}", "10"),
        ("#{==:a,a}#{!=:a,a}#{<:a,b}#{>=:a,b}", "1010"),
        ("#{m:b*d,#S}#{m/r:^b.+d$,#S}#{m/i:BUILD,#S}", "111"),
        (
            "#{e|+:2,3} #{e|/|f|3:1,3} #{e|/:1,0}| #{e|<:2,10}",
            "5 0.333 -9223372036854775808| 1",
        ),
    ] {
        assert_eq!(shown(template), text, "{template}");
    }
}

#[test]
fn modifiers_shape_values() {
    for (template, text) in [
        ("#{=3:long}", "abc"),
        ("#{=-3:long}", "hij"),
        ("#{=/3/...:long}", "abc..."),
        ("#{p12:long}|#{p-12:long}", "abcdefghij  |  abcdefghij"),
        ("#{b:path} #{d:path}", "libx.so /usr/lib"),
        ("#{s/a(.)/<\\1>/:long}", "<b>cdefghij"),
        ("#{n:long} #{w:long}", "10 10"),
        ("#{l:#{x}}", "#{x}"),
        ("#{E:inner}", "build"),
        ("#{a:65}", "A"),
        ("#{R:ab,3}", "ababab"),
        ("#{t:when}", "Sun Sep 13 12:26:40 2020"),
        ("#{t/f/%H#:%M:when}", "12:26"),
        ("#{N/s:other}#{N/s:none}#{N:make}", "101"),
        ("#{q:path}", "/usr/lib/libx.so"),
        ("#{=2;b:path}", "li"),
        ("#{b:#{path}}", "/usr/lib/libx.so"),
        ("#{w;=3:long} #{n;p12:long}", "3 12"),
        ("#{c:red} #{c:colour123} #{c:nosuch}", "800000 87ffff "),
        ("#{c/f:red}#{c/b:#aabbcc}", "\x1b[31m\x1b[48;2;170;187;204m"),
        (
            "#{q/s:inner} #{q/h:inner}",
            "'#{session_name}' ##{session_name}",
        ),
        ("#{t/d:when} #{t/r:when}", "0 0s"),
        ("#{R:ab,10001}#{p10001:no}#{=3;p5:long}|", "0abc  |"),
    ] {
        assert_eq!(shown(template), text, "{template}");
    }
}

#[test]
fn loops_visit_everything() {
    assert_eq!(shown("#{S:#{session_name} }"), "build other ");
    assert_eq!(shown("#{S/nr:#{session_name} }"), "other build ");
    assert_eq!(
        shown("#{W:#{next_window_index}/#{window_after_active}}"),
        "/0"
    );
    assert_eq!(shown("#{S:#{session_format}#{window_format}}"), "1010");
    assert_eq!(shown("#{L:x}#{V/g:x}#{O/v:x}"), "");
    assert_eq!(shown("#{W:#{window_index},[#{window_index}]}"), "[0]");
    assert_eq!(shown("#{P:#{pane_id}#{?loop_last_flag,,-}}"), "%0");
}

#[test]
fn strftime_runs_before_the_format() {
    let mux = mux();
    let scope = Scope {
        now: NOW,
        ..Scope::default()
    };
    assert_eq!(
        expand_time("%H:%M %d-%b-%y", &mux, &scope),
        "12:26 13-Sep-20"
    );
    assert_eq!(expand("%H", &mux, &scope), "%H");
}

#[test]
fn expansion_is_bounded() {
    let mut mux = mux();
    mux.environ.set("LOOP", "#{E:LOOP}#{E:LOOP}", false);
    let scope = Scope::default();
    assert!(expand("#{E:LOOP}", &mux, &scope).len() <= 2 << 20);
    assert!(expand(&"#{".repeat(10_000), &mux, &scope).is_empty());
    assert!(expand("#{R:aaaaaaaa,99999999}", &mux, &scope).len() <= 2 << 20);
}
