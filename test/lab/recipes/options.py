"""Samples of what handshakes agree on, or do not: Fast Open, SYN cookies, options that a box takes away, sequence numbers."""

import time

from lab import MAC
from scenarios.harsh import with_isn
from sockets import drain, recvn

from .plain import fast_opens
from .registry import recipe


def with_data(f):
    return [p for p in f.syns() if p["len"]]


@recipe(
    "fast-open-new-key",
    expect=("closed", "closed", "closed"),
    check=lambda f: len(with_data(f)) == 2,
    point="client",
    why="the client's own capture shows the cookies and what the SYN-ACKs acknowledge",
    sysctl={"net.ipv4.tcp_fastopen": 3},
    done="before the second connection the server gets another Fast Open key (net.ipv4.tcp_fastopen_key), as a restarted or a second server has",
    question="Did Fast Open save a round trip on the second connection, and why?",
    answer=lambda f: f"No. The second connection sends its request in the SYN (frame {with_data(f)[0]['n']}) with the cookie of the first, but the server has another key by now: its SYN-ACK acknowledges the SYN alone "
    f"and brings a new cookie, and the client sends the request again. The third connection uses that one (frame {with_data(f)[1]['n']}) and the server takes its request from the SYN.",
    must=["the cookie was refused", "a new cookie", "the request was sent again"],
)
def _(L):
    """TCP Fast Open: the server's key changes after the first connection, so the second one's cookie is refused and its request sent again; the third one's new cookie is taken."""
    fast_opens(L, 3, lambda i: L.run_in("s", "sysctl -qw net.ipv4.tcp_fastopen_key=0badcafe-00112233-44556677-8899aabb") if i == 1 else None)


@recipe(
    "fast-open-syn-lost",
    expect=("closed", "closed", "closed"),
    check=lambda f: len(with_data(f)) == 2 and len(f.syns()) == 5,
    point="client",
    why="the SYNs with data are seen where they were sent, and their repeats without",
    rules={"dir=c2s match=SYN nth=1 conn=2+": "from the second connection on, the first SYN, the one with data, is lost"},
    sysctl={"net.ipv4.tcp_fastopen": 3},
    question="What did Fast Open cost here, and what does the path do with it?",
    answer=lambda f: f"Both SYNs with data (frames {f.numbers(with_data(f))}) were lost on the way, while the first connection's SYN, which only asks for a cookie, came through. Each was repeated without data about a second later "
    f"({f.gap(f.syns()[1], f.syns()[2])}, {f.gap(f.syns()[3], f.syns()[4])}) and answered at once: the second that Fast Open cost is many times the round trip that it saves.",
    must=["SYNs with data lost", "repeat without data answered", "about 1 s"],
)
def _(L):
    """TCP Fast Open on a path that loses SYNs with data: each is repeated without data after a second, and answered."""
    fast_opens(L, 3)


def one_turn(L, ls, n, pre=None, think=0.0):
    """n connections, one after the other, each with a small request and an answer after `think` seconds; `pre` prepares a socket."""
    for i in range(n):
        s, _ = L.connect(8000, pre=pre and (lambda s: pre(s, i)))
        p, _ = ls.accept()
        s.sendall(b"q" * 40)
        recvn(p, 40)
        time.sleep(think)
        p.sendall(b"a" * 100)
        recvn(s, 100)
        s.close()
        drain(p)
        p.close()


