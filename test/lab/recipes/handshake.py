"""Samples of handshakes that lose a packet, are refused, never answered, or given up."""

import socket
import threading
import time

from rawsyn import syn_packet
from sockets import IP, drain, recvn
from scenarios.workloads import reqresp

from .registry import recipe


def raw_syn(L, sport, dport, seq, mss=True):
    """Sends one SYN from the client's address through a raw socket: the client's kernel knows nothing of it."""
    raw = L.sock("c", typ=socket.SOCK_RAW, proto=socket.IPPROTO_RAW)
    raw.sendto(syn_packet((IP[4]["c"], sport), (IP[4]["s"], dport), seq, mss=mss), (IP[4]["s"], 0))
    raw.close()


@recipe(
    "syn-lost",
    expect=("closed",),
    check=lambda f: len(f.syns()) == 2,
    point="client",
    why="the first SYN and its repeat are both seen where they were sent",
    rules={"dir=c2s match=SYN nth=1": "the first SYN is lost"},
    question="Which packet was lost, and what did it cost?",
    answer=lambda f: f"The first SYN (frame {f.lost()[0]['frame']}) was lost; the kernel sent it again {f.gap(*f.syns()[:2])} later (frame {f.syns()[1]['n']}), "
    f"so the connect took {f.connect()} instead of about 0.03 s.",
    must=["first SYN lost", "about 1 s", "instead of 0.03 s"],
)
def _(L):
    """The first SYN is lost on the way to the server; the client's kernel repeats it after a second."""
    reqresp(L, 1, req=200, resp=2000)


SYNACK_LOST = {"dir=s2c match=SYNACK nth=1": "the first SYN-ACK is lost"}


@recipe(
    "syn-ack-lost",
    expect=("closed",),
    check=lambda f: len(f.syns()) == 2,
    point="client",
    why="here only the client's packets tell: the SYN is repeated and no SYN-ACK was seen before, so SYN and SYN-ACK loss look alike",
    rules=SYNACK_LOST,
    question="The SYN is repeated. Which packets may have been lost, and what did it cost?",
    answer=lambda f: f"The server's first SYN-ACK was lost on its way to the client. In this capture, taken at the client, a lost SYN would look the same: the SYN of frame {f.syns()[0]['n']} is "
    f"repeated after {f.gap(*f.syns()[:2])} (frame {f.syns()[1]['n']}), and the connect took {f.connect()} instead of about 0.03 s.",
    must=["SYN or SYN-ACK lost (not decidable here)", "about 1 s"],
)
def _(L):
    """The first SYN-ACK is lost on the way back; at the client this looks like a lost SYN."""
    reqresp(L, 1, req=200, resp=2000)


@recipe(
    "syn-ack-lost-server",
    expect=("closed",),
    check=lambda f: len(f.syns()) == 2 and len(f.synacks()) >= 2,
    point="server",
    why="at the server SYN and SYN-ACK are seen, then the SYN again: the answer must have been lost after this point",
    rules=SYNACK_LOST,
    question="Which packet was lost, and what did it cost?",
    answer=lambda f: f"The server's first SYN-ACK (frame {f.lost()[0]['frame']}) was lost after it left the server: the client repeated its SYN {f.gap(*f.syns()[:2])} later (frame {f.syns()[1]['n']}). "
    f"There are {len(f.synacks())} SYN-ACKs in all; the connect took {f.connect()} instead of about 0.03 s.",
    must=["SYN-ACK lost", "about 1 s"],
)
def _(L):
    """The first SYN-ACK is lost on the way back; the capture at the server shows that it had been sent."""
    reqresp(L, 1, req=200, resp=2000)


@recipe(
    "handshake-ack-lost",
    expect=("closed",),
    check=lambda f: len(f.synacks()) == 2,
    point="client",
    why="the ACK is seen leaving, and the SYN-ACK comes again",
    rules={"dir=c2s match=HSACK nth=1": "the client's handshake ACK is lost"},
    question="Why did the greeting come so late?",
    answer=lambda f: f"The client's final ACK (frame {f.lost()[0]['frame']}) was lost. The client thought itself connected after {f.connect()} and waited for the server to speak; the server repeated its SYN-ACK "
    f"{f.gap(*f.synacks()[:2])} later (frame {f.synacks()[1]['n']}) and could send its greeting only then, {f.gap(f.synacks()[0], f.find('server', data=True)[0])} after the first SYN-ACK.",
    must=["handshake ACK lost", "SYN-ACK repeated", "about 1 s"],
)
def _(L):
    """A protocol in which the server speaks first: the client's handshake ACK is lost, so the greeting waits for the repeated SYN-ACK."""
    ls = L.listen(8025)
    join = L.serve(ls, lambda s, i: (s.sendall(b"220 ready\r\n"), drain(s)), 1)
    s, r = L.connect(8025)
    recvn(s, 11)
    s.sendall(b"QUIT\r\n")
    time.sleep(0.1)
    s.close()
    join()


