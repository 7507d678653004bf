//! The manual page stepmux-relay(8), made from the definition of `stepmux relay`
//! with what that cannot say. Pure text.

use super::generate;

/// The manual page of `stepmux relay`, in roff (man(7)).
#[must_use]
pub fn man_relay() -> String {
    let mut page = generate::service("RELAY", HEAD, &super::relay::definition());
    page.push_str(BODY);
    page.push_str(super::generate_cluster::CLUSTER);
    page.push_str(FILES);
    generate::unit(&mut page, UNIT);
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-relay \- let guests reach debug VMs behind NAT
.SH SYNOPSIS
\fBstepmux relay\fR [\fIoptions\fR]
.br
\fBstepmux relay status\fR [\fB\-\-json\fR] [\fB\-\-state\-dir\fR \fIDIR\fR]
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
file, its own key, beside the socket of \fBstatus\fR.
"#;

const BODY: &str = r#".SH WHAT IT KNOWS
A session is known by its host key, new for each share: its \fIID\fR is the beginning of
the key's SHA\-256.
The VM signs each registration with that key, for this relay and this connection;
a newer one takes the place of an older one only after its signature is checked.
The \fIROUTE\fR is the \fIID\fR with a proof by the relay's own key that it gave it out.
It opens nothing by itself, and stays good after a restart as long as the relay's key
is the same.
.SH WHO BRINGS SESSIONS
With \fB\-\-allow\-hosts open\fR, which is so unless it is asked for otherwise, anyone who
reaches the relay may.
They get no more of it than their guests' bytes passed on, within the bounds below.
.PP
With \fB\-\-allow\-hosts keys\fR a machine shows a key (\fBshare \-\-relay\-identity\fR) that
is listed in \fIauthorized_hosts\fR of the state directory or in the files of
\fB\-\-host\-keys\fR, in the form of sshd(8)'s authorized_keys; \fBfrom=\fR and
\fBexpiry\-time=\fR hold.
A list with a line that cannot be honoured is refused as a whole, certificates among
them.
SIGHUP reads the lists again; one that is broken changes nothing.
.PP
With \fB\-\-host\-listen\fR machines come to a port of their own, so that a firewall can
tell them from guests.
.SH COMPATIBLE MODE
A host may let guests come without a jump (\fBshare \-\-relay\-compat\fR), by
\fBssh\fR \fIROUTE\fR\-\fITOKEN\fR@\fIrelay\fR.
Their ssh ends in the relay, which is then itself a client at the session's door and can
read and change what passes, and sees the token; it keeps neither.
Guests are told, and so is everyone in the session.
It knows the session by its key all the same, and the VM decides as ever who comes in.
.SH STATUS AND FIGURES
\fBstatus\fR asks the relay with the same state directory, by a socket that its own account
and root alone can open: the sessions by their ids, whether each has a link, how many
guests.
.PP
\fB\-\-metrics\fR answers at /metrics in the form of OpenMetrics, and at /healthz; give it an
address that only your own machines reach.
No figure has the name of a session, an address or a token.
.PP
\fBstepmux_relay_sessions\fR{\fIlinked\fR}, \fBstepmux_relay_guests_inside\fR and
\fBstepmux_relay_connections_open\fR say what there is;
\fBstepmux_relay_connections_total\fR, \fBstepmux_relay_links_total\fR,
\fBstepmux_relay_guests_total\fR{\fIpath\fR}, \fBstepmux_relay_bytes_total\fR{\fIdirection\fR} and
\fBstepmux_relay_turned_away_total\fR{\fIwhy\fR} count from the start.
.SH WHEN SOMETHING BREAKS
When the link of a VM breaks, it is made again, after 0.2 to 10 seconds; the guests'
connections wait and go on, for two minutes.
When the relay is killed, its guests' connections end; the VM registers again as soon
as the relay is back, and the guests' lines are good as before.
The sessions themselves run on whatever happens.
.PP
After SIGTERM or SIGINT it takes no one further, tells the VMs, and ends as soon as the
last guest has left, or after \fB\-\-drain\fR; those who are still inside then are told.
A second signal ends it at once.
Its port is free from the first one on, so that the next relay can start beside it.
.SH WHAT IT TAKES
A connection has 20 seconds in all to be admitted; addresses that give wrong names are
answered more and more slowly.
A guest may ask for one connection to the one name stepmux: nothing makes the relay
dial anywhere.
A guest whose connection is over has 20 seconds to ask for another, and is sent away.
What a machine or guest says before it is known is bounded to 4 KiB a word and 128 KiB
in all, and connections by \fB\-\-max\-per\-address\fR (of an IPv6 /64) and \fB\-\-max\-connections\fR.
Each direction of each guest holds at most 256 KiB of what the other side has not
taken, and 512 KiB on its way there; one who does not read stops their own stream
alone.
A guest whose ssh ends here may have 6 MiB on its way, over all of their channels.
VMs and guests are asked every \fB\-\-keepalive\fR whether they are there; three
questions without an answer end a connection.
A VM takes the relay's word for the guests' addresses: rules about addresses
(\fBfrom=\fR, \fBsource\-address\fR) admit nobody who comes through a relay.
"#;

const FILES: &str = r#".SH FILES
.TP
~/.local/state/stepmux/relay_ed25519
The relay's key, made at the first start, readable by its user alone.
Routes are derived of it: whoever replaces it makes every printed line void.
.TP
~/.local/state/stepmux/authorized_hosts
The machines of \fB\-\-allow\-hosts keys\fR.
.TP
~/.local/state/stepmux/relay.sock
Where \fBstatus\fR asks.
.SH EXIT STATUS
.TP
0
After SIGTERM or SIGINT.
.TP
1
A key, a list or an address cannot be had, or no relay answers \fBstatus\fR.
.TP
2
Wrong arguments.
.SH A SYSTEMD UNIT
"#;

/// The unit that is shipped beside the program.
const UNIT: &str = include_str!("../../packaging/stepmux-relay.service");

const TAIL: &str = r#".SH SEE ALSO
The operator's page, from a fresh machine to a running relay: \fIdocs/relay.md\fR of the
sources.
.br
\fBstepmux\fR(1), \fBstepmux\-share\fR(1), \fBssh\fR(1), \fBsystemd.service\fR(5)
"#;
