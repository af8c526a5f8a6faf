"""Traffic shapes that scenarios and sample recipes share: request/response, bulk, and a path that dies.

Each drives both ends from one process; see sockets.py for the primitives.
"""

import socket
import threading
import time

from sockets import TCP_USER_TIMEOUT, drain, linger0, nodelay, recvn, tcp_info


def reqresp(L, n, req=200, resp=5000, closer="c", think=0.0, par=1, port=8000, v=4, cc=None, rounds=1, pause=0.0, gap=0.0, pre=None, lpre=None):
    ls = L.listen(port, v=v, cc=cc, pre=lpre)

    def srv(s, i):
        for _ in range(rounds):
            if recvn(s, req) < req:
                return
            if think:
                time.sleep(think)
            s.sendall(b"r" * resp)
        if closer == "c":
            drain(s)
        L.conns_srv.append({"i": i, "peer": list(s.getpeername()[:2]) if closer != "x" else None, "tcp_info": tcp_info(s)})

    L.conns_srv = L.extra.setdefault("server_conns", [])
    j = L.serve(ls, srv, n)

    def cli(i):
        s, rec = L.connect(port, v=v, cc=cc, pre=pre)
        if not s:
            return
        try:
            for k in range(rounds):
                a = time.monotonic_ns()
                s.sendall(b"q" * req)
                recvn(s, resp)
                rec.setdefault("reply_ns", []).append(time.monotonic_ns() - a)
                if pause:
                    time.sleep(pause)
            if closer == "s":
                drain(s)
            rec["tcp_info"] = tcp_info(s)
            rec["closed_first"] = closer
        finally:
            s.close()
        if gap:
            time.sleep(gap)

    L.each(n, cli, par)
    j()


def bulk(L, n, size, direction="s2c", cc=None, port=8001, par=2, v=4, chunk=65536):
    ls = L.listen(port, v=v, cc=cc)
    L.conns_srv = L.extra.setdefault("server_conns", [])
    payload = b"x" * chunk

    def send(s):
        left = size
        while left > 0:
            s.sendall(payload[: min(chunk, left)])
            left -= min(chunk, left)

    def srv(s, i):
        if direction == "s2c":
            recvn(s, 10)
            send(s)
            s.shutdown(socket.SHUT_WR)
            drain(s)
        else:
            drain(s)
        L.conns_srv.append({"i": i, "tcp_info": tcp_info(s)})

    j = L.serve(ls, srv, n)

    def cli(i):
        s, rec = L.connect(port, v=v, cc=cc, tmo=60)
        if not s:
            return
        try:
            if direction == "s2c":
                s.sendall(b"GET /bulk\n")
                rec["got"] = drain(s)
                rec["closed_first"] = "s"
            else:
                send(s)
                s.shutdown(socket.SHUT_WR)
                s.recv(1)
                rec["closed_first"] = "c"
            rec["tcp_info"] = tcp_info(s)
        finally:
            s.close()

    L.each(n, cli, par)
    j(60)


def ka(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for o, v in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
        s.setsockopt(socket.IPPROTO_TCP, o, v)


def vanish(L, ut=0):
    ls = L.listen(8000)
    held = []
    threading.Thread(target=lambda: [held.append(ls.accept()[0]) for _ in range(5)], daemon=True).start()

    def cli(i):
        s, r = L.connect(8000)
        if ut:
            s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, ut)
        try:
            for _ in range(20):
                s.sendall(b"d" * 1000)
                time.sleep(0.05)
            s.recv(1)
        except OSError as e:
            r["end"] = repr(e)
        s.close()

    L.each(5, cli, 5)
    for h in held:
        linger0(h)
        h.close()


def echo(s, i):
    """A server that sends back at once whatever comes."""
    nodelay(s)
    while b := s.recv(4096):
        s.sendall(b)


def answer_and_close(ls, s, r):
    """One request of the connected `s` and its response; the server closes first."""
    p, _ = ls.accept()
    s.sendall(b"q" * 50)
    recvn(p, 50)
    p.sendall(b"a" * 2000)
    p.close()
    drain(s)
    s.close()
    r["closed_first"] = "s"
    time.sleep(0.05)
