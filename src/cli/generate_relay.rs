//! The manual page stepmux-relay(8), made from the definition of `stepmux relay`
//! with what that cannot say. Pure text.

use super::generate::{options, roff};

/// The manual page of `stepmux relay`, in roff (man(7)).
#[must_use]
pub fn man_relay() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page =
        format!(".TH STEPMUX\\-RELAY 8 \"\" \"stepmux {version}\" \"System Administration\"\n");
    page.push_str(HEAD);
    page.push_str(".SH OPTIONS\n");
    options(&mut page, &super::relay::definition());
    page.push_str(BODY);
    page.push_str(super::generate_cluster::CLUSTER);
    page.push_str(FILES);
    for line in UNIT.lines() {
        page.push_str(&match line {
            "" => ".PP\n".to_owned(),
            line => format!("{}\n.br\n", roff(line)),
        });
    }
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-relay \- let guests reach debug VMs behind NAT
.SH SYNOPSIS
\fBstepmux relay\fR [\fIoptions\fR]
.SH DESCRIPTION
Runs a relay in the foreground.
Debug VMs dial out to it by \fBstepmux share \-\-relay\fR \fIHOST\fR[:\fIPORT\fR]; guests come
with the line that \fBshare\fR prints, through a jump of their stock client:
.PP
ssh \-J \fIROUTE\fR@\fIrelay\fR \-o HostKeyAlias=\fIID\fR \fITOKEN\fR@stepmux
.PP
The relay routes and nothing else.
What passes is the guest's own ssh connection to the VM: the relay can neither read
nor change it, and sees no token.
Who is let in, and what they may do, is said by the VM alone; see
\fBstepmux\-share\fR(1).
A guest whose client knows the session's key (the \fIknown_hosts\fR line that \fBshare\fR
prints) refuses a relay that puts itself between.
.PP
It needs no right but that to its port, keeps everything in memory, and writes one
file: its own key.
"#;

const BODY: &str = r#".SH WHAT IT KNOWS
A session is known by its host key, new for each share: its \fIID\fR is the beginning of
the key's SHA\-256.
The VM signs each registration with that key, for this relay and this connection;
a newer one takes the place of an older one only after its signature is checked.
The \fIROUTE\fR is the \fIID\fR with a proof by the relay's own key that it gave it out.
It opens nothing by itself, and stays good after a restart as long as the relay's key
is the same.
.SH WHEN SOMETHING BREAKS
When the link of a VM breaks, it is made again, after 0.2 to 10 seconds; the guests'
connections wait and go on, for two minutes.
When the relay is killed, its guests' connections end; the VM registers again as soon
as the relay is back, and the guests' lines are good as before.
The sessions themselves run on whatever happens.
.PP
After SIGTERM or SIGINT it takes no one further, tells the VMs, and ends.
.SH WHAT IT TAKES
A connection has 20 seconds in all to be admitted; addresses that give wrong names are
answered more and more slowly.
A guest may ask for one connection to the one name stepmux: nothing makes the relay
dial anywhere.
Each direction of each guest holds at most 256 KiB of what the other side has not
taken; one who does not read stops their own stream alone.
A VM takes the relay's word for the guests' addresses: rules about addresses
(\fBfrom=\fR, \fBsource\-address\fR) admit nobody who comes through a relay.
"#;

const FILES: &str = r#".SH FILES
.TP
~/.local/state/stepmux/relay_ed25519
The relay's key, made at the first start, readable by its user alone.
.SH EXIT STATUS
.TP
0
After SIGTERM or SIGINT.
.TP
1
A key or an address cannot be had.
.TP
2
Wrong arguments.
.SH A SYSTEMD UNIT
"#;

/// The unit that is shipped beside the program.
const UNIT: &str = include_str!("../../packaging/stepmux-relay.service");

const TAIL: &str = r#".SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-share\fR(1), \fBssh\fR(1), \fBsystemd.service\fR(5)
"#;