@recipe(
    "syn-cookies",
    expect=("closed",) * 25,
    check=lambda f: len(f.synacks()) == 25 and not f.repeats(),
    point="server",
    why="the SYN-ACKs are seen at the moment at which they were made, beside what their timestamps say",
    rtt_ms=10,
    sysctl={"s:net.ipv4.tcp_syncookies": 2},
    done="net.ipv4.tcp_syncookies = 2 at the server: each SYN is answered by a cookie; for the last three connections the client's net.ipv4.tcp_timestamps is 0",
    question="How does this server answer SYNs, and what does that cost the last three connections?",
    answer=lambda f: "By SYN cookies: it keeps nothing of a SYN. The timestamps of its SYN-ACKs lie up to 64 ms behind the clock of its later segments, for their last six bits hold the client's options. "
    f"The last three connections come without timestamps (SYNs in frames {f.numbers(f.syns()[-3:])}): a cookie has no place for their window scale and SACK, and the SYN-ACKs grant neither.",
    must=["SYN cookies", "no window scale and no SACK without timestamps"],
)
def _(L):
    """A server that answers every SYN with a SYN cookie: 22 connections with timestamps keep their options, three without lose them."""
    ls = L.listen(8000)
    one_turn(L, ls, 22, think=0.08)
    L.run_in("c", "sysctl -qw net.ipv4.tcp_timestamps=0")
    one_turn(L, ls, 3, think=0.08)
    ls.close()


STRIP = """table ip box {
  chain arriving {
    type filter hook prerouting priority 0;
    ip saddr 10.77.0.13 tcp flags syn reset tcp option sack-perm
    ip saddr 10.77.0.13 tcp flags syn reset tcp option timestamp
  }
}
"""


@recipe(
    "options-stripped",
    expect=("closed",) * 7,
    check=lambda f: len(f.synacks()) == 7,
    point="client",
    why="here the SYNs still offer what the box takes away, and the SYN-ACKs show what the server was asked for",
    done="a firewall in front of the server (nftables: reset tcp option sack-perm, reset tcp option timestamp) takes SACK and timestamps out of the SYNs from 10.77.0.13",
    question="To which client does the server not grant SACK and timestamps, and is that the server's doing?",
    answer=lambda f: f"To 10.77.0.13: its four SYNs (frames {f.numbers(f.syns()[3:])}) offer both, the SYN-ACKs grant neither. The server grants both to 10.77.0.1, 10.77.0.11 and 10.77.0.12, so that it is no setting of its: "
    "a box on the way of this one client takes the options out of the SYNs.",
    must=["10.77.0.13", "SACK and timestamps", "a box on the way, not the server"],
)
def _(L):
    """One of four clients never gets SACK and timestamps, for a firewall takes both out of its SYNs; the server grants them to the others."""
    for last in (11, 12, 13):
        L.run_in("c", f"ip addr add 10.77.0.{last}/24 dev gtc0")
        L.run_in("s", f"ip neigh replace 10.77.0.{last} lladdr {MAC['c']} dev gts0 nud permanent")
    L.write("box.nft", STRIP)
    L.run_in("s", f"nft -f {L.path('box.nft')}")
    ls = L.listen(8000)
    for last, n in ((1, 1), (11, 1), (12, 1), (13, 4)):
        one_turn(L, ls, n, pre=lambda s, i: s.bind((f"10.77.0.{last}", 0)))
    ls.close()


@recipe(
    "weak-isn",
    expect=("closed",) * 10,
    check=lambda f: len(f.syns()) == 10,
    point="client",
    why="the client's own capture: its initial sequence numbers in the order in which it chose them",
    rtt_ms=10,
    done="the client's sockets are given their initial sequence numbers (TCP_REPAIR), each 64,000 above the one before, as 4.2BSD counted them",
    question="Can the client's next initial sequence number be guessed?",
    answer=lambda f: f"Yes: each of the ten lies 64,000 above the one before (from {f.syns()[0]['seq']} on), so that the next is {(f.syns()[-1]['seq'] + 64000) % 2**32}. The server's are random, as they should be (RFC 6528).",
    must=["yes", "64,000", "the server's are random"],
)
def _(L):
    """Ten connections of a client whose initial sequence numbers count up by 64,000, as old systems did; the server's are random."""
    ls = L.listen(8000)
    one_turn(L, ls, 10, pre=lambda s, i: with_isn(0xFFFA0000 + 64_000 * i)(s))
    ls.close()
