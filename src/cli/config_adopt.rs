//! A tmux.conf made into the native file. What stands before the first command
//! that does something becomes tables; from there on the file is kept in its own
//! language, since its order counts. Nothing is lost: what cannot be taken stays
//! as a comment with the reason, and the tables are read back and compared.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::command::Command;
use crate::config::{self, OptionName, find_option};
use crate::exec;

use super::config_trial::{Finding, Grade, Step, Trial};
use super::config_units::{Kind, Unit, units};
use super::config_write::{Tables, string};

/// What came of a tmux.conf.
pub(super) struct Adopted {
    /// The native file.
    pub(super) native: String,
    /// What goes on in tmux's language, if anything does.
    pub(super) copy: Option<String>,
    /// What was done, for a person.
    pub(super) report: String,
}

/// One unit that could not be taken.
struct Refused {
    unit: Unit,
    reason: String,
}

/// Makes a native file of a text; what goes on in tmux's language is to be
/// written to `copy_to`, and all of it when `only_copy` says so.
pub(super) fn adopt(name: &str, text: &str, copy_to: &Path, only_copy: bool) -> Adopted {
    let all = units(text);
    let mut trial = Trial::new();
    let (_, steps) = trial.text(name, text, 0);
    let refused = refused(name, &all, &trial.findings);
    let split = if only_copy {
        0
    } else {
        static_until(text, &all, &steps, &refused)
    };
    let tables = tables(text, &all[..split], &refused);
    let (tables, split) = match tables {
        Some(tables) => (tables, split),
        None => (Tables::default(), 0),
    };
    let (before, after) = all.split_at(split);
    let rest = after.iter().any(|unit| unit.kind != Kind::Blank);
    let copy = rest.then(|| copied(name, text, after, &refused));
    let native = native(name, text, before, after, &tables, &refused, copy_to);
    let report = report(name, &tables, &trial.findings, after, copy_to, rest);
    Adopted {
        native,
        copy,
        report,
    }
}

fn refused(name: &str, all: &[Unit], findings: &[Finding]) -> Vec<Refused> {
    let own = findings
        .iter()
        .filter(|finding| finding.grade == Grade::Fault && finding.file == name);
    let mut refused: Vec<Refused> = Vec::new();
    for finding in own {
        let unit = all.iter().find(|unit| unit.has(finding.line));
        let Some(unit) = unit.filter(|unit| unit.kind == Kind::Commands) else {
            continue;
        };
        if refused.iter().all(|known| known.unit != *unit) {
            let help = config::suggest::remedy(&finding.message);
            let help = help.map(|help| format!("; {help}")).unwrap_or_default();
            refused.push(Refused {
                unit: *unit,
                reason: format!("{}{help}", finding.message),
            });
        }
    }
    refused
}

/// How many units at the beginning say what tables can say, whatever their order.
fn static_until(text: &str, all: &[Unit], steps: &[Step], refused: &[Refused]) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let fits = |unit: &Unit| {
        if unit.kind == Kind::Blank || refused.iter().any(|known| known.unit == *unit) {
            return true;
        }
        if unit.kind == Kind::Directive {
            return false;
        }
        let own = lines.get(unit.first - 1..unit.last).unwrap_or_default();
        // What a variable or a home is may change.
        let fixed = own.iter().all(|line| !line.contains(['$', '~']));
        let mut steps = steps.iter().filter(|step| unit.has(step.line)).peekable();
        fixed && steps.peek().is_some() && steps.all(|step| !step.failed && is_static(step))
    };
    all.iter().take_while(|unit| fits(unit)).count()
}

/// Whether a command only sets what a table can say.
fn is_static(step: &Step) -> bool {
    match &step.call.command {
        Command::SetOption(args) => {
            !(args.expand || args.only_new || args.unset || args.unset_panes || args.quiet)
                && args.target.is_none()
                && (args.append || args.value.is_some())
        }
        Command::SetWindowOption(args) => {
            !(args.expand || args.only_new || args.unset || args.quiet)
                && args.target.is_none()
                && (args.append || args.value.is_some())
        }
        Command::BindKey(args) => !args.command.is_empty(),
        Command::UnbindKey(args) => !args.all && args.key.is_some(),
        Command::SetEnvironment(args) => {
            args.global && !args.unset && !args.remove && !args.hidden && !args.expand
        }
        Command::SetHook(args) => {
            args.global && !args.unset && !args.run && !args.event && args.monitor.is_none()
        }
        _ => false,
    }
}

