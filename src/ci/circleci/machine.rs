//! Where a job runs: executor, image, shell, variables and directory. Images are
//! named for people; none is fetched, and credentials for them are not read.

use super::super::functions::quote;
use super::super::model::{Ask, EnvVar};
use super::super::outline;
use super::super::travis_env::is_name;
use super::super::yaml::{CiError, Node, Place, Value};
use super::params::{Call, bind};
use super::space::{Element, Orb, Space};
use super::template::Scope;
use super::{Loader, template};

/// The keys of an element that describe it.
pub(super) const DECLARATIONS: &[&str] = &["parameters", "description"];

/// A job's surroundings.
#[derive(Default)]
pub(super) struct Machine {
    pub(super) image: Option<String>,
    pub(super) os: String,
    /// The argv of its shell; the script is the last argument.
    pub(super) shell: Vec<String>,
    pub(super) env: Vec<EnvVar>,
    pub(super) asks: Vec<Ask>,
    pub(super) cwd: Option<String>,
}

/// An executor's keys, each from the job or from its executor.
struct Keys<'a> {
    job: &'a Node,
    executor: Option<&'a Node>,
}

impl Keys<'_> {
    fn get(&self, key: &str) -> Option<&Node> {
        let found = |node: &'_ Node| !matches!(node.value, Value::Null);
        let own = self.job.get(key).filter(|node| found(node));
        own.or_else(|| self.executor?.get(key).filter(|node| found(node)))
    }
}

