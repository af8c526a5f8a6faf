"""Samples of closes: each packet of the close lost in turn, half-close, simultaneous close, and a close that never comes."""

import socket
import threading
import time

from sockets import drain, recvn
from scenarios.workloads import reqresp

from .registry import recipe


@recipe(
    "fin-lost",
    expect=("closed",),
    check=lambda f: len(f.fins("client")) == 2,
    point="client",
    why="the lost FIN and its repeat are both seen where they were sent",
    rules={"dir=c2s match=FIN nth=1": "the client's first FIN is lost"},
    question="Which packet was lost, and what did it cost?",
    answer=lambda f: f"The client's first FIN (frame {f.lost()[0]['frame']}) was lost; its kernel sent it again {f.gap(*f.fins('client')[:2])} later (frame {f.fins('client')[1]['n']}). "
    "Only the close was late; the application had its answer already.",
    must=["client's FIN lost", "repeated", "only the close was late"],
)
def _(L):
    """The client closes, its FIN is lost and sent again; then the close goes on as usual."""
    reqresp(L, 1, req=200, resp=2000)


def slow_closer(L, pause):
    """The server closes `pause` seconds after it read the end of the client's stream."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 200)
        s.sendall(b"a" * 1000)
        drain(s)
        time.sleep(pause)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 200)
    recvn(s, 1000)
    s.close()
    join()


@recipe(
    "fin-ack-lost",
    expect=("closed",),
    check=lambda f: len(f.fins("client")) == 2,
    point="server",
    why="the server's ACK of the FIN is seen leaving, and the FIN comes again",
    rules={"dir=s2c match=ACKOFFIN nth=1": "the server's first ACK of the client's FIN is lost"},
    question="Why is the FIN sent twice, although it arrived?",
    answer=lambda f: f"The FIN arrived (frame {f.fins('client')[0]['n']}), but the server's ACK of it (frame {f.lost()[0]['frame']}) was lost; the client repeated its FIN {f.gap(*f.fins('client')[:2])} later (frame {f.fins('client')[1]['n']}, needless). "
    f"The server's own FIN came {f.gap(f.fins('client')[0], f.fins('server')[0])} after the client's, when its application closed.",
    must=["ACK of the FIN lost", "FIN repeated needlessly"],
)
def _(L):
    """The server acknowledges the client's FIN but that ACK is lost, so the FIN comes again; the server itself closes 0.8 s later."""
    slow_closer(L, 0.8)


@recipe(
    "second-fin-lost",
    expect=("closed",),
    check=lambda f: len(f.fins("server")) == 2 and len(f.fins("client")) == 1,
    point="server",
    why="the server's FIN and its repeat are both seen where they were sent",
    rules={"dir=s2c match=FIN nth=1": "the server's first FIN is lost"},
    question="Which packet was lost, and what did it cost?",
    answer=lambda f: f"The server's FIN (frame {f.lost()[0]['frame']}), the second of the two; it was sent again {f.gap(*f.fins('server')[:2])} later (frame {f.fins('server')[1]['n']}). Meanwhile the client waited in FIN_WAIT_2 and the server in LAST_ACK; no data was touched.",
    must=["server's FIN lost", "repeated", "LAST_ACK"],
)
def _(L):
    """The client closes first; the server closes 0.3 s later, its FIN is lost and sent again from LAST_ACK."""
    slow_closer(L, 0.3)


@recipe(
    "last-ack-lost",
    expect=("closed",),
    check=lambda f: len(f.fins("server")) == 2,
    point="client",
    why="the last ACK is seen leaving, and the server's FIN comes again",
    rules={"dir=c2s match=ACKOFFIN nth=1": "the client's ACK of the server's FIN is lost"},
    question="Why does the server send its FIN twice, and which state answers it?",
    answer=lambda f: f"The client's last ACK (frame {f.lost()[0]['frame']}) was lost; the server, in LAST_ACK, repeated its FIN {f.gap(*f.fins('server')[:2])} later (frame {f.fins('server')[1]['n']}), and the client's TIME_WAIT answered it again.",
    must=["last ACK lost", "FIN repeated by the server", "TIME_WAIT answers"],
)
def _(L):
    """The last ACK of the close is lost: the server repeats its FIN from LAST_ACK and the client's TIME_WAIT answers."""
    reqresp(L, 1, req=200, resp=2000)