/// The tables that say what some units say; none if they would not mean the same.
fn tables(text: &str, before: &[Unit], refused: &[Refused]) -> Option<Tables> {
    let kept: Vec<Unit> = before
        .iter()
        .filter(|unit| refused.iter().all(|known| known.unit != **unit))
        .copied()
        .collect();
    let mut only = String::new();
    for (line, number) in text.lines().zip(1..) {
        if kept.iter().any(|unit| unit.has(number)) {
            only.push_str(line);
        }
        only.push('\n');
    }
    let mut trial = Trial::new();
    let (gone, steps) = trial.text("", &only, 0);
    if !gone.is_empty() || steps.iter().any(|step| step.failed) {
        return None;
    }
    let mut tables = Tables::default();
    for step in &steps {
        note(&mut tables, step)?;
    }
    tables.read(&trial.mux)?;
    // The tables are taken only if a server would end up the same.
    let loaded = config::load(&tables.text(), "", &|_| None).ok()?;
    let mut again = Trial::new();
    let left = exec::take_settings(&mut again.mux, loaded);
    let same = left.is_empty()
        && again.mux.options == trial.mux.options
        && again.mux.environ.to_pairs() == trial.mux.environ.to_pairs()
        && super::config_write::same_keys(&again.mux.bindings, &trial.mux.bindings);
    same.then_some(tables)
}

/// Notes what a command has set.
fn note(tables: &mut Tables, step: &Step) -> Option<()> {
    let option = |name: &str| find_option(name).ok();
    match &step.call.command {
        Command::SetOption(args) => tables.option(option(&args.option)?),
        Command::SetWindowOption(args) => tables.option(option(&args.option)?),
        Command::SetHook(args) => tables.hook(option(args.hook.as_deref()?)?),
        Command::SetEnvironment(args) => tables.variable(&args.name),
        Command::BindKey(args) => {
            let table = args.table.as_deref();
            tables.key(
                table.unwrap_or(if args.root { "root" } else { "prefix" }),
                &args.key,
            )?;
        }
        Command::UnbindKey(args) => {
            let table = args.table.as_deref();
            let table = table.unwrap_or(if args.root { "root" } else { "prefix" });
            tables.key(table, args.key.as_deref()?)?;
        }
        _ => return None,
    }
    Some(())
}

/// The lines of a unit as a comment, with the reason before them.
fn comment(text: &str, unit: Unit, reason: &str, out: &mut String) {
    let _ = writeln!(out, "# NOT TAKEN ({}):", crate::base::Label::new(reason));
    for line in lines_of(text, unit) {
        let _ = writeln!(out, "#   {line}");
    }
}

fn lines_of(text: &str, unit: Unit) -> impl Iterator<Item = &str> {
    text.lines()
        .skip(unit.first - 1)
        .take(unit.last + 1 - unit.first)
}

/// What goes on in tmux's language.
fn copied(name: &str, text: &str, after: &[Unit], refused: &[Refused]) -> String {
    let first = after.first().map_or(1, |unit| unit.first);
    let mut out = format!("# {name} from line {first} on, adopted by stepmux.\n\n");
    for unit in after {
        if let Some(known) = refused.iter().find(|known| known.unit == *unit) {
            comment(text, *unit, &known.reason, &mut out);
            continue;
        }
        for line in lines_of(text, *unit) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn native(
    name: &str,
    text: &str,
    before: &[Unit],
    after: &[Unit],
    tables: &Tables,
    refused: &[Refused],
    copy_to: &Path,
) -> String {
    let mut out = format!("# {name}, adopted by stepmux; see stepmux-config(5).\n");
    for unit in before {
        if let Some(known) = refused.iter().find(|known| known.unit == *unit) {
            comment(text, *unit, &known.reason, &mut out);
        } else if unit.kind == Kind::Blank {
            for line in lines_of(text, *unit).filter(|line| !line.trim().is_empty()) {
                // A control character would be no TOML.
                let _ = writeln!(out, "{}", crate::base::Label::new(line.trim_start()));
            }
        }
    }
    if after.iter().any(|unit| unit.kind != Kind::Blank) {
        let path = crate::command::quote(&copy_to.to_string_lossy());
        let command = string(&format!("source-file {path}"));
        let first = after.first().map_or(1, |unit| unit.first);
        let _ = writeln!(
            out,
            "\n# From line {first} on the order counts: it is kept in tmux's language.\n\
             commands = [{command}]"
        );
    }
    let body = tables.text();
    if !body.is_empty() {
        out.push('\n');
        out.push_str(&body);
    }
    out
}

fn report(
    name: &str,
    tables: &Tables,
    findings: &[Finding],
    after: &[Unit],
    copy_to: &Path,
    rest: bool,
) -> String {
    let mut out = format!("  in tables: {}\n", tables.counts());
    if rest {
        let first = after.first().map_or(1, |unit| unit.first);
        let _ = writeln!(
            out,
            "  in tmux's language: {name} from line {first} on, in {}",
            copy_to.display()
        );
    }
    let mut seen = BTreeSet::new();
    for (grade, title) in [
        (Grade::Fault, "not taken, kept as comments:"),
        (Grade::Warning, "refused if their condition holds:"),
        (Grade::Note, "not tried here, run when a server starts:"),
    ] {
        let own: Vec<String> = findings
            .iter()
            .filter(|finding| finding.grade == grade)
            .map(Finding::shown)
            .filter(|shown| seen.insert(shown.clone()))
            .collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(out, "  {title}");
        for line in own.iter().flat_map(|shown| shown.lines()) {
            let _ = writeln!(out, "    {line}");
        }
    }
    out
}

/// The name of an option as a table has it.
pub(super) fn plain(name: &OptionName) -> String {
    name.name().to_owned()
}