impl Loader<'_> {
    /// The surroundings of an expanded job.
    pub(super) fn machine(&mut self, job: &Node, space: &Space<'_>) -> Result<Machine, CiError> {
        let mut machine = Machine::default();
        let mut shell = None;
        let executor = match job.get("executor") {
            Some(node) => self.executor(node, space, &mut machine, &mut shell)?,
            None => None,
        };
        let keys = Keys {
            job,
            executor: executor.as_ref(),
        };
        self.image(&keys, &mut machine);
        let primary = keys
            .get("docker")
            .and_then(|node| node.items().first())
            .and_then(|image| image.get("environment"));
        let executors = executor.as_ref().and_then(|node| node.get("environment"));
        let mut asks = Vec::new();
        for node in [primary, executors, job.get("environment")]
            .into_iter()
            .flatten()
        {
            self.environment(node, &mut machine.env, &mut asks);
        }
        last_wins(&mut machine.env);
        machine.asks = asks;
        let text = |node: Option<&Node>| node.and_then(Node::text).map(str::to_owned);
        let mut ignored = Vec::new();
        machine.cwd =
            text(keys.get("working_directory")).map(|dir| self.template.finish(&dir, &mut ignored));
        let given = text(keys.get("shell"))
            .or(shell)
            .or_else(|| text(keys.get("machine").and_then(|node| node.get("shell"))));
        machine.shell = match given {
            Some(shell) => argv(&self.template.finish(&shell, &mut ignored)),
            None => default_shell(&machine.os),
        };
        Ok(machine)
    }

    /// The executor that a job names, expanded; none for one of a published orb.
    fn executor(
        &mut self,
        node: &Node,
        space: &Space<'_>,
        machine: &mut Machine,
        shell: &mut Option<String>,
    ) -> Result<Option<Node>, CiError> {
        let (name, arguments) = invocation(node);
        let Some(name) = name else {
            return Err(self
                .template
                .error(node.place, "the name of an executor is expected here"));
        };
        if template::is_open(&name) {
            machine.image = Some(format!("executor {name}"));
            return Ok(None);
        }
        if let Some((found, home)) = space.find(Element::Executor, &name) {
            return self
                .run_executor(&name, found, &arguments, node.place, home)
                .map(Some);
        }
        let orb = name
            .split_once('/')
            .and_then(|(alias, rest)| Some((rest, space.orb(alias)?)));
        match orb {
            Some((rest, Orb::Inline(inline))) => {
                let prefix = name.strip_suffix(rest).unwrap_or_default();
                let home = Space::new(inline, Some(space), prefix);
                self.template.spend(home.cost(), node.place)?;
                let Some((found, home)) = home.find(Element::Executor, rest) else {
                    return Err(self.unknown_executor(&name, node.place));
                };
                self.run_executor(&name, found, &arguments, node.place, home)
                    .map(Some)
            }
            Some((_, Orb::External(reference))) => {
                let message =
                    format!("the executor {name} is in the orb {reference}, which is not fetched");
                self.warn(node.place, &message);
                let words: Vec<String> = arguments
                    .iter()
                    .filter(|(key, _)| key != "shell")
                    .map(|(key, value)| format!("; {key}: {}", outline::line(value)))
                    .collect();
                let words = words.concat();
                machine.image = Some(format!("executor {name} (orb {reference}{words})"));
                machine.os = external_os(reference).to_owned();
                *shell = arguments
                    .iter()
                    .find(|(key, _)| key == "shell")
                    .and_then(|(_, value)| value.text())
                    .map(str::to_owned);
                Ok(None)
            }
            Some((_, Orb::Empty)) => {
                let message = format!("the executor {name} is in an orb without content");
                self.warn(node.place, &message);
                machine.image = Some(format!("executor {name}"));
                Ok(None)
            }
            None => Err(self.unknown_executor(&name, node.place)),
        }
    }

    fn unknown_executor(&self, name: &str, place: Place) -> CiError {
        let name = crate::base::Label::new(name);
        let message = format!("there is no executor `{name}`");
        self.template.error(place, &message)
    }

    fn run_executor(
        &mut self,
        name: &str,
        found: &Node,
        arguments: &[(String, Node)],
        place: Place,
        home: &Space<'_>,
    ) -> Result<Node, CiError> {
        let call = Call {
            what: &format!("the executor {}", home.full(name)),
            declared: found.get("parameters"),
            arguments,
            place,
            uncalled: false,
        };
        let bindings = bind(self.template, self.pipeline, &call)?;
        let scope = Scope {
            parameters: Some(&bindings),
            matrix: None,
            pipeline: self.pipeline,
        };
        self.template.body(found, scope, DECLARATIONS)
    }

    /// Image and operating system, in words.
    fn image(&mut self, keys: &Keys<'_>, machine: &mut Machine) {
        let class = keys.get("resource_class").and_then(Node::text);
        let mut ignored = Vec::new();
        let mut words = None;
        if let Some(docker) = keys.get("docker") {
            let images: Vec<&str> = docker
                .items()
                .iter()
                .filter_map(|image| image.get("image").unwrap_or(image).text())
                .collect();
            words = Some(match images.split_first() {
                Some((first, [])) => (*first).to_owned(),
                Some((first, services)) => format!("{first}, beside {}", services.join(", ")),
                None => "docker".to_owned(),
            });
            "linux".clone_into(&mut machine.os);
        } else if let Some(node) = keys.get("macos") {
            let xcode = node.get("xcode").and_then(Node::text).unwrap_or_default();
            words = Some(format!("macos, xcode {xcode}"));
            "macos".clone_into(&mut machine.os);
        } else if let Some(node) = keys.get("machine") {
            let image = node.get("image").unwrap_or(node).text();
            let image = image.filter(|image| *image != "true");
            let windows = [image, class]
                .into_iter()
                .flatten()
                .any(|text| text.starts_with("windows"));
            words = Some(image.map_or_else(|| "machine".to_owned(), |i| format!("machine {i}")));
            machine.os = if windows { "windows" } else { "linux" }.to_owned();
        } else if let Some(node) = keys.get("windows") {
            words = Some(format!("windows {}", outline::line(node)));
            "windows".clone_into(&mut machine.os);
        }
        if words.is_none() && machine.os.is_empty() {
            "linux".clone_into(&mut machine.os);
        }
        let words = words.or(machine.image.take());
        machine.image = match (words, class) {
            (Some(words), Some(class)) => Some(format!("{words} ({class})")),
            (None, Some(class)) => Some(class.to_owned()),
            (words, None) => words,
        }
        .map(|text| self.template.finish(&text, &mut ignored));
    }

    /// The variables of an `environment`: a map, or a list of maps and `NAME=value`.
    /// CircleCI takes values literally.
    pub(super) fn environment(&mut self, node: &Node, env: &mut Vec<EnvVar>, asks: &mut Vec<Ask>) {
        match &node.value {
            Value::Null => {}
            Value::Text(line) => {
                let (name, value) = line.split_once('=').unwrap_or((line, ""));
                self.variable(name.trim(), value, node.place, env, asks);
            }
            Value::List(items) => {
                for item in items {
                    self.environment(item, env, asks);
                }
            }
            Value::Map(entries) => {
                for (name, value) in entries {
                    match &value.value {
                        Value::Null => self.variable(name, "", value.place, env, asks),
                        Value::Text(text) => self.variable(name, text, value.place, env, asks),
                        Value::List(_) | Value::Map(_) => {
                            let text = outline::line(value);
                            self.variable(name, &text, value.place, env, asks);
                        }
                    }
                }
            }
        }
    }

    fn variable(
        &mut self,
        name: &str,
        value: &str,
        place: Place,
        env: &mut Vec<EnvVar>,
        asks: &mut Vec<Ask>,
    ) {
        if !is_name(name) {
            let name = crate::base::Label::new(name);
            let message = format!("`{name}` is no name of a variable and is left out");
            self.warn(place, &message);
            return;
        }
        let value = quote(&self.template.finish(value, asks));
        env.push(EnvVar {
            name: name.to_owned(),
            value,
            secure: false,
        });
    }
}

