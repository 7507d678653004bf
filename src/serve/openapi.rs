//! The API's description (OpenAPI 3.1), as it is served and tested against.

/// The document, in JSON.
#[must_use]
pub fn document() -> String {
    include_str!("openapi.json").replace("{version}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;
    use crate::serve::answer::Refusal;
    use crate::serve::record::State;

    fn read() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    #[test]
    fn document_names_every_state_and_version() {
        let document = read();
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        let states = document["components"]["schemas"]["State"]["enum"].clone();
        let states: Vec<String> = serde_json::from_value(states).unwrap();
        assert_eq!(states, State::ALL.map(|state| state.word().to_owned()));
    }

    #[test]
    fn document_has_each_refusal_under_its_status() {
        let document = read();
        let kinds = document["components"]["schemas"]["Error"]["properties"]["error_type"].clone();
        let kinds: Vec<String> = serde_json::from_value(kinds["enum"].clone()).unwrap();
        for refusal in [
            Refusal::LoginRequired,
            Refusal::WrongCredentials,
            Refusal::InsufficientAccess,
            Refusal::RepoMigrated,
            Refusal::OutOfCredit,
            Refusal::JobNotFound,
            Refusal::Running,
            Refusal::Full,
            Refusal::WrongBody,
            Refusal::WrongVersion,
            Refusal::NotJson,
            Refusal::TooLarge,
            Refusal::Internal,
        ] {
            let (status, kind, _) = refusal.words();
            let post = &document["paths"]["/job/{id}/debug"]["post"]["responses"];
            assert!(post.get(status.as_str()).is_some(), "{refusal:?}");
            assert!(kinds.iter().any(|known| known == kind), "{refusal:?}");
        }
    }

    #[test]
    fn document_refers_to_what_is_there() {
        let document = read();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = &part[..part.find('"').unwrap()];
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
