//! The manual page stepmux-share(1), made from the rows of the commands and the
//! options about guests, with what those rows cannot say. Pure text.

use std::fmt::Write as _;

use super::generate::{self, roff};
use crate::command::{Family, man_family};
use crate::config::options;

/// The manual page about guests, in roff (man(7)).
#[must_use]
pub fn man_share() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-SHARE 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH COMMANDS\n");
    man_family(Family::Share, &mut page);
    page.push_str(".SH OPTIONS\nAll are the server's; only an admin may set them.\n");
    for def in options().filter(|def| def.name == "audit-log" || def.name.starts_with("share-")) {
        let _ = writeln!(page, ".TP\n\\fI{}\\fR\n{}", roff(def.name), roff(def.about));
    }
    page.push_str(BODY);
    page.push_str(JOIN);
    generate::options(&mut page, &super::join::definition());
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-share \- let others into a session with a stock ssh client
.SH SYNOPSIS
\fBstepmux share\fR [\fIoptions\fR]
.br
\fBssh\fR \fB\-p\fR \fIport\fR \fItoken\fR@\fIhost\fR [\fIcommand\fR]
.SH DESCRIPTION
\fBshare\fR opens one session to guests and prints how they join: an ssh line whose
user name is a token to type with, one whose token lets its holder look only, the
fingerprint of the host key, and its line for \fIknown_hosts\fR.
Send the last by the same way as the token, so that guests know whom they talk to.
\fB\-\-json\fR says the same for scripts.
At the prompt (ctrl\-b :) it tells the asker alone.
In a pane guests who only look see [secure] or stars for the token that lets its
holder type, and so do recordings.
What they are shown of it otherwise, such as reversed or letter by letter, is not
found; new tokens make it worthless.
.PP
A guest has a size, a prompt, a key table and a detach key of their own, and
reaches no other session.
What happens to their connection, or how slowly they read, is theirs alone.
\fBunshare\fR closes the door and detaches the guests; the session goes on.
.SH WHO COMES IN
.TP
By token
A token is the user name of the connection.
It holds 144 random bits, is kept as a hash at the door and is never logged;
\fBrotate\-share\fR replaces both of them.
.TP
By key
With \fB\-\-authorized\-keys\fR the holders of the listed keys come in under any
user name.
Before a key may stand the options of sshd(8): \fBfrom=\fR, \fBexpiry\-time=\fR,
\fBrestrict\fR, \fBno\-pty\fR, \fBno\-port\-forwarding\fR, \fBcert\-authority\fR and
\fBprincipals=\fR, and \fBstepmux\-grant="view"\fR (or \fBtype\fR, \fBadmin\fR).
A file that sshd reads as well has \fBenvironment="STEPMUX_GRANT=view"\fR instead.
A line with an option that cannot be honoured here opens nothing.
.TP
By certificate
A key after \fBcert\-authority\fR, or in the file of \fBca:\fR\fIFILE\fR, signs user
certificates.
Their principals (the listed ones, else the user name that the guest gives), their
validity and \fBsource\-address\fR are checked; a critical option that is unknown
refuses the certificate.
.TP
By a program
\fB\-\-auth\-command\fR decides about whom nothing else lets in; see below.
.PP
With \fB\-\-limit\-to\fR a token alone opens nothing: nobody comes in without
a key of \fBgh:\fR\fIUSER\fR or \fBgl:\fR\fIUSER\fR (asked of the forge over https when the
share opens), of \fIFILE\fR, or a certificate by \fBca:\fR\fIFILE\fR.
A restriction that cannot be had (no such user, no key, no answer in time, an
unreadable line) opens no share, and the command fails.
.SH THROUGH A RELAY
With \fB\-\-relay\fR this machine dials out to a relay, and nothing listens here unless
\fB\-\-listen\fR says so.
Guests jump through the relay to this machine's own door, so it decides about them as
about any other, and the relay can neither read nor change what passes.
The line for \fIknown_hosts\fR has an alias, which \fBshare\fR puts into the ssh line:
the keys of sessions are told apart by it.
Another line has the relay's own key, for the jump.
\fB\-\-relay\-key\fR names the relay's own key; without it the first one seen at a place
is written down, and a relay that shows another one there is refused.
A link that breaks is made again, and the guests' connections go on.
.PP
A relay that takes known machines only is shown a key by \fB\-\-relay\-identity\fR, a
private key without a passphrase.
.PP
The addresses of the relay's name are tried in turn, of both families, and the first
that answers is taken.
A proxy of the environment (\fBhttps_proxy\fR, \fBHTTPS_PROXY\fR, \fBall_proxy\fR,
\fBALL_PROXY\fR, as http:// or https:// with or without a user and password) is asked to
CONNECT, except to what \fBno_proxy\fR or \fBNO_PROXY\fR names: hosts and all below them,
addresses, networks, each with or without a port, or *.
SOCKS proxies are not spoken to, since a program does that better:
\fB\-\-proxy\-command\fR (or \fIshare\-proxy\-command\fR) is run by /bin/sh, and its
standard input and output are the connection, such as
\fBnc \-X 5 \-x proxy:1080 %h %p\fR; \fBnone\fR leaves a proxy of the environment unused.
.PP
With \fB\-\-relay\-compat\fR guests may also come without a jump, by
\fBssh\fR \fIROUTE\fR\-\fITOKEN\fR@\fIrelay\fR.
Their ssh ends in the relay, which then can read and change what they see and type:
\fBshare\fR says so beside the line, guests read it when they come, the list of people
and the status line show it.
Tokens alone let them in, since no key can be shown through a relay, so this does not
go with \fB\-\-limit\-to\fR; files pass, forwarded connections do not, which would end in
the relay too.
Rules about addresses admit nobody who comes so: the relay alone knows from where.
See \fBstepmux\-relay\fR(8).
.SH WHAT THEY MAY DO
.TP
view
Sees the session, scrolls and searches its history in a view of their own, and
runs commands that change nothing.
No key, click, paste, command, file or forward of theirs reaches a pane.
.TP
type
View; types, and runs the commands that change windows and panes.
.TP
admin
Everything that the owner of the session may, sharing and ending it included.
.PP
The token that types has the grant type; a key has that of its line, else type.
\fB\-\-view\-only\fR leaves view to all of them.
Of a key that is listed twice the first line counts; a token as the user name beside
a key gives no more than either.
Commands about the server, its options and programs outside of panes need admin.
.SH KNOCKING
With \fB\-\-knock\fR each guest waits at the door until someone inside who is an admin
admits them, under the grant of their token or key or another one: in the panel of
people, or by \fBadmit\-guest\fR and \fBdeny\-guest\fR.
Who is admitted by nobody within \fIshare\-knock\-time\fR seconds is sent away.
.SH THE PANEL OF PEOPLE
\fBchoose\-guest\fR (ctrl\-b P) lists who is here and who waits, with name, grant, token
or key, address, since when, for how long idle, and size.
Its keys are shown below the list: they admit, deny, change a grant, send away, lock
the door, make new tokens and show how to join, to whoever asked alone.
"#;

const BODY: &str = r#".SH WITHOUT A SCREEN
\fBssh \-t\fR \fItoken\fR@\fIhost\fR \fBtmux \-CC attach\fR is control mode, as iTerm2
speaks it; with \fBtmux \-C\fR and without \fB\-t\fR the lines stand bare.
The name of the program may be \fBstepmux\fR as well, or left out after \fB\-\-\fR.
Its commands run under the guest's grant, and the flag \fBwait\-exit\fR waits for
nothing here.
.PP
A \fIcommand\fR after the host is a command line of stepmux that runs under the guest's
grant, with its output, its errors and its exit status:
\fBssh \-p 2222\fR \fITOKEN\fR@\fIHOST\fR \fBcapture\-pane \-p\fR.
.PP
With \fB\-\-sftp\fR \fIDIR\fR, sftp(1) and scp(1) reach the files below \fIDIR\fR, under their
own paths; links that lead out of it are refused.
With \fB\-\-forward\fR, \fBssh \-L\fR reaches any place, the loopback addresses, or the
\fIHOST:PORT\fR given.
Both are for guests whose grant is type or more.
File names that are not UTF-8 cannot be reached: the library that speaks SFTP has no way
to say them.
Remote forwards, agents and X11 are refused.
Of what ssh sends beside keys, the terminal's size reaches the session and signals reach a
command; a break (\fB~B\fR) does nothing, as under an sshd whose terminals are ptys.
.SH THE PROGRAM AT THE DOOR
\fB\-\-auth\-command\fR is run by /bin/sh and reads one line of JSON from its standard
input: \fBuser\fR (the user name as given), \fBaddress\fR, \fBkey\fR and \fBfingerprint\fR (of a
key that the guest has proven to hold, else null) and \fBsession\fR.
It answers with a grant as a word, or with an object of \fBgrant\fR and, if it likes,
\fBname\fR.
Anything else, a status other than 0, or no answer within 10 seconds denies.
Its standard error is not read.
.SH HOOKS AND THE AUDIT LOG
The hooks \fIclient\-joined\fR, \fIclient\-left\fR, \fIjoin\-requested\fR and
\fIjoin\-refused\fR run when a guest comes, goes, waits or is turned away.
.PP
\fIaudit\-log\fR names a file that gets a line of JSON for each of these, and for each
change of a share, with \fBtime\fR, \fBevent\fR, \fBsession\fR, and of a guest \fBclient\fR,
\fBgrant\fR, \fBname\fR, \fBaddress\fR, \fBport\fR, \fBmeans\fR and \fBkey\fR (a fingerprint).
No token is in it.
A file that others may read or write, a link or a device is refused.
"#;

const JOIN: &str = r#".SH JOINING WITH STEPMUX
\fBshare\fR prints a string as well, for guests who have stepmux themselves:
.PP
\fBstepmux join\fR [\fIoptions\fR] \fBstepmux://\fR\fITOKEN\fR@\fIHOST\fR[:\fIPORT\fR]/\fIKEY\fR[/\fIROUTE\fR/\fIRELAYKEY\fR] [\fIcommand\fR]
.PP
It runs the system's ssh with the keys of whom to expect, so that nobody in between can
pass for the session or the relay, and leaves the user's known hosts alone; the user's
own configuration of ssh holds for the rest.
A connection that was lost is made again, until the session has ended, the string lets
nobody in any more, or \fB\-\-patience\fR is over.
The string has the token in it: \fBstepmux://\-\fR reads it from standard input instead,
and ssh gets it by a private file, so that no list of processes shows it.
Without such a string \fBjoin\fR is an abbreviation of \fBjoin\-pane\fR.
"#;

const TAIL: &str = r#".SH FILES
.TP
~/.local/state/stepmux
Host keys; ed25519, made at the first share, readable by their user alone.
.TP
~/.local/state/stepmux/known_relays
The relays' keys as first seen, one line each: take a line out to see a new key first.
.TP
\fIFILE\fR\-cert.pub
The certificate of the host key \fIFILE\fR, shown to guests when it is there.
.SH EXIT STATUS
0 when the session is open, 1 when anything asked for could not be had.
.SH EXAMPLES
.TP
Let a team in, and a colleague look
stepmux share \-\-listen 0.0.0.0:2222 \-\-authorized\-keys team.pub
.TP
Only two users of a forge, each let in by hand
stepmux share \-\-limit\-to gh:ann \-\-limit\-to gl:bob \-\-knock
.TP
Copy a core file out
stepmux share \-\-sftp /build; scp \-P 2222 TOKEN@vm:/build/core .
.SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-relay\fR(8), \fBssh\fR(1), \fBsshd\fR(8), \fBsftp\fR(1)
"#;