/// Of variables with the same name only the last is kept.
pub(super) fn last_wins(env: &mut Vec<EnvVar>) {
    let mut seen = std::collections::BTreeSet::new();
    let mut kept: Vec<EnvVar> = Vec::with_capacity(env.len());
    for var in env.drain(..).rev() {
        if seen.insert(var.name.clone()) {
            kept.push(var);
        }
    }
    kept.reverse();
    *env = kept;
}

/// Name and arguments of `executor:`; a parameter of that type may be a map itself.
fn invocation(node: &Node) -> (Option<String>, Vec<(String, Node)>) {
    match &node.value {
        Value::Text(name) => (Some(name.clone()), Vec::new()),
        Value::Map(entries) => {
            let mut name = None;
            let mut arguments = Vec::new();
            for (key, value) in entries {
                match (&value.value, key.as_str()) {
                    (Value::Text(text), "name") => name = Some(text.clone()),
                    (Value::Map(inner), "name") => {
                        for (key, value) in inner {
                            if key == "name" {
                                name = value.text().map(str::to_owned);
                            } else {
                                arguments.push((key.clone(), value.clone()));
                            }
                        }
                    }
                    _ => arguments.push((key.clone(), value.clone())),
                }
            }
            (name, arguments)
        }
        Value::Null | Value::List(_) => (None, Vec::new()),
    }
}

fn external_os(reference: &str) -> &'static str {
    match reference.split('@').next() {
        Some("circleci/windows") => "windows",
        Some("circleci/macos") => "macos",
        _ => "",
    }
}

/// The shell of a job that names none (CircleCI docs, "Default shell options").
fn default_shell(os: &str) -> Vec<String> {
    argv(match os {
        "macos" => "/bin/bash --login -eo pipefail",
        "windows" => "powershell.exe -ExecutionPolicy Bypass",
        _ => "/bin/bash -eo pipefail",
    })
}

/// A `shell:` as the argv before the script, which follows as one argument.
pub(super) fn argv(shell: &str) -> Vec<String> {
    let mut words = split(shell);
    let program = words.first().map(String::as_str).unwrap_or_default();
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.trim_end_matches(".exe").to_ascii_lowercase();
    let flag = match name.as_str() {
        "powershell" | "pwsh" => "-Command",
        "cmd" => "/c",
        _ => "-c",
    };
    let last = words.last().map(|word| word.to_ascii_lowercase());
    if !words.is_empty() && last.is_some_and(|last| last != flag.to_ascii_lowercase()) {
        words.push(flag.to_owned());
    }
    words
}

/// Words at blanks outside of quotes.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for ch in text.chars() {
        match (quote, ch) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => {
                quote = Some(ch);
                word.get_or_insert_default();
            }
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::argv;

    #[test]
    fn shell_becomes_the_argv_before_the_script() {
        let table: [(&str, &[&str]); 6] = [
            (
                "/bin/bash -eo pipefail",
                &["/bin/bash", "-eo", "pipefail", "-c"],
            ),
            (
                "/usr/bin/env bash -euo pipefail -c",
                &["/usr/bin/env", "bash", "-euo", "pipefail", "-c"],
            ),
            ("bash.exe", &["bash.exe", "-c"]),
            ("powershell.exe", &["powershell.exe", "-Command"]),
            ("'/opt/my sh' -e", &["/opt/my sh", "-e", "-c"]),
            ("", &[]),
        ];
        for (shell, expected) in table {
            assert_eq!(argv(shell), expected, "{shell}");
        }
    }
}
