//! Stages as jobs: their order, loops and conditions, where they run, and what comes
//! before their steps.

use super::super::asks;
use super::super::model::Job;
use super::super::outline;
use super::super::yaml::{CiError, Node, Value};
use super::expression::{Level, Link, Scope};
use super::rules::{self, MAX_TURNS};
use super::{Loader, MAX_JOBS, lone, reference, text_of};

/// The deepest nesting of groups of stages.
const MAX_DEPTH: usize = 32;

impl Loader<'_> {
    /// A list of stages, each after the one before; gives the names of the last.
    pub(super) fn stages(
        &mut self,
        list: &Node,
        scope: Scope<'_>,
        needs: &[String],
        depth: usize,
    ) -> Result<Vec<String>, CiError> {
        if depth > MAX_DEPTH {
            return Err(self.error(list.place, "stages are nested too deeply"));
        }
        let mut before = needs.to_vec();
        for item in list.items() {
            before = self.stage_item(item, scope, &before, depth)?;
        }
        Ok(before)
    }

    fn stage_item(
        &mut self,
        item: &Node,
        scope: Scope<'_>,
        needs: &[String],
        depth: usize,
    ) -> Result<Vec<String>, CiError> {
        if let Some(stage) = item.get("stage") {
            return self.stage(stage, scope, needs);
        }
        let kind = text_of(item, &["type"]);
        let inner = |key: &str| {
            let held = item.get(key).or_else(|| {
                let spec = item.get("spec")?;
                (kind == Some(key)).then_some(spec)
            })?;
            Some(held.get("stages").unwrap_or(held))
        };
        if let Some(group) = inner("group") {
            return self.stages(group, scope, needs, depth + 1);
        }
        if let Some(parallel) = inner("parallel") {
            let mut names = Vec::new();
            for item in parallel.items() {
                let list = std::slice::from_ref(item);
                for item in list {
                    if depth > MAX_DEPTH {
                        return Err(self.error(item.place, "stages are nested too deeply"));
                    }
                    names.extend(self.stage_item(item, scope, needs, depth + 1)?);
                }
            }
            return Ok(names);
        }
        if matches!(item.value, Value::Map(_)) {
            return self.stage(item, scope, needs);
        }
        if !matches!(item.value, Value::Null) {
            return Err(self.error(item.place, "a stage is expected here"));
        }
        Ok(needs.to_vec())
    }

    /// One stage: a job, or one for each turn of its loop. Gives their names.
    pub(super) fn stage(
        &mut self,
        stage: &Node,
        scope: Scope<'_>,
        needs: &[String],
    ) -> Result<Vec<String>, CiError> {
        let scope = Scope {
            stage: Some(stage),
            ..scope
        };
        let strategy = stage.get("strategy");
        let Some((turns, cut)) = rules::turns(strategy, Level::Stage) else {
            let name = self.stage_name(stage, scope, "");
            let names = vec![name.clone()];
            self.stage_job(stage, scope, name, needs)?;
            return Ok(names);
        };
        if cut {
            let message = format!("a loop of more than {MAX_TURNS} turns is cut");
            self.warn(stage.place, &message);
        }
        let mut names = Vec::new();
        for turn in &turns {
            let link = Link {
                turn,
                outer: scope.turn,
            };
            let scope = Scope {
                turn: Some(&link),
                ..scope
            };
            let name = self.stage_name(stage, scope, &turn.suffix);
            names.push(name.clone());
            let axes: Vec<(String, String)> = turn
                .axes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), shown(value)))
                .chain(turn.item.clone().map(|item| ("item".to_owned(), item)))
                .collect();
            let count = self.jobs.len();
            self.stage_job(stage, scope, name, needs)?;
            if let Some(job) = self.jobs.get_mut(count) {
                job.axes = axes;
            }
        }
        Ok(names)
    }

    fn stage_name(&self, stage: &Node, scope: Scope<'_>, suffix: &str) -> String {
        let name = text_of(stage, &["name", "id", "identifier"]).unwrap_or("stage");
        format!("{}{suffix}", self.resolver.text(name, scope))
    }

    fn stage_job(
        &mut self,
        stage: &Node,
        scope: Scope<'_>,
        name: String,
        needs: &[String],
    ) -> Result<(), CiError> {
        if self.jobs.len() >= MAX_JOBS {
            let message = format!("too many jobs; only the first {MAX_JOBS} are taken");
            self.warn(stage.place, &message);
            return self.spend(512, stage.place);
        }
        let body = stage.get("spec").unwrap_or(stage);
        let mut job = Job {
            needs: needs.to_vec(),
            env: self.env.clone(),
            condition: self.condition(stage, scope),
            os: "linux".to_owned(),
            ..Job::default()
        };
        self.surroundings(body, stage, scope, &mut job);
        let kind = text_of(stage, &["type"]).unwrap_or("CI");
        let is_ci = kind.eq_ignore_ascii_case("ci");
        if let Some(template) = stage.get("template") {
            let shown = format!("{name} (stage template {})", reference(template));
            job.phases.push(lone(
                &shown,
                "a template of a stage, which is not fetched",
                outline::entry("template", template),
            ));
        } else if !is_ci {
            let why = format!("a stage of type {kind}, which Harness carries out");
            job.phases
                .push(lone(&format!("{name} ({kind})"), &why, String::new()));
        } else if clones(body, stage) {
            let codebase = scope.pipeline.and_then(|pipeline| {
                let ci = pipeline.get("properties")?.get("ci")?;
                ci.get("codebase")
            });
            job.phases.push(lone(
                "clone codebase",
                "clones the repository, which a debug VM has already",
                codebase
                    .map(|node| outline::entry("codebase", node))
                    .unwrap_or_default(),
            ));
        }
        for service in body.get("serviceDependencies").map_or(&[][..], Node::items) {
            let service = service.get("serviceDependency").unwrap_or(service);
            let held = text_of(service, &["name", "identifier"]).unwrap_or("service");
            let image = service
                .get("spec")
                .and_then(|spec| text_of(spec, &["image"]));
            let mut phase = lone(
                &format!("{held} (service {})", image.unwrap_or_default()),
                "a service in a container of its own",
                String::new(),
            );
            for step in &mut phase.steps {
                step.background = true;
                step.image = image.map(str::to_owned);
            }
            job.phases.push(phase);
        }
        let execution = body.get("execution").unwrap_or(body);
        let steps = execution.get("steps").or_else(|| stage.get("steps"));
        let failures: Vec<&Node> = ["failureStrategies", "failure", "on-failure"]
            .iter()
            .find_map(|key| stage.get(key))
            .into_iter()
            .collect();
        if let Some(steps) = steps {
            let mut phases = self.steps(steps, scope, &failures)?;
            for step in phases.iter_mut().flat_map(|phase| &mut phase.steps) {
                // A step sees the stage's variables.
                for ask in &job.asks {
                    asks::note(&mut step.asks, ask.clone());
                }
            }
            job.phases.extend(phases);
        }
        if let Some(rollback) = execution.get("rollbackSteps")
            && !rollback.items().is_empty()
        {
            self.warn(rollback.place, "rollback steps are not taken");
        }
        job.name = name;
        self.add(job, stage.place)
    }

    /// Under which condition a stage runs.
    fn condition(&self, stage: &Node, scope: Scope<'_>) -> Option<String> {
        let node = stage.get("when").or_else(|| stage.get("if"))?;
        let mut words = Vec::new();
        let status = text_of(node, &["pipelineStatus", "stageStatus"]);
        if let Some(status) = status.filter(|status| *status != "Success") {
            words.push(format!("pipelineStatus: {status}"));
        }
        if let Some(expression) = rules::when(Some(node)).expression {
            let text = self.resolver.text(&expression, scope);
            if rules::decided(&text) != Some(true) {
                words.push(text);
            }
        }
        (!words.is_empty()).then(|| words.join(" and "))
    }

    /// Machine, system and variables of a stage.
    fn surroundings(&mut self, body: &Node, stage: &Node, scope: Scope<'_>, job: &mut Job) {
        let look = |key: &str| body.get(key).or_else(|| stage.get(key));
        let mut words = Vec::new();
        let runtime = look("runtime").or_else(|| look("infrastructure"));
        if let Some(runtime) = runtime {
            let kind = text_of(runtime, &["type"]).or_else(|| runtime.text());
            let kind = kind.map(str::to_owned);
            let other = text_of(runtime, &["useFromStage"]);
            words.extend(kind.or_else(|| other.map(|stage| format!("as in stage {stage}"))));
        }
        let os = match look("platform") {
            Some(platform) => {
                let os = text_of(platform, &["os"]).or_else(|| platform.text());
                words.extend(os.map(str::to_owned));
                words.extend(text_of(platform, &["arch"]).map(str::to_owned));
                os
            }
            None => runtime
                .and_then(|node| node.get("spec"))
                .and_then(|spec| text_of(spec, &["os"])),
        };
        if let Some(os) = os {
            let os = os.to_ascii_lowercase();
            job.os = match os.split(['/', '-', '_']).next() {
                Some("darwin") => "macos".to_owned(),
                Some(os) => os.to_owned(),
                None => job.os.clone(),
            };
        }
        job.image = (!words.is_empty()).then(|| self.resolver.text(&words.join(" "), scope));
        for key in ["envs", "env", "envVariables"] {
            if let Some(node) = look(key) {
                let (mut env, mut asks) = (std::mem::take(&mut job.env), Vec::new());
                self.variables(node, scope, &mut env, &mut asks);
                job.env = env;
                job.asks = asks;
            }
        }
        let mut asks = std::mem::take(&mut job.asks);
        for var in &job.env {
            // Those of the whole pipeline were noted nowhere yet.
            super::expression::note(&var.value, &mut asks);
        }
        job.asks = asks;
    }
}

/// Whether the stage begins with a clone of the repository.
fn clones(body: &Node, stage: &Node) -> bool {
    if let Some(text) = body.get("cloneCodebase").and_then(Node::text) {
        return text != "false";
    }
    match body.get("clone").or_else(|| stage.get("clone")) {
        Some(node) => {
            node.text() != Some("false")
                && text_of(node, &["disabled"]) != Some("true")
                && text_of(node, &["enabled"]) != Some("false")
        }
        None => true,
    }
}

fn shown(value: &Node) -> String {
    value
        .text()
        .map_or_else(|| outline::line(value), str::to_owned)
}
