"""Samples of applications behind a network that is well: silent, gone, impatient; and of those that only knock."""

import time

from sockets import drain, linger0, recvn

from .registry import recipe


def ask(L, ls_port, wait, request=100, tmo=30):
    """A request on a connection of its own; the client closes after the answer, or after `wait` seconds without one."""
    s, r = L.connect(ls_port, tmo=tmo)
    s.sendall(b"q" * request)
    s.settimeout(wait)
    try:
        recvn(s, 200)
    except OSError as e:
        r["end"] = repr(e)
    s.close()


@recipe(
    "no-answer",
    expect=("closed", "closed", "closed"),
    check=lambda f: not f.repeats(),
    point="client",
    why="the client's own capture: the request is seen leaving, and acknowledged",
    question="Both connects succeed. What happens to the request on the second connection?",
    answer=lambda f: "The server's system acknowledges it within a round trip, and no byte of an answer comes for 11 s: the application accepted the connection and does not answer. Then the client closes. The first connection is answered at once, the third after 0.8 s.",
    must=["acknowledged", "no byte of an answer", "second connection"],
)
def _(L):
    """A server answers the first request at once, the second never, the third after 0.8 s; the client of the second closes after 11 s."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 100)
        if i == 2:
            time.sleep(0.8)
        if i != 1:
            s.sendall(b"a" * 200)
        drain(s)

    join = L.serve(ls, server, 3)
    for _ in range(3):
        ask(L, 8000, 11)
        time.sleep(0.1)
    join()


@recipe(
    "client-timeout",
    expect=("closed",) * 4,
    check=lambda f: not f.repeats(),
    point="client",
    why="the side that gives up",
    question="Why do the last three connections end without an answer?",
    answer=lambda f: "The client gives up: each time it closes 2 s after its request, which the server had acknowledged and not answered. The same time on all three is the client's own timeout.",
    must=["the client", "2 s", "timeout"],
)
def _(L):
    """A client waits 2 s for each answer: the first comes at once, the others never."""
    ls = L.listen(8000)

    join = L.serve(ls, lambda s, i: (recvn(s, 100), i or s.sendall(b"a" * 200), drain(s)), 4)
    for _ in range(4):
        ask(L, 8000, 2)
        time.sleep(0.1)
    join()


@recipe(
    "closed-at-once",
    expect=("closed", "closed", "closed", "closed"),
    check=lambda f: not f.repeats(),
    point="client",
    why="the client's own capture: nothing but the handshake and the close",
    question="What does the server on port 8000 do with its connections, and is the one on port 8001 alike?",
    answer=lambda f: "It accepts each of the three and closes it at once, before a request and without a byte: behind the port stands nothing that answers. The one on port 8001 reads the request and closes in order; it needs no answer.",
    must=["closes at once without a byte", "port 8001 reads the request"],
)
def _(L):
    """A server accepts three connections and closes each at once, as a proxy without a backend does; another reads a request, and closes."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: s.close(), 3)
    for _ in range(3):
        s, r = L.connect(8000)
        drain(s)
        s.close()
        time.sleep(0.2)
    join()
    ls = L.listen(8001)
    join = L.serve(ls, lambda s, i: recvn(s, 100), 1)
    s, r = L.connect(8001)
    time.sleep(0.1)
    s.sendall(b"q" * 100)
    drain(s)
    s.close()
    join()


@recipe(
    "health-checks",
    expect=("reset", "reset", "reset", "reset", "reset", "closed"),
    check=lambda f: len(f.resets("client")) == 5,
    point="server",
    why="where a monitor's knocks are seen beside real work",
    question="Five connections are reset by the client without a byte. Is that a fault?",
    answer=lambda f: "No: they come one second apart and carry nothing, as the health checks of a load balancer do, which reset what they opened. The sixth connection is real work and is answered.",
    must=["health checks", "even intervals", "no fault"],
)
def _(L):
    """A monitor opens a connection every second and resets it without a byte; then a client asks and is answered."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: (recvn(s, 100) and s.sendall(b"a" * 200), drain(s)), 6)
    for _ in range(5):
        s, r = L.connect(8000, pre=linger0)
        s.close()
        time.sleep(0.95)
    ask(L, 8000, 5)
    join()


@recipe(
    "port-scan",
    expect=("refused",) * 24 + ("closed",),
    check=lambda f: len(f.resets("server")) == 24,
    point="server",
    why="where the knocks arrive",
    question="What does this client do?",
    answer=lambda f: "It scans ports: within a second it tries 25 ports of the server, of which 24 refuse it; nothing is asked of the one that is open.",
    must=["port scan", "24 refused"],
)
def _(L):
    """One client tries 25 ports of a server within a second; one of them is open."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: drain(s), 1)
    for port in [*range(9000, 9024), 8000]:
        s, r = L.connect(port)
        if s:
            s.close()
    join()
