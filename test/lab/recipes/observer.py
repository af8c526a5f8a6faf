"""Samples in which the capture itself is limited: it begins in the middle, sees one direction only, or has its clock set."""

import time

from clocked import Clocked
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


def asks(L, turns, pause):
    """A connection with so many requests, 0.3 s apart; `pause(clocked)` in place of the middle one of these waits. Captured by a recorder with a clock of its own."""
    clocked = Clocked(L)
    ls = L.listen(8000)
    join = L.serve(ls, lambda p, i: ([(recvn(p, 100), p.sendall(b"a" * 400)) for _ in range(turns)], drain(p)), 1)
    s, _ = L.connect(8000)
    for turn in range(turns):
        s.sendall(b"q" * 100)
        recvn(s, 400)
        if turn == turns // 2 - 1:
            pause(clocked)
        else:
            time.sleep(0.3)
    s.close()
    join()


def steps_back(f):
    """The packets that bear an earlier time than the one before them, and by how many nanoseconds."""
    return [(b["n"], a["t"] - b["t"]) for a, b in zip(f.packets, f.packets[1:]) if b["t"] < a["t"]]


@recipe(
    "clock-set-back",
    expect=("closed",),
    check=lambda f: not f.repeats() and len(steps_back(f)) == 1 and steps_back(f)[0][1] > 6e9,
    point="clocked",
    why="a recorder at the client's interface that stamps packets by its own clock, which libfaketime sets; the machine's clock goes on",
    done="the recorder's own clock was set back by 7.5 s between the third answer and the fourth request",
    ipv6=False,
    question="The connection seems to run backwards in the middle. What happened, and what does it mean for the times?",
    answer=lambda f: f"The clock of the capturing host was set back under way: packet {steps_back(f)[0][0]} bears a time {steps_back(f)[0][1] / 1e9:.1f} s before the packet ahead of it. "
    "The connection itself is sound: six requests, each answered within a round trip, nothing lost, a graceful close. Times on one side of the step are right, those across it are wrong by as much.",
    must=["the clock of the capture was set back", "the connection is sound", "times across the step are wrong"],
)
def _(L):
    """Six requests on one connection, each answered at once. Between the third and the fourth the clock of the capturing program is set back by 7.5 s."""
    asks(L, 6, lambda clocked: (time.sleep(0.3), clocked.set_clock(-7.5), time.sleep(0.3)))


@recipe(
    "long-pause",
    expect=("closed",),
    check=lambda f: not f.repeats() and not steps_back(f) and max(b["t"] - a["t"] for a, b in zip(f.packets, f.packets[1:])) > 7e9,
    point="clocked",
    why="the recorder of clock-set-back, whose clock nobody sets",
    ipv6=False,
    question="Between the third answer and the fourth request the times leap by eight seconds. Was the clock set?",
    answer=lambda f: "Nothing says so: the client asked nothing for "
    + f"{max(b['t'] - a['t'] for a, b in zip(f.packets, f.packets[1:])) / 1e9:.1f} s, and all times go forwards. Six requests, each answered within a round trip, nothing lost, a graceful close.",
    must=["the client was silent", "no clock was set", "nothing lost"],
)
def _(L):
    """Six requests on one connection, each answered at once, with eight seconds of silence between the third and the fourth."""
    asks(L, 6, lambda _: time.sleep(8))
