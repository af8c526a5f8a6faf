"""Samples of waiting: keep-alive, zero windows, idle connections, peers that are gone."""

import socket
import time

from sockets import TCP_USER_TIMEOUT, drain, recvn
from scenarios.workloads import ka, reqresp

from .registry import recipe


@recipe(
    "keep-alive",
    expect=("closed",),
    check=lambda f: len(f.probes("keep-alive")) >= 3,
    point="client",
    why="the probing side's own capture",
    question="What are the small packets during the pause?",
    answer=lambda f: f"Keep-alive probes of the client, {len(f.probes('keep-alive'))} of them about 1 s apart (frames {', '.join(str(p['frame']) for p in f.probes('keep-alive'))}), each answered by the server: the peer is alive. Nothing was lost; then the connection was closed gracefully.",
    must=["keep-alive probes", "answered", "nothing lost"],
)
def _(L):
    """The client's keep-alive timer (1 s) probes a silent but living server; then the client closes."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: drain(s), 1)
    s, r = L.connect(8000, pre=ka)
    s.sendall(b"hello")
    time.sleep(4.6)
    s.sendall(b"bye")
    time.sleep(0.2)
    s.close()
    join()


@recipe(
    "keep-alive-dead",
    expect=("timed-out",),
    check=lambda f: len(f.probes("keep-alive")) == 3 and f.resets("client"),
    point="client",
    why="the probing side's own capture",
    rules={"dir=any match=ANY after_ms=600": "from 0.6 s on nothing passes in either direction"},
    question="How did the client find out that its peer was gone?",
    answer=lambda f: f"By keep-alive: {len(f.probes('keep-alive'))} probes (frames {', '.join(str(p['frame']) for p in f.probes('keep-alive'))}) went unanswered, then its kernel reset the connection (RST in frame {f.resets('client')[0]['n']}, {f.gap(f.find('server')[-1], f.resets('client')[0])} after the last packet of the server). "
    f"The application saw {f.c[0]['applicationSaw']}.",
    must=["keep-alive unanswered", "3 probes", "reset by the client"],
)
def _(L):
    """The path dies while the connection is idle: three keep-alive probes go unanswered, then the client's kernel resets."""
    ls = L.listen(8000)
    s, r = L.connect(8000, pre=ka)
    p, _ = ls.accept()
    L.hold(p)
    s.sendall(b"hello")
    try:
        s.recv(10)
    except OSError as e:
        r["end"] = repr(e)
    s.close()
    ls.close()


def full_window(L, size, pause):
    ls = L.listen(8000, rcvbuf=8192)
    join = L.serve(ls, lambda s, i: (time.sleep(pause), drain(s)), 1)
    s, r = L.connect(8000, cc="cubic")
    s.sendall(b"z" * size)
    s.close()
    join()


def zero_window_time(f):
    zero = [p for p in f.find("server", 16) if p["win"] == 0]
    after = [p for p in f.find("server", 16) if p["win"] and zero and p["n"] > zero[-1]["n"]]
    return zero, after


@recipe(
    "zero-window",
    expect=("closed",),
    check=lambda f: len(f.probes("zero-window-probe")) >= 2,
    point="client",
    why="the sender's own capture: window, probes and update are all seen",
    question="Why did the upload stand still?",
    answer=lambda f: (
        lambda z, a: f"The server's application did not read, so its window fell to zero (first in frame {z[0]['n']}); the client probed {len(f.probes('zero-window-probe'))} times (frames {', '.join(str(p['frame']) for p in f.probes('zero-window-probe'))}) "
        f"until the window opened again in frame {a[0]['n']}, {f.gap(z[0], a[0])} later. Not the network: nothing was lost."
    )(*zero_window_time(f)),
    must=["zero window", "receiver does not read", "about 2.5 s", "probes"],
)
def _(L):
    """The server's application sleeps for 2.5 s before it reads: the window closes, is probed, and opens again."""
    full_window(L, 30000, 2.5)