@recipe(
    "fin-unanswered",
    expect=("timed-out",),
    check=lambda f: len(f.fins("client")) >= 4,
    point="client",
    why="every FIN is seen leaving, and nothing comes back",
    rules={"dir=c2s match=FIN": "every FIN of the client is lost"},
    sysctl={"c:net.ipv4.tcp_orphan_retries": 4},
    settle=9,
    question="The client closed. Which state is its socket in, and for how long?",
    answer=lambda f: f"FIN_WAIT_1: its FIN (frame {f.fins('client')[0]['n']}) was repeated {len(f.fins('client')) - 1} times at growing distances and never acknowledged. No application waits for it any more; the kernel keeps the orphan until its repeats run out (tcp_orphan_retries).",
    must=["FIN_WAIT_1", "FIN repeated", "never acknowledged"],
)
def _(L):
    """The client closes after its answer, and the path has forgotten the connection: its FINs go into silence until the kernel drops the orphan."""
    ls = L.listen(8000)
    s, r = L.connect(8000)
    p, _ = ls.accept()
    s.sendall(b"q" * 200)
    recvn(p, 200)
    p.sendall(b"a" * 1000)
    recvn(s, 1000)
    time.sleep(0.2)
    s.close()
    L.held.append(p)
    ls.close()


@recipe(
    "half-close",
    expect=("closed",),
    point="client",
    why="the client's FIN and the data that still comes after it are seen",
    question="The client sent FIN early. Is the connection broken?",
    answer=lambda f: f"No, half-closed on purpose: the client shut its sending side (FIN in frame {f.fins('client')[0]['n']}) and the server went on sending {len(f.find('server', data=True))} pieces of 500 bytes for 2 s, "
    f"then closed {f.gap(f.fins('client')[0], f.fins('server')[0])} after the client's FIN. Nothing was lost.",
    must=["half-close", "server sent on for about 2 s", "nothing lost"],
)
def _(L):
    """The client shuts its write side after the request; the server sends eight more pieces over 2 s, then closes."""
    ls = L.listen(8000)

    def server(s, i):
        drain(s)
        for _ in range(8):
            s.sendall(b"a" * 500)
            time.sleep(0.25)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 300)
    s.shutdown(socket.SHUT_WR)
    drain(s)
    s.close()
    join()


@recipe(
    "simultaneous-close",
    expect=("closed",),
    check=lambda f: all(s == "TIME_WAIT" for s in f.c[0]["finalStates"].values()) and "CLOSING" in f.c[0]["statePaths"]["client"],
    point="client",
    why="this end sends its FIN before the other's arrives",
    rtt_ms=60,
    question="Who closed first?",
    answer=lambda f: f"Both at once: the FINs (frames {f.fins('client')[0]['n']} and {f.fins('server')[0]['n']}) crossed on the way. Each side went FIN_WAIT_1, CLOSING, TIME_WAIT. Final states: {f.final()}.",
    must=["both", "FINs crossed", "CLOSING"],
)
def _(L):
    """Both applications close within the same few milliseconds, so the two FINs cross on a 60 ms path."""
    ls = L.listen(8000)
    b = threading.Barrier(2)
    s, r = L.connect(8000)
    p, _ = ls.accept()
    s.sendall(b"hi")
    recvn(p, 2)
    p.sendall(b"yo")
    recvn(s, 2)
    time.sleep(0.2)
    t = threading.Thread(target=lambda: (b.wait(), p.close()))
    t.start()
    b.wait()
    s.close()
    t.join()
    ls.close()


@recipe(
    "close-wait-leak",
    expect=("half-closed", "reset"),
    point="server",
    why="the leaking side's own capture: FIN acknowledged, and then nothing",
    settle=0.5,
    sysctl={"net.ipv4.tcp_fin_timeout": 60},
    done="the server's application holds both sockets; it closes the second one 64 s after the client's FIN",
    question="The client closed both connections at once. What is wrong at the server, and how does each connection end?",
    answer=lambda f: f"The server's application does not close: both connections sit in CLOSE_WAIT. The first still does at the end of the capture ({f.gap(f.fins('client')[0], f.packets[-1])} after the client's FIN in frame {f.fins('client')[0]['n']}). "
    f"The second is closed {f.gap(f.fins('client')[1], f.fins('server')[0])} after the client's FIN (frame {f.fins('server')[0]['n']}): too late, the client's FIN_WAIT_2 had expired after 60 s and a bare RST answers (frame {f.resets('client')[0]['n']}).",
    must=["CLOSE_WAIT", "server does not close", "more than 60 s", "RST"],
)
def _(L):
    """The server's application never closes one socket and closes another 64 s late, when the client's FIN_WAIT_2 is gone."""
    ls = L.listen(8000)
    served = []
    for _ in range(2):
        s, r = L.connect(8000)
        p, _ = ls.accept()
        served.append(L.hold(p))
        s.sendall(b"q" * 100)
        recvn(p, 100)
        p.sendall(b"a" * 300)
        recvn(s, 300)
        s.close()
        time.sleep(0.3)
    time.sleep(64)
    served[1].close()
    time.sleep(0.3)
    ls.close()
