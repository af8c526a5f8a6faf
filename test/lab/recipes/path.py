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