@recipe(
    "window-update-lost",
    expect=("closed",),
    check=lambda f: len(f.lost()) == 1,
    point="client",
    why="the sender's own capture: it cannot see the update, only that a probe brings the transfer back",
    rules={"dir=s2c match=ACK after_ms=1300 before_ms=1750": "what the server sends between 1.3 s and 1.75 s is lost, the window update among it"},
    question="The reader woke after 1.5 s. Why did the sender learn of it only later?",
    answer=lambda f: (
        lambda z, a: f"The server's window update was lost ({len(f.lost())} packet(s) of the server lost); the sender learned of the open window only from the answer to its next zero-window probe, in frame {a[0]['n']}, {f.gap(z[0], a[0])} after the window had closed."
    )(*zero_window_time(f)),
    must=["window update lost", "probe"],
)
def _(L):
    """The window opens again after 1.5 s but the update is lost: only the next probe revives the transfer."""
    full_window(L, 30000, 1.5)


@recipe(
    "idle",
    expect=("open", "closed"),
    point="client",
    why="any point would do",
    settle=0.3,
    question="One connection is silent from the first second on. Is it closed?",
    answer=lambda f: f"No: after its request and answer it stays open and silent to the end of the capture, {f.gap([p for p in f.packets if p['port'] == f.packets[0]['port']][-1], f.packets[-1])} later; both kernels still hold it ({f.final(0)}). The other connection is an ordinary one, {f.final(1)}.",
    must=["open", "idle", "more than 300 s"],
)
def _(L):
    """One connection is opened, used once and left open for over five minutes; at the end another one comes and goes."""
    ls = L.listen(8000)
    s, r = L.connect(8000)
    p, _ = ls.accept()
    L.hold(s), L.hold(p)
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 500)
    recvn(s, 500)
    time.sleep(305)
    ls.close()
    reqresp(L, 1, req=100, resp=500, port=8001)


def path_dies(L, before=None):
    ls = L.listen(8000)
    s, r = L.connect(8000)
    p, _ = ls.accept()
    L.hold(p)
    if before:
        before(s)
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 500)
    recvn(s, 500)
    time.sleep(0.7)
    s.sendall(b"q" * 100)
    start = time.monotonic_ns()
    try:
        s.recv(1)
    except OSError as e:
        r["end"] = repr(e)
    L.extra["gave_up_ns"] = time.monotonic_ns() - start
    s.close()
    ls.close()


DEAD = {"dir=any match=ANY after_ms=500": "from 0.5 s on nothing passes in either direction"}


@recipe(
    "timed-out",
    expect=("timed-out",),
    point="client",
    why="the sender's own capture: every try is seen",
    rules=DEAD,
    sysctl={"c:net.ipv4.tcp_retries2": 5},
    question="How did this connection end, and how long did it take to find out?",
    answer=lambda f: f"The path died: the client sent its second request {len(f.repeats('client')) + 1} times (at {f.times([p for p in f.find('client', data=True)][1:])} s), got no answer, and gave up without a RST or FIN; the application saw {f.c[0]['applicationSaw']} after {f.truth['gaveUpNs'] / 1e9:.1f} s.",
    must=["no answer", "repeats with backoff", "timed out", "no FIN or RST"],
)
def _(L):
    """The path dies before the second request; the client repeats it with backoff until tcp_retries2 ends it."""
    path_dies(L)


@recipe(
    "user-timeout",
    expect=("timed-out",),
    point="client",
    why="the sender's own capture: every try is seen",
    rules=DEAD,
    done="the client set TCP_USER_TIMEOUT to 2 s",
    question="The client gave up much sooner than TCP does by default. After how long?",
    answer=lambda f: f"After {f.truth['gaveUpNs'] / 1e9:.1f} s (TCP_USER_TIMEOUT of 2 s): the second request was sent {len(f.repeats('client')) + 1} times into silence, then the application saw {f.c[0]['applicationSaw']}.",
    must=["about 2 s", "no answer", "repeats"],
)
def _(L):
    """As timed-out, but the application had asked for a TCP_USER_TIMEOUT of 2 s."""
    path_dies(L, lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 2000))
