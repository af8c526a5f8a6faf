"""Samples of boxes on the way that take part in connections."""

import time

from sockets import drain, nodelay, recvn

from .registry import recipe

SEGMENTS = 20


def uploads(L, n):
    """Connections one after the other, each with an upload in small writes and an answer."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, SEGMENTS * 500)
        s.sendall(b"a" * 200)
        drain(s)

    join = L.serve(ls, server, n)
    for _ in range(n):
        s, r = L.connect(8000, pre=nodelay)
        time.sleep(0.05)
        for _ in range(SEGMENTS):
            s.sendall(b"z" * 500)
            time.sleep(0.01)
        recvn(s, 200)
        time.sleep(0.6)
        s.close()
        time.sleep(0.3)
    join()


@recipe(
    "local-ack",
    expect=("closed", "closed"),
    check=lambda f: sum(e["verdict"] == "injected" for e in f.network) >= 2 * SEGMENTS,
    point="client",
    why="the client's capture: the handshake comes from afar, the acknowledgments from near by",
    rtt_ms=150,
    rules={
        "dir=c2s match=NEWDATA action=ack:1000": "a box near the client acknowledges the client's data in the server's place, and passes it on",
        "dir=s2c match=ACK before_ms=800": "the box keeps the server's own acknowledgments",
    },
    sysctl={"s:net.ipv4.ip_default_ttl": 54},
    done="the server's packets begin with TTL 54, as if they came over ten more hops",
    question="The handshake took 150 ms, and the client's data is acknowledged after 1 ms. How far is the server?",
    answer=lambda f: "150 ms, as the handshake says. The acknowledgments are made by a box near the client: they come 1 ms after the data and with TTL 61, the server's own packets with TTL 54. The server has the data only later.",
    must=["150 ms", "a box on the way acknowledges", "another TTL"],
)
def _(L):
    """An accelerator near the client, played by the bridge, acknowledges the client's data at once and passes it on over a long path; handshake, answers and closes go from end to end."""
    uploads(L, 2)


@recipe(
    "mss-clamped",
    expect=("closed", "closed"),
    check=lambda f: sum(e["verdict"] == "mss" for e in f.network) == 4,
    point="both",
    why="both hosts' captures in one file, as a router with a capture on both of its interfaces would make it: each packet twice",
    rtt_ms=2,
    rules={
        "dir=c2s match=SYN action=mss:1300": "a box on the way lowers the MSS of the client's SYN to 1300",
        "dir=s2c match=SYNACK action=mss:1340": "the box lowers the MSS of the server's SYN-ACK to 1340",
    },
    question="Which segment size did each host offer, and which one did the other host read?",
    answer=lambda f: "Both offered 1460. The server read 1300 in the client's SYN and the client 1340 in the SYN-ACK: a box between the two capture points rewrites the option (MSS clamping). Each SYN stands in the file twice, with the same sequence number and another MSS.",
    must=["1460 offered", "1300 and 1340 read", "a box on the way"],
)
def _(L):
    """A box between two capture points, played by the bridge, lowers the MSS option of every SYN and SYN-ACK, as a router in front of a tunnel does."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 2000)
        s.sendall(b"a" * 8000)
        drain(s)

    join = L.serve(ls, server, 2)
    for _ in range(2):
        s, r = L.connect(8000, cc="cubic")
        s.sendall(b"q" * 2000)
        recvn(s, 8000)
        s.close()
        time.sleep(0.2)
    join()


def many_senders(L):
    """Ten connections send 400 bytes every tenth of a second, from 1.5 s to 3 s after the bridge began, each at its own beat."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: drain(s), 10)

    def one(i):
        s, r = L.connect(8000, pre=nodelay)
        for k in range(15):
            time.sleep(max(0, (L.bridge_ns - time.time_ns()) / 1e9 + 1.5 + i * 0.01 + k * 0.1))
            s.sendall(b"z" * 400)
        time.sleep(0.5)
        s.close()

    L.each(10, one, par=10)
    join()


def lossy(f):
    """Places of the connections that lost data, by what the bridge dropped."""
    frames = {e["frame"] for e in f.lost()}
    return {p["port"] for p in f.packets if p["n"] in frames and p["len"] > 0}


@recipe(
    "loss-burst",
    expect=("closed",) * 10,
    check=lambda f: len(lossy(f)) == 10,
    point="client",
    why="the sending side's own capture: what was lost is seen leaving, and again",
    rules={"dir=any match=ANY gafter_ms=2200 gbefore_ms=2350": "for 150 ms nothing passes in either direction"},
    snap=80,
    question="Ten connections had to send something again. Do they share a cause?",
    answer=lambda f: f"Yes: all that was lost of all ten of them ({sum(p['n'] in {e['frame'] for e in f.lost()} and p['len'] > 0 for p in f.packets)} data segments) was sent within the same 150 ms; before and after nothing was. Something that they share dropped everything for a moment.",
    must=["all ten", "the same 150 ms", "a shared cause"],
)
def _(L):
    """Ten connections send all the time; for 150 ms nothing passes in either direction. Each of them loses what it sent then and sends it again."""
    many_senders(L)


@recipe(
    "loss-spread",
    expect=("closed",) * 10,
    check=lambda f: len(lossy(f)) >= 6 and 12 <= len(f.lost()) <= 20,
    point="client",
    why="the sending side's own capture: what was lost is seen leaving, and again",
    rules={"dir=c2s match=NEWDATA prob_ppm=110000": "a tenth of the client's new segments is lost, by chance"},
    snap=80,
    question="Ten connections lost segments. Was it one event?",
    answer=lambda f: f"No: {len(f.lost())} data segments of {len(lossy(f))} connections were lost, by chance, over more than a second; no moment stands out.",
    must=["no", "spread over the whole time"],
)
def _(L):
    """The same ten connections, of which the path loses every tenth segment by chance: as many losses as in loss-burst, at no common time."""
    many_senders(L)
