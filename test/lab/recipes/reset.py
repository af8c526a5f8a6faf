"""Samples of resets: aborts, data after close, a peer that forgot the connection, a forged reset, a challenge ACK."""

import os
import signal
import time

from sockets import drain, linger0, recvn, vanish

from .handshake import raw_syn
from .registry import recipe


def fetch_then(L, end, answer=1000, more=0):
    """Request and answer; then end(client socket) instead of a close."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 100)
        s.sendall(b"a" * answer)
        drain(s)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 100)
    recvn(s, answer - more)
    time.sleep(0.15)
    end(s)
    s.close()
    join()


@recipe(
    "abort",
    expect=("reset",),
    point="client",
    why="the aborting side's own capture",
    question="Who reset the connection, and was data lost?",
    answer=lambda f: f"The client: RST,ACK in frame {f.resets()[0]['n']}, sent by its live socket (SO_LINGER 0, an abortive close) {f.gap(f.find('server', data=True)[-1], f.resets()[0])} after the last data arrived. All data had been delivered and acknowledged; no FIN was ever sent.",
    must=["client", "abort", "no FIN", "no data lost"],
)
def _(L):
    """After a complete answer the client closes with SO_LINGER 0: RST,ACK instead of FIN."""
    fetch_then(L, linger0)


@recipe(
    "abort-unread-data",
    expect=("reset",),
    point="client",
    why="the resetting side's own capture: the data arrived and was acknowledged before the reset",
    question="Why did the client send a reset instead of a FIN?",
    answer=lambda f: f"It closed its socket with 900 of the answer's 1,000 bytes unread in the receive queue; the kernel then sends RST,ACK (frame {f.resets()[0]['n']}) instead of FIN. The kernel's own reason: {f.c[0]['resets'][0]['kernelReason']}.",
    must=["client", "unread data", "RST instead of FIN"],
)
def _(L):
    """The client reads 100 of 1,000 bytes and closes: unread data turns the close into a RST."""
    fetch_then(L, lambda s: None, more=900)


@recipe(
    "abort-in-flight",
    expect=("reset",),
    point="client",
    why="at the receiver the data in flight and the reset behind it are seen",
    rtt_ms=40,
    question="Who broke off the transfer, and how much had arrived?",
    answer=lambda f: f"The server aborted in the middle of its answer (RST in frame {f.resets('server')[0]['n']}, SO_LINGER 0 close of its application); {sum(p['len'] for p in f.find('server', data=True))} bytes had been captured arriving at the client, and its application got ECONNRESET.",
    must=["server", "abort in mid-transfer", "ECONNRESET"],
)
def _(L):
    """The server aborts with SO_LINGER 0 while 30 kB are still on the way."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 100)
        s.sendall(b"a" * 30000)
        time.sleep(0.05)
        linger0(s)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000, cc="cubic")
    s.sendall(b"q" * 100)
    try:
        drain(s)
    except OSError as e:
        r["end"] = repr(e)
    s.close()
    join()


@recipe(
    "reset-after-close",
    expect=("reset",),
    check=lambda f: f.resets("client") and f.fins("client"),
    point="client",
    why="the client's FIN, the data that still came and the resets are all seen",
    question="The client closed with FIN. Why is there a reset as well?",
    answer=lambda f: f"The client closed the whole socket (FIN in frame {f.fins('client')[0]['n']}) while the server was still sending; the next data found no reader and the client's kernel answered it with RST (frame {f.resets('client')[0]['n']}, "
    f"{f.gap(f.fins('client')[0], f.resets('client')[0])} after the FIN).",
    must=["client closed while the server still sent", "RST answers data after close"],
)
def _(L):
    """The client closes with FIN while the server is still sending; data that arrives after the close is answered with RST."""
    ls = L.listen(8000)

    def server(s, i):
        recvn(s, 100)
        for _ in range(4):
            s.sendall(b"a" * 800)
            time.sleep(0.12)
        s.recv(1)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 100)
    recvn(s, 800)
    s.close()
    join()


