"""Samples of connections kept for another request, and of what clients do when they cannot connect."""

import threading
import time

from sockets import recvn, vanish

from .registry import recipe


def ask(s, p):
    """A request of 100 bytes and its answer of 500."""
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 500)
    recvn(s, 500)


def pair(L, ls, port=8000):
    """Both ends of a new connection."""
    s, r = L.connect(port)
    p, _ = ls.accept()
    return s, p, r


@recipe(
    "keep-alive-race",
    expect=("closed", "reset"),
    check=lambda f: len(f.resets("server")) >= 1 and not f.resets("client"),
    point="client",
    why="the request leaves before the server's FIN arrives; the reset that answers it is seen",
    rtt_ms=60,
    question="The server reset the second connection although it had answered every request before. Whose fault is it?",
    answer=lambda f: f"Nobody's alone: the server closed the idle connection (FIN in frame {f.fins('server')[-1]['n']}) while the client's next request (frame {f.find('client', data=True)[-1]['n']}) was on its way; "
    f"the server's kernel answered it with RST (frame {f.resets('server')[0]['n']}). The client has to give idle connections up before the server does, or try such a request again.",
    must=["server closed the idle connection", "the request crossed the FIN", "RST answers data after close"],
)
def _(L):
    """The server closes connections that were idle for 1.2 s: one closes in order, the other one's next request crosses the FIN."""
    ls = L.listen(8000)
    for crosses in (False, True):
        s, p, r = pair(L, ls)
        for pause in (0.3, 0.6, 1.2):
            ask(s, p)
            time.sleep(pause)
        p.close()
        if crosses:
            s.sendall(b"q" * 100)
        try:
            s.recv(1)
            if crosses:
                time.sleep(0.1)
                s.recv(1)
        except OSError as e:
            r["end"] = repr(e)
        s.close()
        time.sleep(0.2)
    ls.close()


@recipe(
    "idle-timeout",
    expect=("reset", "reset", "reset", "closed"),
    point="client",
    why="the last answer, the silence, the request after it and the bare RST are seen",
    done="the server's sockets were dropped silently (closed under TCP_REPAIR) after 6 s without a packet, as a box on the way does that forgets idle connections",
    question="Three connections were reset at different times, a fourth one was not. What do the three share?",
    answer=lambda f: "Each was reset by the first request after the same silence, about 6.5 s; pauses of 2 s went well on all four. Something forgets connections that are idle for about 6 s, without a word to either side.",
    must=["the same silence", "about 6.5 s", "shorter pauses survive"],
)
def _(L):
    """Connections that are idle for 6 s are forgotten without a packet: three clients come back after 6.5 s and get bare RSTs, a fourth asks every 2 s."""
    ls = L.listen(8000)

    def idler(s, p, r):
        ask(s, p)
        time.sleep(2)
        ask(s, p)
        time.sleep(6)
        vanish(p)
        time.sleep(0.5)
        s.sendall(b"q" * 100)
        try:
            s.recv(1)
        except OSError as e:
            r["end"] = repr(e)
        s.close()

    def talker(s, p, r):
        for _ in range(9):
            ask(s, p)
            time.sleep(2)
        s.close()
        p.close()

    threads = []
    for who in (idler, idler, idler, talker):
        threads.append(threading.Thread(target=who, args=pair(L, ls)))
        threads[-1].start()
        time.sleep(4 if who is idler and len(threads) < 3 else 0.1)
    for one in threads:
        one.join()
    ls.close()


