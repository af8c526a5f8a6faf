"""Samples without trouble: graceful closes, IPv6, a VLAN tag, nanoseconds, Fast Open, port reuse, a slow server."""

import time

from sockets import IP, TCP_FASTOPEN, drain, recvn
from scenarios.workloads import reqresp

from .registry import recipe

import socket

MSG_FASTOPEN = 0x20000000


@recipe(
    "normal",
    expect=("closed",),
    check=lambda f: not f.repeats(),
    point="client",
    why="the client's own capture: both closes and the whole round trip are seen",
    question="Was anything lost, who closed first, and how long did the connect take?",
    answer=lambda f: f"Nothing was lost. The connect took {f.connect()} (one round trip of 30 ms), the client closed first (FIN in frame {f.fins('client')[0]['n']}) "
    f"and both sides ended gracefully: {f.final()}.",
    must=["nothing lost", "client closed first", "about 30 ms"],
)
def _(L):
    """One request of 200 bytes, one answer of 4,000 bytes, then the client closes; nothing goes wrong."""
    reqresp(L, 1, req=200, resp=4000, closer="c")


@recipe(
    "normal-server-closes-first",
    expect=("closed",),
    point="client",
    why="the server's FIN arrives here first, so the order of the closes is seen",
    question="Who closed first, and which side is left in TIME_WAIT?",
    answer=lambda f: f"The server closed first (FIN in frame {f.fins('server')[0]['n']}), the client answered with its own FIN (frame {f.fins('client')[0]['n']}); "
    f"TIME_WAIT therefore stays at the server. Final states: {f.final()}.",
    must=["server closed first", "TIME_WAIT at the server"],
)
def _(L):
    """One request and one answer, then the server closes and the client follows."""
    reqresp(L, 1, req=200, resp=4000, closer="s")


@recipe(
    "ipv6",
    expect=("closed", "closed"),
    point="client",
    why="the client's own capture",
    rtt_ms=20,
    question="Which IP version is this, and how long did the connects take?",
    answer=lambda f: f"IPv6 (fd77::1 to fd77::2). The two connects took {f.connect(0)} and {f.connect(1)}; both closed gracefully, nothing was lost.",
    must=["IPv6", "about 20 ms", "graceful"],
)
def _(L):
    """Two requests over IPv6, each on its own connection, closed gracefully."""
    reqresp(L, 2, req=200, resp=3000, v=6, gap=0.05)


@recipe(
    "nanosecond",
    expect=("closed", "closed"),
    point="client",
    why="dumpcap writes pcapng whose interface says nanoseconds",
    rtt_ms=20,
    fmt="pcapng",
    question="How precise are the timestamps, and how long did the two connects take?",
    answer=lambda f: f"Nanoseconds (pcapng, if_tsresol 9). The connects took {f.c[0]['connectNs']} ns and {f.c[1]['connectNs']} ns by the kernel's clock; nothing was lost.",
    must=["nanosecond", "about 20 ms"],
)
def _(L):
    """Two plain connections, captured by dumpcap as pcapng with nanosecond timestamps."""
    reqresp(L, 2, req=200, resp=3000, gap=0.05)


@recipe(
    "vlan",
    expect=("closed",),
    point="mid",
    why="the tap between the hosts stands on the tagged trunk; the hosts themselves see no tag",
    rtt_ms=20,
    mid_vlan=177,
    ipv6=False,
    done="the tap of the bridge adds an 802.1Q tag, id 177, to each frame it writes",
    question="Which VLAN carries this connection, and was anything lost?",
    answer=lambda f: f"VLAN 177 (802.1Q tag on all {len(f.packets)} packets). One graceful connection, nothing lost; the kernel's connect took {f.connect()}.",
    must=["VLAN 177", "nothing lost"],
)
def _(L):
    """One plain connection seen by a tap in the middle of the path, where every frame carries an 802.1Q tag."""
    reqresp(L, 1, req=200, resp=4000)


def fast_opens(L, n, before=lambda i: None):
    """n requests by Fast Open, one after the other; `before(i)` runs before the i-th."""
    ls = L.listen(8000, pre=lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16))
    join = L.serve(ls, lambda s, i: (recvn(s, 100), s.sendall(b"a" * 1000), drain(s)), n)

    def client(i):
        before(i)
        s = L.sock("c")
        wall = time.time_ns()
        s.sendto(b"q" * 100, MSG_FASTOPEN, (IP[4]["s"], 8000))
        recvn(s, 1000)
        L.conns.append(
            {
                "opener": "c",
                "tag": "fast open",
                "remote": [IP[4]["s"], 8000],
                "local": list(s.getsockname()),
                "result": "ok",
                "connect_start_ns": wall,
            }
        )
        s.close()
        time.sleep(0.1)

    L.each(n, client)
    join()


