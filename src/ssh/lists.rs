//! The key lists of a share: files of the operator's, files of authorities,
//! forges' users. Each must be had and name somebody, or nothing is opened.

use std::io::Read;
use std::time::Duration;

use crate::access::{KeyList, KeyText, LimitTo};
use crate::door::info::{open_file, reason};
use crate::io::web;
use crate::mux::effect::ShareRequest;

/// A key list is never longer, in bytes.
const LIST_MAX: u64 = 1024 * 1024;

/// Reads all lists of a request; it blocks on files and on forges.
///
/// # Errors
/// A sentence naming the first list that cannot be had, or has no key.
pub(super) fn read(request: &ShareRequest, time: Duration) -> Result<Vec<KeyList>, String> {
    let own = request.authorized_keys.iter();
    let own = own.map(|path| file(path, "authorized keys", KeyText::Own));
    let limits = request.limit_to.iter().map(|limit| match limit {
        LimitTo::File(path) => file(path, "limit to", KeyText::Own),
        LimitTo::Authorities(path) => file(path, "limit to authorities of", KeyText::Authorities),
        LimitTo::User(..) => forge(limit, request, time),
    });
    own.chain(limits).collect()
}

fn forge(limit: &LimitTo, request: &ShareRequest, time: Duration) -> Result<KeyList, String> {
    let fail = |why: String| format!("limit to {limit}: {why}");
    let url = limit.url(&request.github, &request.gitlab);
    let url = url.ok_or_else(|| fail("no address".to_owned()))?;
    let text = web::get(&url, time).map_err(|why| fail(format!("{url}: {why}")))?;
    let list = KeyList::read(&text, KeyText::Foreign);
    let mut list = list.map_err(|_| fail("the user has no usable key".to_owned()))?;
    // A forge's lines name nobody: the user is who they are.
    for key in &mut list.keys {
        if key.comment.is_empty() {
            key.comment = limit.to_string();
        }
    }
    Ok(list)
}

fn file(path: &str, what: &str, kind: KeyText) -> Result<KeyList, String> {
    let fail = |why: &str| format!("{what} {path}: {why}");
    let mut text = String::new();
    let file = open_file(path).map_err(|error| fail(&reason(&error)))?;
    let read = file.take(LIST_MAX + 1).read_to_string(&mut text);
    let read = read.map_err(|error| fail(&reason(&error)))?;
    if read as u64 > LIST_MAX {
        return Err(fail("it is longer than 1 MiB"));
    }
    let list = KeyList::read(&text, kind).map_err(|none| match none.skipped.first() {
        Some(first) => fail(&format!("it has no usable key ({first})")),
        None => fail("it has no usable key"),
    })?;
    if !list.skipped.is_empty() {
        let lines = list.skipped.len();
        tracing::warn!(path, lines, "lines without a usable key");
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::base::SessionId;

    fn count(change: impl FnOnce(&mut ShareRequest)) -> Result<usize, String> {
        let mut request = ShareRequest::new(SessionId(0), "0");
        change(&mut request);
        read(&request, Duration::from_secs(5)).map(|lists| lists.len())
    }

    #[test]
    fn lists_without_a_key_open_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys").to_str().unwrap().to_owned();
        let own = |path: &str| count(|request| request.authorized_keys.push(path.to_owned()));
        let limit = |text: &str| count(|request| request.limit_to.push(text.parse().unwrap()));
        assert_eq!(
            own(&path),
            Err(format!("authorized keys {path}: No such file or directory"))
        );
        std::fs::write(&path, "# nobody\n").unwrap();
        assert_eq!(
            own(&path),
            Err(format!("authorized keys {path}: it has no usable key"))
        );
        assert_eq!(
            limit(&path),
            Err(format!("limit to {path}: it has no usable key"))
        );
        std::fs::write(&path, "not a key\n").unwrap();
        assert!(own(&path).unwrap_err().contains("line 1"));
        assert!(
            limit(&format!("ca:{path}"))
                .unwrap_err()
                .contains("authorities")
        );
        assert_eq!(
            limit("gh:ann"),
            Err("limit to gh:ann: /ann.keys: it is no https address".to_owned())
        );
    }
}
