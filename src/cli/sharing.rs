//! The flags of `debug` about guests: each is `share`'s own, passed on as it is.

use std::path::PathBuf;

use clap::Args;

/// How the session is opened to guests; any of them implies --share.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Sharing {
    /// Open the session to guests over ssh and print how to join
    #[arg(long)]
    share: bool,
    /// Listen there for guests; may be repeated, implies --share
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) listen: Vec<String>,
    /// Let guests come through this relay; implies --share
    #[arg(long, value_name = "HOST[:PORT]")]
    relay: Option<String>,
    /// Talk to a relay only if its key has this fingerprint; implies --share
    #[arg(long, value_name = "FINGERPRINT")]
    relay_key: Option<String>,
    /// Let guests also come by ssh alone, which the relay can read; implies
    /// --share
    #[arg(long)]
    relay_compat: bool,
    /// Show the relay this key, where it takes known machines only; implies
    /// --share
    #[arg(long, value_name = "FILE")]
    relay_identity: Option<PathBuf>,
    /// Reach the relay through a command; implies --share
    #[arg(long, value_name = "CMD")]
    proxy_command: Option<String>,
    /// Let the holders of these public keys in; may be repeated, implies --share
    #[arg(long, value_name = "FILE")]
    authorized_keys: Vec<PathBuf>,
    /// Let nobody in without a key of gh:USER, gl:USER, FILE or the authorities
    /// of ca:FILE; may be repeated, implies --share
    #[arg(long, value_name = "WHOM")]
    limit_to: Vec<String>,
    /// Let guests look only; implies --share
    #[arg(long)]
    view_only: bool,
    /// Let each guest wait until someone inside admits them; implies --share
    #[arg(long)]
    knock: bool,
    /// Let no more guests in at once; implies --share
    #[arg(long, value_name = "N")]
    max_guests: Option<String>,
    /// End the share after a time, such as 45m; implies --share
    #[arg(long, value_name = "DURATION")]
    expires: Option<String>,
    /// Let a program decide about whom no token or key lets in; implies --share
    #[arg(long, value_name = "CMD")]
    auth_command: Option<String>,
    /// Use this host key; implies --share
    #[arg(long, value_name = "FILE")]
    host_key: Option<String>,
    /// Serve the files below a directory to whoever may type; implies --share
    #[arg(long, value_name = "DIR")]
    sftp: Option<String>,
    /// Let whoever may type forward connections to any, loopback or HOST:PORT;
    /// may be repeated, implies --share
    #[arg(long, value_name = "WHERE")]
    forward: Vec<String>,
}

impl Sharing {
    /// Whether the host key is a chosen one.
    pub(super) const fn has_host_key(&self) -> bool {
        self.host_key.is_some()
    }

    /// The words for `share`; none if nothing of it was asked for. Of several
    /// sessions each further one listens on the next ports.
    pub(super) fn words(&self, at: usize) -> Option<Vec<String>> {
        let mut words = Vec::new();
        let mut flag = |name: &str, value: &str| {
            words.push(format!("--{name}"));
            words.push(value.to_owned());
        };
        for listen in &self.listen {
            flag("listen", &further(listen, at));
        }
        for keys in &self.authorized_keys {
            let keys = std::path::absolute(keys).unwrap_or_else(|_| keys.clone());
            flag("authorized-keys", &keys.to_string_lossy());
        }
        for whom in &self.limit_to {
            flag("limit-to", whom);
        }
        for place in &self.forward {
            flag("forward", place);
        }
        if let Some(file) = &self.relay_identity {
            let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            flag("relay-identity", &file.to_string_lossy());
        }
        for (name, value) in [
            ("relay", &self.relay),
            ("proxy-command", &self.proxy_command),
            ("relay-key", &self.relay_key),
            ("max-guests", &self.max_guests),
            ("expires", &self.expires),
            ("auth-command", &self.auth_command),
            ("host-key", &self.host_key),
            ("sftp", &self.sftp),
        ] {
            if let Some(value) = value {
                flag(name, value);
            }
        }
        for (name, on) in [
            ("relay-compat", self.relay_compat),
            ("view-only", self.view_only),
            ("knock", self.knock),
        ] {
            if on {
                words.push(format!("--{name}"));
            }
        }
        (self.share || !words.is_empty()).then_some(words)
    }
}

/// The address that is so many ports after this one; port 0 is any free one.
fn further(listen: &str, at: usize) -> String {
    let next = || {
        let (host, port) = listen.rsplit_once(':')?;
        let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
        let port = port.checked_add(u16::try_from(at).ok()?)?;
        Some(format!("{host}:{port}"))
    };
    next().unwrap_or_else(|| listen.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        sharing: Sharing,
    }

    #[test]
    fn flags_are_passed_on_and_imply_the_share() {
        let words = |line: &str| {
            let line = std::iter::once("debug").chain(line.split_whitespace());
            Line::try_parse_from(line).unwrap().sharing.words(0)
        };
        assert_eq!(words(""), None);
        assert_eq!(words("--share"), Some(Vec::new()));
        let own = |line: &str| Some(line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for line in [
            "--listen 0:1 --listen 0:2",
            "--limit-to gh:ann",
            "--relay-identity /key --relay r:1 --proxy-command x --relay-compat",
            "--expires 45m --view-only --knock",
            "--authorized-keys /keys --max-guests 3",
        ] {
            assert_eq!(words(line), own(line), "{line}");
        }
    }
}
