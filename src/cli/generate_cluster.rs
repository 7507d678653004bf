//! What stepmux-relay(8) says of a relay of several nodes. Pure text.

/// The section, in roff (man(7)).
pub(super) const CLUSTER: &str = r#".SH A RELAY OF SEVERAL NODES
With \fB\-\-cluster\fR several relays are one: any node takes any guest, and finds the
node to which the session's VM is linked.
Each node is started with the same \fB\-\-key\fR, \fB\-\-cluster\fR and \fB\-\-peer\fR
arguments, and with its own \fB\-\-node\fR and certificate:
.PP
stepmux relay \-\-listen [::]:2200 \-\-key relay_key \e
.br
    \-\-cluster nats://bus.internal \-\-node a \-\-cluster\-listen [::]:7443 \e
.br
    \-\-peer a=10.0.0.1:7443 \-\-peer b=10.0.0.2:7443 \-\-peer c=10.0.0.3:7443 \e
.br
    \-\-cluster\-ca ca.pem \-\-cluster\-cert a.pem \-\-cluster\-key a.key
.PP
VMs share through two or more of the nodes, with commas between them
(\fBshare \-\-relay\fR \fIA\fR,\fIB\fR,\fIC\fR), or through one name that has all the nodes'
addresses.
A VM keeps a link to each of two nodes; when one of them is lost it links to a third.
Guests come to any node: one name with all addresses lets their client take the next
when a node is down.
.PP
\fBWho has a session\fR is asked on the bus, a NATS server: one subject a session, which
the node with the link answers at that moment.
Nothing is stored there, so nothing is out of date.
A word on the bus is sealed with a key that is derived of the relay's own, is for one
session and one question, and names a node, never an address.
Where the bus is away, or nobody answers there, a node asks each other node itself.
.PP
\fBNodes speak to each other\fR by TLS 1.3.
Both sides show a certificate of \fB\-\-cluster\-ca\fR for a name that is in the peer table;
public authorities do not count.
A node dials the addresses of its own peer table alone.
What passes between them is the guests' own ssh.
.PP
\fBWhen a node is lost\fR, the guests who came by it are cut off, and come again by
another with the same line.
Guests who came by another node are switched to the VM's second link: what passes is
numbered and acknowledged between their own node and the VM, so that nothing is lost
or comes twice, and their ssh does not break.
A node that is killed is noticed at once; one that hangs, or whose machine vanishes,
after \fB\-\-silence\fR.
So is a bus that hangs; until then each question to it takes 0.7 seconds, and the
other nodes are asked then.
A guest's connection waits at most two minutes for a way.
.PP
\fBCertificates\fR are made with openssl(1), which keeps the authority's key off the nodes:
.PP
openssl ecparam \-genkey \-name prime256v1 \-noout \-out ca.key
.br
openssl req \-x509 \-new \-key ca.key \-days 3650 \-subj "/CN=relay nodes" \-out ca.pem
.br
for node in a b c; do
.br
    openssl ecparam \-genkey \-name prime256v1 \-noout \-out $node.key
.br
    openssl req \-new \-key $node.key \-subj "/CN=$node" |
.br
    openssl x509 \-req \-CA ca.pem \-CAkey ca.key \-days 825 \e
.br
        \-extfile <(echo "subjectAltName=DNS:$node") \-out $node.pem
.br
done
.PP
\fBThe bus\fR carries no secret and is believed nothing, but who can publish on it can
make nodes work, and who can stop it makes them ask each other: keep it inside.
A password is given by \fB\-\-bus\-auth\fR, a file, since everybody on the machine sees
the arguments.
.PP
Left out: a VM's own choice of the node for its guests, since the newest link is asked;
certificates that are renewed without a restart; one address for all nodes behind a
balancer that always takes a VM to the same node, since its second link needs another.
"#;