@recipe(
    "reconnect-storm",
    expect=("refused",) * 15,
    check=lambda f: len(f.resets("server")) == 15,
    point="client",
    why="every attempt and the reset that refuses it are seen",
    question="Two clients try ports where nobody listens. Which one behaves badly?",
    answer=lambda f: "The one that tries port 8000: ten attempts, one every 0.25 s whatever happens. The one that tries port 8001 waits longer after each failure (five attempts, doubling from 0.2 s).",
    must=["port 8000", "fixed pace", "the other one backs off"],
)
def _(L):
    """Nobody listens. One client tries port 8000 every 0.25 s, ten times; another tries port 8001 and waits twice as long after each of its five attempts."""

    def fixed():
        for _ in range(10):
            L.connect(8000)
            time.sleep(0.25)

    def patient():
        for i in range(5):
            L.connect(8001)
            time.sleep(0.2 * 2**i)

    threads = [threading.Thread(target=who) for who in (fixed, patient)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@recipe(
    "heartbeats-missed",
    expect=("closed", "closed"),
    point="client",
    why="every heartbeat and its echo are seen",
    question="Both connections carry heartbeats. What happened on the first one?",
    answer=lambda f: "The client's application paused: one every 1.2 s, then none for 4.8 s, though the connection stood and nothing was lost; then they went on. The second connection's never stopped.",
    must=["heartbeats every 1.2 s", "three missing", "nothing lost"],
)
def _(L):
    """Two clients send a heartbeat every 1.2 s and get an echo; one of them stops for three of them and goes on."""
    ls = L.listen(8000)

    def beats(s, p, pause):
        for i in range(10):
            s.sendall(b"ping")
            recvn(p, 4)
            p.sendall(b"pong")
            recvn(s, 4)
            time.sleep(pause if i == 6 else 1.2)
        s.close()
        p.close()

    threads = []
    for pause in (4.8, 1.2):
        s, p, _ = pair(L, ls)
        threads.append(threading.Thread(target=beats, args=(s, p, pause)))
        threads[-1].start()
        time.sleep(0.3)
    for one in threads:
        one.join()
    ls.close()


@recipe(
    "server-stopped",
    expect=("closed",) * 12,
    check=lambda f: len(f.fins("server")) == 12,
    point="client",
    why="every FIN of the server and what went before are seen",
    question="Twelve connections end within a moment. Did they run into an idle limit?",
    answer=lambda f: "No: some had been idle for three seconds and more, others for little more than one, and they had been open for different times. The server ended them all at once, between requests, as when it is stopped or restarted.",
    must=["all at once", "by the server", "not an idle limit"],
)
def _(L):
    """Twelve connections, opened and used at different times, are closed by the server within a moment, as when it is stopped in order."""
    ls = L.listen(8000)
    kept = []
    for _ in range(12):
        s, p, _r = pair(L, ls)
        ask(s, p)
        kept.append((s, p))
        time.sleep(0.2)
    time.sleep(1)
    for _, p in kept:
        p.close()
    time.sleep(0.1)
    for s, _ in kept:
        s.close()
    ls.close()


@recipe(
    "request-limit",
    expect=("closed",) * 12,
    check=lambda f: len(f.fins("server")) == 12 and not f.network,
    point="client",
    why="every request, answer and FIN is seen in the order in which the client met them",
    question="Two servers close connections that clients would keep. Which one has a limit of requests, and what is it?",
    answer=lambda f: "The one on port 8000: it closes each connection with its fourth answer (six of them; the seventh was closed by its client after two). "
    "The one on port 8001 closes after two to six answers, by no such rule.",
    must=["port 8000", "four requests", "port 8001 has no limit"],
)
def _(L):
    """A server closes every connection with its fourth answer, but for one that its client closes after two; another server closes after two to six answers."""
    for port, turns in ((8000, (4, 4, 2, 4, 4, 4, 4)), (8001, (3, 5, 2, 6, 4))):
        ls = L.listen(port)
        for n in turns:
            s, p, _r = pair(L, ls, port)
            for i in range(n):
                s.sendall(b"q" * (80 + 10 * i))
                recvn(p, 80 + 10 * i)
                p.sendall(b"a" * (300 + 100 * n))
                if i == n - 1 and not (port == 8000 and n == 2):
                    p.close()
                recvn(s, 300 + 100 * n)
                time.sleep(0.03)
            s.close()
            p.close()
        ls.close()
