//! One job: its parameters bound, its executor, and its steps as phases.

use super::super::model::Job;
use super::super::outline;
use super::super::yaml::{CiError, Node, Place, Value};
use super::machine::DECLARATIONS;
use super::params::{Call, bind};
use super::space::{Element, Orb, Space};
use super::steps::{At, Shared, Walk, lone};
use super::template::Scope;
use super::{Loader, template};

/// The directory of a job that names none.
const DEFAULT_CWD: &str = "~/project";

/// A use of a job.
pub(super) struct Usage<'a> {
    /// The job's own name, such as `node/test`.
    pub(super) job: &'a str,
    /// Its name in the workflow.
    pub(super) name: &'a str,
    pub(super) arguments: &'a [(String, Node)],
    pub(super) before: Option<&'a Node>,
    pub(super) after: Option<&'a Node>,
    pub(super) place: Place,
    pub(super) uncalled: bool,
}

impl Loader<'_> {
    /// A job that no workflow calls.
    pub(super) fn single(
        &mut self,
        name: &str,
        node: &Node,
        space: &Space<'_>,
    ) -> Result<Job, CiError> {
        let usage = Usage {
            job: name,
            name,
            arguments: &[],
            before: None,
            after: None,
            place: node.place,
            uncalled: true,
        };
        self.define(node, space, &usage)
    }

    /// The job of a use, which may be in an orb.
    pub(super) fn job(&mut self, space: &Space<'_>, usage: &Usage<'_>) -> Result<Job, CiError> {
        if let Some((node, home)) = space.find(Element::Job, usage.job) {
            return self.define(node, home, usage);
        }
        let known = usage
            .job
            .split_once('/')
            .and_then(|(alias, rest)| Some((rest, space.orb(alias)?)));
        let (reference, why) = match known {
            Some((rest, Orb::Inline(inline))) => {
                let prefix = usage.job.strip_suffix(rest).unwrap_or_default();
                let home = Space::new(inline, Some(space), prefix);
                self.template.spend(home.cost(), usage.place)?;
                if let Some((node, home)) = home.find(Element::Job, rest) {
                    return self.define(node, home, usage);
                }
                let message = format!("the orb has no job `{rest}`");
                return Err(self.template.error(usage.place, &message));
            }
            Some((_, Orb::External(reference))) => {
                (reference, "a job of a published orb, which is not fetched")
            }
            Some((_, Orb::Empty)) => ("without content", "a job of an orb without content"),
            None => {
                let name = crate::base::Label::new(usage.job);
                let message = format!("there is no job `{name}`");
                return Err(self.template.error(usage.place, &message));
            }
        };
        self.foreign(space, usage, reference, why)
    }

    /// A job whose steps are not at hand, but for those that it is given.
    fn foreign(
        &mut self,
        space: &Space<'_>,
        usage: &Usage<'_>,
        reference: &str,
        why: &str,
    ) -> Result<Job, CiError> {
        let shared = Shared {
            shell: super::machine::argv("/bin/bash -eo pipefail"),
            cwd: DEFAULT_CWD.to_owned(),
            asks: Vec::new(),
        };
        let mut walk = Walk::new(self, &shared);
        let at = At::top(space);
        if let Some(before) = usage.before {
            let group = Some("pre-steps");
            walk.list(before, At { group, ..at })?;
        }
        let body = Node::new(usage.place, Value::Map(usage.arguments.to_vec()));
        let (inner, why) = walk.given(usage.arguments, why, at);
        let shown = format!("{} (orb {reference})", usage.job);
        let body = (!usage.arguments.is_empty()).then_some(&body);
        walk.placeholder(usage.job, &shown, body, &why, usage.place, at)?;
        for steps in inner {
            let group = Some(usage.job);
            walk.list(steps, At { group, ..at })?;
        }
        if let Some(after) = usage.after {
            let group = Some("post-steps");
            walk.list(after, At { group, ..at })?;
        }
        Ok(Job {
            name: usage.name.to_owned(),
            image: Some(format!("orb {reference}")),
            phases: walk.phases,
            ..Job::default()
        })
    }

    fn define(
        &mut self,
        node: &Node,
        space: &Space<'_>,
        usage: &Usage<'_>,
    ) -> Result<Job, CiError> {
        let call = Call {
            what: &format!("the job {}", usage.job),
            declared: node.get("parameters"),
            arguments: usage.arguments,
            place: usage.place,
            uncalled: usage.uncalled,
        };
        let bindings = bind(self.template, self.pipeline, &call)?;
        let scope = Scope {
            parameters: Some(&bindings),
            matrix: None,
            pipeline: self.pipeline,
        };
        let body = self.template.body(node, scope, DECLARATIONS)?;
        let mut machine = self.machine(&body, space)?;
        // A job works where it checks the source out: in the checkout, wherever that
        // is here. The file's name of it is for people.
        if let Some(dir) = &machine.cwd {
            let image = machine.image.take().unwrap_or_default();
            let words = [image, format!("in {dir}")];
            let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
            machine.image = Some(words.join(", "));
        }
        let shared = Shared {
            shell: machine.shell,
            cwd: machine
                .cwd
                .clone()
                .unwrap_or_else(|| DEFAULT_CWD.to_owned()),
            asks: machine.asks.clone(),
        };
        let mut job = Job {
            name: usage.name.to_owned(),
            os: machine.os,
            env: machine.env,
            asks: machine.asks,
            image: machine.image,
            ..Job::default()
        };
        let mut walk = Walk::new(self, &shared);
        let at = At::top(space);
        for (group, steps) in [
            (Some("pre-steps"), usage.before),
            (None, body.get("steps")),
            (Some("post-steps"), usage.after),
        ] {
            match steps {
                Some(steps) if steps.text().is_some_and(template::is_open) => {}
                Some(steps) => walk.list(steps, At { group, ..at })?,
                None => {}
            }
        }
        job.phases = walk.phases;
        if let Some(kind) = body.get("type").and_then(Node::text)
            && job.phases.is_empty()
        {
            job.phases.push(typed(kind, usage.name));
        }
        self.notes(&body, usage);
        Ok(job)
    }

    /// What a job has that has no form in the model.
    fn notes(&mut self, body: &Node, usage: &Usage<'_>) {
        if let Some(node) = body.get("parallelism")
            && let Some(count) = node.text()
            && count != "1"
        {
            let message = format!(
                "the job {} runs in {} containers on CircleCI, each with its part of the tests; \
                 here it is one",
                crate::base::Label::new(usage.name),
                crate::base::Label::new(count)
            );
            self.warn(node.place, &message);
        }
        if let Some(node) = body.get("branches") {
            let message = format!(
                "the `branches` of the job {} are not kept: {}",
                crate::base::Label::new(usage.name),
                crate::base::Label::new(&outline::line(node))
            );
            self.warn(node.place, &message);
        }
    }
}

/// The phase of a job that is no steps but an act of CircleCI.
pub(super) fn typed(kind: &str, name: &str) -> super::super::model::Phase {
    let why = match kind {
        "approval" => "waits until somebody approves it on CircleCI",
        "no-op" => "does nothing; other jobs wait for it",
        "release" => "a release, which CircleCI carries out",
        "lock" | "unlock" => "a lock that CircleCI keeps for all pipelines",
        _ => "a job that CircleCI itself carries out",
    };
    let shown = if kind == "build" || kind.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({kind})")
    };
    lone(&shown, why, String::new())
}