@recipe(
    "syn-ack-late",
    expect=("closed",),
    check=lambda f: f.repeats("client", "syn") and f.repeats("client", "syn")[0]["needless"],
    point="client",
    why="both SYN-ACKs are seen to arrive, the first after the repeated SYN",
    rules={"dir=s2c match=SYNACK action=holduntil:1200": "every SYN-ACK is held until 1.2 s after the first SYN"},
    question="Was anything lost?",
    answer=lambda f: f"No packet was lost: the SYN-ACKs were only late, held on the way until 1.2 s after the first SYN. The client repeated its SYN after {f.gap(*f.syns()[:2])} for nothing (the repeat is needless); the connect took {f.connect()}.",
    must=["nothing lost", "SYN-ACK late", "repeat needless"],
)
def _(L):
    """Nothing is lost, but the SYN-ACKs are held until 1.2 s after the first SYN: the client repeats its SYN needlessly."""
    reqresp(L, 1, req=200, resp=2000)


@recipe(
    "refused",
    expect=("refused", "refused"),
    point="client",
    why="SYN and answering RST are seen",
    question="What happened to the two connects?",
    answer=lambda f: f"Both were refused: nobody listens on port 9. The server's kernel answered each SYN with RST,ACK after one round trip ({f.gap(f.syns()[0], f.resets()[0])} and {f.gap(f.syns()[1], f.resets()[1])}); "
    "the applications got ECONNREFUSED.",
    must=["refused", "RST,ACK", "no listener"],
)
def _(L):
    """Two connects to a port where nobody listens, one over IPv4 and one over IPv6: RST,ACK answers each SYN."""
    L.connect(9)
    time.sleep(0.3)
    L.connect(9, v=6)


@recipe(
    "unanswered",
    expect=("unanswered",),
    check=lambda f: len(f.syns()) == 8,
    point="client",
    why="only the sender of the SYNs sees them",
    rules={"dir=c2s match=SYN": "every SYN is lost"},
    sysctl={"c:net.ipv4.tcp_syn_retries": 3},
    question="How often was the SYN sent, when, and when did the application learn of it?",
    answer=lambda f: f"{len(f.syns())} times, at {f.times(f.syns())} s; none was answered. connect() failed with ETIMEDOUT after {f.waited()}.",
    must=["8 SYNs", "first ones 1 s apart, then doubling", "never answered"],
)
def _(L):
    """Every SYN vanishes and the client gives up. With tcp_syn_retries=3 this kernel sends seven repeats: four evenly spaced ones come on top, and the pauses double only then."""
    L.connect(8000)


@recipe(
    "embryonic",
    expect=("embryonic",),
    check=lambda f: len(f.synacks()) == 6,
    point="server",
    why="the server's view: its SYN-ACKs go unanswered and it cannot know why",
    rules={"dir=c2s match=ACK": "every ACK of the client is lost"},
    settle=0.2,
    question="What state is the connection in at the end, and what does the server do about it?",
    answer=lambda f: f"It never left SYN_RECEIVED at the server: the final ACK never arrived. The server sent its SYN-ACK {len(f.synacks())} times, at {f.times(f.synacks())} s (doubling), "
    "and the client sent nothing after its SYN that got here.",
    must=["SYN_RECEIVED", "SYN-ACK repeated 5 times", "doubling"],
)
def _(L):
    """The client's ACKs are all lost behind the client: the server repeats its SYN-ACK with doubling pauses until the end."""
    L.hold(L.listen(8000))
    s, r = L.connect(8000)
    L.hold(s)
    time.sleep(33)


