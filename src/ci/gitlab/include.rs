//! Files and what they include: those of the checkout are read and merged, the
//! including file over the included; all others become placeholders.

use super::inputs;
use super::{Loader, merge};
use crate::ci::notes::short;
use crate::ci::yaml::{self, CiError, Merge, Node, Value as Yaml};

/// The most included files, as on GitLab.
const MAX_INCLUDES: usize = 150;

/// The deepest chain of includes.
const MAX_DEPTH: usize = 30;

impl Loader<'_> {
    /// A file's tree with all that it includes; none when it is empty.
    pub(super) fn file(
        &mut self,
        text: &str,
        given: Option<&Node>,
    ) -> Result<Option<Node>, CiError> {
        let (header, body) = inputs::split(text);
        let mut values = inputs::Inputs::new();
        if let Some(header) = header {
            let read = yaml::read(header, &self.notes.file, Merge::InOrder)?;
            if let Some(header) = read.root {
                values = inputs::declared(&header, given);
            }
        }
        let read = yaml::read(&body, &self.notes.file, Merge::InOrder)?;
        for (place, warning) in &read.warnings {
            self.notes.warn(*place, warning);
        }
        let Some(mut root) = read.root else {
            return Ok(None);
        };
        if !matches!(root.value, Yaml::Map(_)) {
            return Err(self
                .notes
                .error(root.place, "a map of keys is expected here"));
        }
        inputs::fill(&mut root, &values);
        let Some(include) = root.get("include").cloned() else {
            return Ok(Some(root));
        };
        let mut whole = Node::new(root.place, Yaml::Map(Vec::new()));
        for item in include.items() {
            if let Some(part) = self.include(item)? {
                merge::deep(&mut whole, part);
            }
        }
        merge::deep(&mut whole, root);
        Ok(Some(whole))
    }

    /// What one entry of `include` adds.
    fn include(&mut self, item: &Node) -> Result<Option<Node>, CiError> {
        if let Some(path) = item.text() {
            if path.contains("://") {
                self.elsewhere(item, "remote", path, "only GitLab fetches it")?;
                return Ok(None);
            }
            return self.local(item, path, None);
        }
        if let Some(rules) = item.get("rules") {
            self.notes.warn(
                rules.place,
                "the rules of an include are not judged; it is included",
            );
        }
        let given = item.get("inputs");
        if let Some(local) = item.get("local") {
            return self.local(local, local.text().unwrap_or_default(), given);
        }
        for (kind, why) in [
            ("remote", "only GitLab fetches it"),
            ("template", "it comes with GitLab"),
            ("project", "it is in another project"),
            ("component", "it is a component of another project"),
            ("artifact", "a job makes it while the pipeline runs"),
        ] {
            let Some(node) = item.get(kind) else {
                continue;
            };
            let mut name = node.text().unwrap_or_default().to_owned();
            if let Some(files) = item.get("file") {
                let files: Vec<&str> = files.items().iter().filter_map(Node::text).collect();
                name = format!("{name} {}", files.join(" "));
            }
            self.elsewhere(item, kind, &name, why)?;
            return Ok(None);
        }
        self.notes.warn(
            item.place,
            "this include has no form that is known; ignored",
        );
        Ok(None)
    }

    fn elsewhere(&mut self, item: &Node, kind: &str, name: &str, why: &str) -> Result<(), CiError> {
        self.count(item)?;
        let name = short(&format!("include {kind}: {name}"), 200);
        self.notes.warn(item.place, format!("{name}: {why}"));
        if !self.missing.iter().any(|(known, _)| *known == name) {
            self.missing.push((name, why.to_owned()));
        }
        Ok(())
    }

    fn count(&mut self, item: &Node) -> Result<(), CiError> {
        self.included += 1;
        if self.included > MAX_INCLUDES {
            let message = format!("more than {MAX_INCLUDES} files are included");
            return Err(self.notes.error(item.place, message));
        }
        Ok(())
    }

    /// A file of the checkout, or all that a pattern names.
    fn local(
        &mut self,
        item: &Node,
        path: &str,
        given: Option<&Node>,
    ) -> Result<Option<Node>, CiError> {
        let path = path.trim_start_matches('/');
        if path.contains('$') || path.contains("$[[") {
            self.elsewhere(item, "local", path, "its name is known to GitLab alone")?;
            return Ok(None);
        }
        let files = if path.contains('*') {
            let mut found = Vec::new();
            let parts: Vec<&str> = path.split('/').collect();
            self.matching("", &parts, 0, &mut found);
            found
        } else {
            vec![path.to_owned()]
        };
        if files.is_empty() {
            self.notes
                .warn(item.place, format!("include: no file fits {path}"));
        }
        let mut whole: Option<Node> = None;
        for file in files {
            let Some(part) = self.one(item, &file, given)? else {
                continue;
            };
            match &mut whole {
                Some(whole) => merge::deep(whole, part),
                None => whole = Some(part),
            }
        }
        Ok(whole)
    }

    fn one(
        &mut self,
        item: &Node,
        file: &str,
        given: Option<&Node>,
    ) -> Result<Option<Node>, CiError> {
        if self.stack.len() >= MAX_DEPTH || self.stack.iter().any(|known| known == file) {
            return Err(self
                .notes
                .error(item.place, format!("{file} includes itself")));
        }
        let text = match (self.source.read)(file) {
            Ok(text) => text,
            Err(why) => {
                self.elsewhere(item, "local", file, &why)?;
                return Ok(None);
            }
        };
        self.count(item)?;
        self.stack.push(file.to_owned());
        let outer = std::mem::replace(&mut self.notes.file, file.to_owned());
        let part = self.file(&text, given);
        self.notes.file = outer;
        self.stack.pop();
        part
    }

    /// The files below a directory that fit a pattern's parts; `**` is any number
    /// of directories.
    fn matching(&self, dir: &str, parts: &[&str], depth: usize, found: &mut Vec<String>) {
        let [part, rest @ ..] = parts else {
            return;
        };
        if found.len() >= MAX_INCLUDES || depth > 20 {
            return;
        }
        if *part == "**" {
            self.matching(dir, rest, depth + 1, found);
        }
        let Ok(names) = (self.source.read)(if dir.is_empty() { "./" } else { dir }) else {
            return;
        };
        for name in names.lines() {
            let (bare, is_dir) = match name.strip_suffix('/') {
                Some(bare) => (bare, true),
                None => (name, false),
            };
            let hidden = bare.starts_with('.') && !part.starts_with('.');
            if *part == "**" {
                if is_dir && !hidden {
                    self.matching(&format!("{dir}{bare}/"), parts, depth + 1, found);
                }
            } else if !hidden && fits(part, bare) {
                if rest.is_empty() && !is_dir {
                    let file = format!("{dir}{bare}");
                    let yaml = file.ends_with(".yml") || file.ends_with(".yaml");
                    if yaml && !found.contains(&file) && found.len() < MAX_INCLUDES {
                        found.push(file);
                    }
                } else if is_dir && !rest.is_empty() {
                    self.matching(&format!("{dir}{bare}/"), rest, depth + 1, found);
                }
            }
        }
    }
}

/// Whether a name fits a pattern with `*`: its pieces come one after another.
fn fits(pattern: &str, name: &str) -> bool {
    let pieces: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = pieces.as_slice() else {
        return pattern == name;
    };
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_fit_any_characters() {
        for (pattern, name, expected) in [
            ("*.yml", "a.yml", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a", "a", true),
            ("*.yml", "a.yaml", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
