//! What a share reads of others: key lists, their options, addresses, limits, an
//! operator's answer. Whatever it is, it is data or an error, within bounds, and
//! a key is listed once.

use stepmux::access::expiry::Expiry;
use stepmux::access::from::AddressList;
use stepmux::access::invite::SCHEME;
use stepmux::access::verdict::verdict;
use stepmux::access::{Invite, KeyList, KeyOptions, KeyText, LimitTo, RouteKey, fingerprint};
use stepmux::base::Now;

/// Reads a text as each of the things that a share reads.
pub fn access_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for text in [text.to_string(), format!("{SCHEME}{text}")] {
        if let Ok(invite) = Invite::read(&text) {
            assert_eq!(Invite::read(&invite.write()), Ok(invite));
        }
    }
    let routes = RouteKey::derive(b"a relay");
    assert_eq!(routes.read(&text), None);
    assert_eq!(routes.read_with_token(&text), None);
    for kind in [KeyText::Own, KeyText::Foreign, KeyText::Authorities] {
        let Ok(list) = KeyList::read(&text, kind) else {
            continue;
        };
        assert!(!list.keys.is_empty());
        for key in &list.keys {
            let authority = key.options.authority;
            assert_eq!(
                authority,
                list.find(&key.kind, &key.blob).is_none_or(|own| own != key)
            );
            assert_eq!(authority, list.authorities(&key.blob).any(|own| own == key));
            assert!(kind != KeyText::Foreign || key.options == KeyOptions::default());
            assert!(fingerprint(&key.blob).starts_with("SHA256:"));
            // What is listed reads back as the same key.
            let again = KeyList::parse(&format!("{} {}", key.kind, key.base64()));
            assert!(again.is_ok_and(|again| again.keys[0].blob == key.blob));
        }
    }
    for line in text.lines() {
        if let Ok(list) = AddressList::parse(line) {
            let _ = list.admits([127, 0, 0, 1].into());
        }
        if let Ok(end) = Expiry::parse(line) {
            let _ = end.is_over(Now::default());
        }
        if let Ok(limit) = line.parse::<LimitTo>()
            && let Some(url) = limit.url("https://forge", "https://forge")
        {
            let path = url.strip_prefix("https://forge/");
            assert!(
                path.is_some_and(|path| !path.contains(['/', '%', '?', '#', ':'])),
                "{url}"
            );
        }
    }
    let _ = verdict(input);
}
