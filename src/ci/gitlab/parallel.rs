//! `parallel`: the copies of a job, by a number or a matrix, named as GitLab names
//! them.

use super::Loader;
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// The most copies of a job, as on GitLab.
const MAX: usize = 200;

/// Variables of a copy: names and values.
type Variables = Vec<(String, String)>;

/// One copy of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Copy {
    /// What its name ends in: `: [a, b]`, ` 1/3`, or nothing.
    pub(super) suffix: String,
    /// Its variables from the matrix.
    pub(super) variables: Variables,
    /// Which copy it is, from 1; 0 for a job without copies.
    pub(super) index: usize,
    pub(super) total: usize,
}

impl Loader<'_> {
    /// The copies that a job asks for; a job without `parallel` is one.
    pub(super) fn copies(&mut self, node: Option<&Node>) -> Result<Vec<Copy>, CiError> {
        let Some(node) = node else {
            return Ok(vec![Copy::default()]);
        };
        let too_many = format!("a job has at most {MAX} copies");
        if let Some(matrix) = node.get("matrix") {
            let mut all: Vec<Variables> = Vec::new();
            for entry in matrix.items() {
                let Some(product) = self.product(entry)? else {
                    return Err(self.notes.error(entry.place, too_many));
                };
                all.extend(product);
                if all.len() > MAX {
                    return Err(self.notes.error(entry.place, too_many));
                }
            }
            let total = all.len();
            return Ok(all
                .into_iter()
                .enumerate()
                .map(|(index, variables)| {
                    let values: Vec<&str> =
                        variables.iter().map(|(_, value)| value.as_str()).collect();
                    Copy {
                        suffix: format!(": [{}]", values.join(", ")),
                        index: index + 1,
                        total,
                        variables,
                    }
                })
                .collect());
        }
        let total = node.text().and_then(|text| text.parse::<usize>().ok());
        let Some(total) = total.filter(|total| *total > 0) else {
            self.notes.warn(
                node.place,
                "parallel: a number or a matrix is expected here",
            );
            return Ok(vec![Copy::default()]);
        };
        if total > MAX {
            return Err(self.notes.error(node.place, too_many));
        }
        let copy = |index| Copy {
            suffix: format!(" {index}/{total}"),
            variables: Vec::new(),
            index,
            total,
        };
        Ok((1..=total).map(copy).collect())
    }

    /// The combinations of one entry, its first variable slowest; none when there
    /// are too many.
    fn product(&mut self, entry: &Node) -> Result<Option<Vec<Variables>>, CiError> {
        let Yaml::Map(entries) = &entry.value else {
            return Err(self
                .notes
                .error(entry.place, "a map of variables is expected here"));
        };
        let mut all: Vec<Variables> = vec![Vec::new()];
        for (name, values) in entries {
            let mut texts = Vec::new();
            for item in values.items() {
                match item.get("value").unwrap_or(item).text() {
                    Some(text) => texts.push(text.to_owned()),
                    None => self
                        .notes
                        .warn(item.place, format!("{name}: a value is expected here")),
                }
            }
            if all.len().saturating_mul(texts.len()) > MAX {
                return Ok(None);
            }
            all = all
                .iter()
                .flat_map(|one| {
                    texts.iter().map(|text| {
                        let mut next = one.clone();
                        next.push((name.clone(), text.clone()));
                        next
                    })
                })
                .collect();
        }
        Ok(Some(all))
    }
}