def through_router(L, prepare, v=4):
    """The server's host stands in as a router towards a network that `prepare` makes unreachable."""
    far = "10.99.0.9" if v == 4 else "fd99::9"
    family = "" if v == 4 else "-6 "
    L.run_in("s", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
    L.run_in("c", f"ip {family}route replace {'10.99.0.0/24' if v == 4 else 'fd99::/64'} via {IP[v]['s']}")
    for cmd in prepare:
        L.run_in("s", cmd)
    L.connect(8000, addr=far, v=v)
    time.sleep(0.2)


def unreachable(kind, say):
    return dict(
        point="client",
        snap=160,
        why="the SYN and the ICMP error that answers it are seen",
        done=say,
        question="Who answered the SYN, with what, and how soon did the application know?",
        answer=lambda f: f"A router, 10.77.0.2, answered with ICMP {kind}; connect() failed with {f.c[0]['applicationSaw']} after {f.waited()}. No TCP segment ever came back.",
        must=["ICMP " + kind, "no TCP answer"],
    )


@recipe(
    "unreachable-host",
    expect=("unreachable",),
    **unreachable("host unreachable", "the router at 10.77.0.2 has a route of type unreachable for 10.99.0.0/24"),
)
def _(L):
    """A connect to a network that a router on the way declares unreachable: ICMP host unreachable."""
    through_router(L, ["ip route add unreachable 10.99.0.0/24"])


@recipe(
    "unreachable-admin",
    expect=("unreachable",),
    **unreachable("communication administratively filtered", "the router at 10.77.0.2 has a route of type prohibit for 10.99.0.0/24"),
)
def _(L):
    """A connect that a router forbids: ICMP administratively prohibited (type 3, code 13)."""
    through_router(L, ["ip route add prohibit 10.99.0.0/24"])


def firewall(family, answer):
    return [
        "nft add table inet f",
        "nft 'add chain inet f in { type filter hook input priority 0 ; }'",
        f"nft 'add rule inet f in tcp dport 8000 reject with {family} type {answer}'",
    ]


@recipe(
    "unreachable-port",
    expect=("unreachable",),
    point="client",
    snap=160,
    why="the SYN and the ICMP error that answers it are seen",
    done="nftables on the server rejects port 8000 with ICMP port unreachable",
    question="Why did the connect fail, and is the host up?",
    answer=lambda f: f"The server's own firewall answered the SYN with ICMP port unreachable; connect() failed with {f.c[0]['applicationSaw']} after {f.waited()}. The host is up: the ICMP comes from its own address, 10.77.0.2.",
    must=["ICMP port unreachable", "firewall", "host is up"],
)
def _(L):
    """A firewall on the server rejects the SYN with ICMP port unreachable, although a program listens."""
    for cmd in firewall("icmp", "port-unreachable"):
        L.run_in("s", cmd)
    ls = L.listen(8000)
    L.connect(8000)
    time.sleep(0.2)
    ls.close()


@recipe(
    "unreachable-ipv6",
    expect=("unreachable", "unreachable"),
    point="client",
    snap=160,
    why="both SYNs and both ICMPv6 errors are seen",
    done="a route of type unreachable for fd99::/64 at the router fd77::2; nftables there rejects port 8000 with ICMPv6 admin-prohibited",
    question="Two IPv6 connects fail. Why does each?",
    answer=lambda f: f"The first goes to fd99::9, for which the router fd77::2 has no way: an ICMPv6 unreachable error, {f.c[0]['applicationSaw']} after {f.waited(0)}. The second goes to fd77::2 itself, whose firewall answers "
    f"ICMPv6 administratively prohibited: {f.c[1]['applicationSaw']} after {f.waited(1)}.",
    must=["ICMPv6", "unreachable", "administratively prohibited"],
)
def _(L):
    """Over IPv6, a router has no way to the first address and a firewall forbids the second."""
    through_router(L, ["ip -6 route add unreachable fd99::/64"], v=6)
    for cmd in firewall("icmpv6", "admin-prohibited"):
        L.run_in("s", cmd)
    L.connect(8000, v=6)


@recipe(
    "handshake-abort",
    expect=("aborted",),
    point="client",
    why="SYN, SYN-ACK and the reset that follows are seen at the scanner",
    done="a raw socket sent the SYN; the client's kernel has no such socket",
    question="Did this connection ever work, and what is it probably?",
    answer=lambda f: f"No. The server answered the SYN (SYN-ACK in frame {f.synacks()[0]['n']}), and the client's host reset it at once (bare RST in frame {f.resets('client')[0]['n']}) because no socket waited for it: "
    "a half-open scan of an open port.",
    must=["client reset", "after SYN-ACK", "aborted"],
)
def _(L):
    """A half-open scan: a raw SYN without a socket behind it; the SYN-ACK is answered with RST by the scanner's own kernel."""
    L.hold(L.listen(8000))
    raw_syn(L, 47000, 8000, 3141592653)
    time.sleep(0.3)


@recipe(
    "stale-syn-ack",
    expect=("aborted",),
    check=lambda f: f.resets("client"),
    point="client",
    why="the late SYN-ACK arrives here after the client has gone",
    rules={"dir=s2c match=SYNACK nth=1 action=delay:700000": "the first SYN-ACK is held for 0.7 s"},
    done="the application gives up its connect() after 0.4 s",
    question="Why does the client reset a connection that the server accepted?",
    answer=lambda f: f"The client's application gave up after 0.4 s; the SYN-ACK came {f.gap(f.syns()[0], f.synacks()[0])} after the SYN (frame {f.synacks()[0]['n']}), found no socket and was answered with RST (frame {f.resets('client')[0]['n']}).",
    must=["client gave up", "SYN-ACK late (0.7 s)", "RST by the client"],
)
def _(L):
    """The client's application gives up after 0.4 s; the SYN-ACK arrives after 0.7 s and draws a RST."""
    ls = L.listen(8000)
    s = L.sock("c")
    s.settimeout(0.4)
    try:
        s.connect((IP[4]["s"], 8000))
    except OSError as e:
        L.extra["connect"] = repr(e)
    s.close()
    time.sleep(0.8)
    ls.close()


@recipe(
    "listen-queue-full",
    expect=("closed", "closed"),
    check=lambda f: len(f.syns()) >= 4,
    point="server",
    why="at the server the SYNs are seen to arrive, and nothing answers them",
    sysctl={"s:net.ipv4.tcp_syncookies": 0},
    done="the listener has a backlog of 0 and accepts nothing for 2.4 s",
    question="The second connect took over 2 s. Did the network lose its SYN?",
    answer=lambda f: f"No: the SYNs arrived at the server, which dropped them itself because its accept queue was full. The second client sent its SYN {len(f.syns()) - 1} times and connected after {f.connect(1)}, "
    f"once the application had accepted the first (whose connect took {f.connect(0)}).",
    must=["accept queue full", "SYNs arrived", "not the network"],
)
def _(L):
    """A program that does not accept: its queue holds one connection, so the server's kernel drops the next SYNs until accept() is called."""
    ls = L.listen(8000, backlog=0)

    def client(i):
        time.sleep(0.2 * i)
        s, r = L.connect(8000)
        recvn(s, 2)
        s.close()

    threads = [threading.Thread(target=client, args=(i,)) for i in range(2)]
    [t.start() for t in threads]
    time.sleep(2.4)
    for _ in range(2):
        p, _ = ls.accept()
        p.sendall(b"ok")
        drain(p)
        p.close()
    [t.join() for t in threads]
    ls.close()


@recipe(
    "handshake-slow",
    expect=("closed",) * 10,
    check=lambda f: not f.repeats(),
    point="client",
    why="the client's own capture: how long each SYN-ACK was waited for",
    rules={
        "dir=s2c match=SYNACK nth=1 conn=3 action=delay:400000": "the SYN-ACK of the third connection is held for 0.4 s",
        "dir=s2c match=SYNACK nth=1 conn=5 action=delay:300000": "the SYN-ACK of the fifth connection is held for 0.3 s",
        "dir=s2c match=SYNACK nth=1 conn=8+ action=delay:250000": "every SYN-ACK from port 8001 is held for 0.25 s",
    },
    question="Which handshakes took unusually long, and was anything lost?",
    answer=lambda f: f"Two of the seven with port 8000: {f.connect(2)} and {f.connect(4)}, the other five {f.connect(0)} or so. Nothing was lost or sent again: their SYN-ACKs came late. Port 8001 needs {f.connect(7)} each time: that is usual there.",
    must=["two with port 8000", "nothing lost", "port 8001 is always that slow"],
)
def _(L):
    """Seven connections to port 8000, whose server usually answers a SYN within 30 ms and twice takes ten times as long; three to port 8001, where it always takes 0.28 s."""
    reqresp(L, 7, req=100, resp=300, gap=0.05)
    reqresp(L, 3, req=100, resp=300, gap=0.05, port=8001)


@recipe(
    "simultaneous-open",
    expect=("closed",),
    check=lambda f: len(f.syns(None)) == 2,
    point="client",
    why="one of the two ends, chosen freely: the other shows the mirror image",
    rtt_ms=80,
    question="Who is the client?",
    answer=lambda f: f"Neither: both ends sent a SYN at the same time (frame {f.syns()[0]['n']} from {'10.77.0.1' if f.syns(None)[0]['side'] == 'client' else '10.77.0.2'}, frame {f.syns(None)[1]['n']} from the other) and each answered with a SYN-ACK: "
    "a simultaneous open, one connection.",
    must=["simultaneous open", "both sent a SYN", "one connection"],
)
def _(L):
    """Both ends connect to each other's bound port at the same moment: one connection without a listener."""
    res, b = {}, threading.Barrier(2)

    def go(h, lp, rp):
        b.wait()
        res[h] = L.connect(rp, host=h, lport=lp, tag="simultaneous open")

    ts = [threading.Thread(target=go, args=a) for a in (("c", 40000, 41000), ("s", 41000, 40000))]
    [t.start() for t in ts]
    [t.join() for t in ts]
    c, s = res["c"][0], res["s"][0]
    c.sendall(b"hi")
    recvn(s, 2)
    s.sendall(b"yo")
    recvn(c, 2)
    c.close()
    drain(s)
    s.close()