@recipe(
    "fast-open",
    expect=("closed", "closed"),
    check=lambda f: any(p["len"] for p in f.syns()),
    point="client",
    why="the client's own capture shows cookie request, cookie and data in the SYN",
    sysctl={"net.ipv4.tcp_fastopen": 3},
    question="What does the second connection save over the first, and how?",
    answer=lambda f: f"The first connection asks for a Fast Open cookie; the second sends its 100-byte request in the SYN (frame {[p for p in f.syns() if p['len']][0]['n']}) with that cookie "
    f"and the server takes it. The first answer came {f.gap(f.syns()[0], f.find('server', data=True, port=f.syns()[0]['port'])[0])} after the first SYN, "
    f"the second {f.gap(f.syns()[1], f.find('server', data=True, port=f.syns()[1]['port'])[0])} after its own: one round trip saved.",
    must=["TCP Fast Open", "data in the SYN", "one round trip (30 ms) saved"],
)
def _(L):
    """TCP Fast Open: the first connection fetches the cookie, the second sends its request in the SYN."""
    fast_opens(L, 2)


@recipe(
    "port-reuse",
    expect=("closed", "closed"),
    point="client",
    why="the client's own capture: both lives of the four-tuple with their initial sequence numbers",
    question="How many connections are there, and why may the second one use the same four-tuple?",
    answer=lambda f: f"Two, on the same four-tuple ({f.c[0]['client']}). The server closed first, so it sat in TIME_WAIT when the client opened the port again "
    f"{f.gap(f.syns()[0], f.syns()[1])} after the first SYN; a newer timestamp and sequence number let the server accept the SYN at once (connect {f.connect(1)}).",
    must=["two connections", "TIME_WAIT at the server", "accepted at once"],
)
def _(L):
    """The server closes first and keeps TIME_WAIT; the client opens the same four-tuple again at once and is accepted."""
    ls = L.listen(8000)
    for _ in range(2):
        s, r = L.connect(8000, lport=45000)
        p, _ = ls.accept()
        s.sendall(b"q" * 50)
        recvn(p, 50)
        p.sendall(b"a" * 1000)
        p.close()
        drain(s)
        s.close()
        time.sleep(0.2)
    ls.close()


@recipe(
    "port-reuse-client",
    expect=("closed", "closed"),
    point="client",
    why="the client's own capture: its TIME_WAIT is opened again by itself",
    sysctl={"net.ipv4.tcp_tw_reuse": 1},
    question="Which side was in TIME_WAIT when the port was used again, and how long after the close?",
    answer=lambda f: f"The client: it closed first, and tcp_tw_reuse let it open the same four-tuple {f.gap(f.fins('client')[0], f.syns()[1])} after its FIN. "
    f"Two connections; the second connect took {f.connect(1)}.",
    must=["client was in TIME_WAIT", "tcp_tw_reuse", "more than 1 s later"],
)
def _(L):
    """The client closes first and keeps TIME_WAIT; tcp_tw_reuse lets it open the same four-tuple again after a second."""
    ls = L.listen(8000)
    for k in range(2):
        s, r = L.connect(8000, lport=46000)
        p, _ = ls.accept()
        s.sendall(b"q" * 50)
        recvn(p, 50)
        s.close()
        drain(p)
        p.close()
        time.sleep(1.3 if k == 0 else 0)
    ls.close()


@recipe(
    "slow-server",
    expect=("closed",),
    point="client",
    why="the client's own capture: the network's share and the server's share of the wait stand side by side",
    question="Is the network or the server slow?",
    answer=lambda f: f"The server. The connect took {f.connect()}, the request was acknowledged after one round trip, but the first byte of the answer came "
    f"{f.gap(f.find('client', data=True)[0], f.find('server', data=True)[0])} after the request; nothing was lost.",
    must=["server", "1.2 s", "nothing lost"],
)
def _(L):
    """The server thinks for 1.2 s before it answers; the path is short and clean."""
    reqresp(L, 1, req=200, resp=2000, think=1.2)