@recipe(
    "unknown-connection",
    expect=("reset",),
    point="client",
    why="the client's data and the bare RST that answers it are seen",
    done="the server's socket was dropped silently (closed under TCP_REPAIR), as after a restart of the host",
    question="Why was the connection reset, and when had the server forgotten it?",
    answer=lambda f: f"The server's host no longer knew the connection (as after a restart): it answered the client's request (frame {f.find('client', data=True)[-1]['n']}) with a bare RST (frame {f.resets('server')[0]['n']}) after {f.gap(f.find('client', data=True)[-2], f.find('client', data=True)[-1])} without requests. "
    "It vanished without FIN or RST at some time in that silence.",
    must=["server no longer knows the connection", "bare RST", "after silence of about 2 s"],
)
def _(L):
    """The server's socket vanishes without a packet during a pause of 2 s; the client's next request draws a bare RST."""
    ls = L.listen(8000)
    s, r = L.connect(8000)
    p, _ = ls.accept()
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 500)
    recvn(s, 500)
    time.sleep(1)
    vanish(p)
    time.sleep(1)
    s.sendall(b"q" * 100)
    try:
        s.recv(1)
    except OSError as e:
        r["end"] = repr(e)
    s.close()
    ls.close()


@recipe(
    "challenge-ack",
    expect=("closed",),
    check=lambda f: len(f.syns()) == 2 and not f.resets(),
    point="client",
    why="the stray SYN is seen leaving, the challenge ACK arriving",
    done="a raw socket sent a SYN with another initial sequence number on the open four-tuple",
    question="A SYN appears inside an open connection. What did it do?",
    answer=lambda f: f"Nothing. The server answered the stray SYN (frame {f.syns()[1]['n']}) with a challenge ACK (RFC 5961) and the connection went on: a second request and answer, then a graceful close. It is one connection, not two.",
    must=["challenge ACK", "connection goes on", "one connection"],
)
def _(L):
    """A stray SYN with another sequence number hits an open connection; the server sends a challenge ACK and the connection goes on."""
    ls = L.listen(8000)
    s, r = L.connect(8000, lport=47100)
    p, _ = ls.accept()
    for k in range(2):
        s.sendall(b"q" * 100)
        recvn(p, 100)
        p.sendall(b"a" * 500)
        recvn(s, 500)
        time.sleep(0.3)
        if k == 0:
            raw_syn(L, 47100, 8000, 271828182)
            time.sleep(0.3)
    s.close()
    drain(p)
    p.close()
    ls.close()


@recipe(
    "middlebox-reset",
    expect=("reset",),
    point="client",
    why="the forged reset arrives here; its TTL and IP ID differ from the server's own packets",
    rules={"dir=c2s match=DATA nth=1 action=rst": "a device on the path swallows the first request and forges a RST to both ends"},
    question="Who reset the connection?",
    answer=lambda f: f"Neither end: both kernels received a reset and none sent the first one. A device on the path swallowed the request (frame {f.find('client', data=True)[0]['n']}) and forged a RST to each side; the one in frame {f.resets('server')[0]['n']} claims to be the server but has another TTL (61 instead of 64).",
    must=["middlebox", "forged", "TTL"],
)
def _(L):
    """The bridge plays a filtering device: it swallows the request and forges a RST to both ends. Everything else is real kernel TCP."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: drain(s), 1)
    s, r = L.connect(8000)
    time.sleep(0.1)
    try:
        s.sendall(b"q" * 100)
        s.recv(1)
    except OSError as e:
        r["end"] = repr(e)
    s.close()
    join()


@recipe(
    "server-killed",
    expect=("closed", "reset"),
    check=lambda f: f.fins("server") and f.resets("server"),
    point="client",
    why="the client sees both ways in which a dead process says good-bye",
    question="The server process was killed. What did each of the two connections see, and why do they differ?",
    answer=lambda f: f"One got a FIN (frame {f.fins('server')[0]['n']}): its server socket had read everything. The other got RST,ACK (frame {f.resets('server')[0]['n']}): its request still lay unread in the server's receive queue. The kernel closes a dead process's sockets as close() would.",
    must=["FIN where everything was read", "RST where data was unread"],
)
def _(L):
    """A server process with two connections is killed (SIGKILL): the one that it had read ends with FIN, the one with an unread request with RST."""
    ls = L.listen(8000)
    r_, w_ = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            kept = []
            for i in range(2):
                s, _ = ls.accept()
                kept.append(s)
                if i == 0:
                    s.recv(100)
            time.sleep(0.3)
            os.write(w_, b"x")
            time.sleep(30)
        finally:
            os._exit(0)
    ls.close()
    clients = []
    for _ in range(2):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        clients.append((s, r))
        time.sleep(0.1)
    os.read(r_, 1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for s, r in clients:
        try:
            r["end"] = repr(s.recv(10))
        except OSError as e:
            r["end"] = repr(e)
    for s, _ in clients:
        s.close()
