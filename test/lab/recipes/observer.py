"""Samples in which the capture itself is limited: it begins in the middle, or sees one direction only."""

import time

from sockets import drain, recvn
from scenarios.workloads import reqresp

from .registry import SAMPLE_FILTER, recipe


@recipe(
    "mid-stream",
    expect=("closed",),
    check=lambda f: not f.syns(None) and len(f.find("server", data=True)) > 10 and len(f.fins()) == 2,
    point="client",
    why="any point would do: the capture starts 0.6 s after the connect",
    late=True,
    question="Who is the client, and how long did the handshake take?",
    answer=lambda f: "The handshake is not in the capture, which starts in the middle of the transfer; its time cannot be told. By the ports (a high one against 8000) 10.77.0.1 is the client, by guess; "
    f"the capture sees {len(f.find('server', data=True))} data segments of the server and the graceful close.",
    must=["capture starts mid-stream", "handshake unknown", "client guessed"],
)
def _(L):
    """The server sends 1,000 bytes every 50 ms for 1.2 s; the capture starts half-way and sees the rest and the close."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 100)
        for k in range(24):
            s.sendall(b"a" * 1000)
            time.sleep(0.05)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 100)
    time.sleep(0.3)
    L.start_captures()
    drain(s)
    s.close()
    join()


@recipe(
    "one-direction",
    expect=("closed",),
    check=lambda f: not f.find("server"),
    point="client",
    why="the filter of this capture keeps only what the client sends",
    capture_filter="src host 10.77.0.1 and (" + SAMPLE_FILTER + ")",
    done="captured with the filter src host 10.77.0.1",
    question="The server never seems to answer. Is it down?",
    answer=lambda f: f"No: the capture holds the client's direction only ({len(f.packets)} packets, none from the server). The client's ACK numbers grow by {f.truth['ackedByClient']:,} (12,000 bytes and a FIN), so the server answered; the close was graceful.",
    must=["one direction captured", "server did answer"],
)
def _(L):
    """A plain request with an answer of 12,000 bytes, of which the capture keeps only the client's packets."""
    reqresp(L, 1, req=200, resp=12000, cc="cubic")
