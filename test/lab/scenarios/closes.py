"""Scenarios of every way to close, simultaneous opens among them, and of ports used again."""

import socket
import threading
import time

from sockets import drain, recvn, tcp_info

from .registry import sc
from .workloads import answer_and_close


# ---- 9. close variants --------------------------------------------------------------------
@sc("half_close", rtt_ms=20, note="client shuts its write side, server answers for another 2.5 s")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        drain(s)
        for _ in range(10):
            s.sendall(b"a" * 1500)
            time.sleep(0.25)

    j = L.serve(ls, srv, 8)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 500)
        s.shutdown(socket.SHUT_WR)
        drain(s)
        s.close()
        r["closed_first"] = "c"

    L.each(8, cli, 8)
    j()


@sc(
    "close_wait_leak",
    rtt_ms=10,
    sysctl={"net.ipv4.tcp_fin_timeout": 2},
    settle=1,
    note="server never closes; client's orphan FIN_WAIT2 times out; late server data draws a RST",
)
def _(L):
    ls = L.listen(8000)
    held = []
    t = threading.Thread(target=lambda: [held.append(ls.accept()[0]) for _ in range(8)], daemon=True)
    t.start()

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        time.sleep(0.05)
        s.close()
        r["closed_first"] = "c"

    L.each(8, cli, 8)
    t.join(5)
    time.sleep(3.5)
    for k, h in enumerate(held):
        if k % 2:
            h.sendall(b"late answer")
    time.sleep(0.3)
    if L.name.endswith("leak"):
        L.extra["still_close_wait"] = sum(1 for h in held if (tcp_info(h) or {}).get("state") == 8)
    time.sleep(0.5)
    L.held = held


@sc("simultaneous_close", rtt_ms=60)
def _(L):
    ls = L.listen(8000)
    n = 10
    b = threading.Barrier(2)
    for i in range(n):
        s, r = L.connect(8000)
        p, _ = ls.accept()
        s.sendall(b"hi")
        recvn(p, 2)
        p.sendall(b"yo")
        recvn(s, 2)
        time.sleep(0.1)
        t = threading.Thread(target=lambda: (b.wait(), p.close()))
        t.start()
        b.wait()
        s.close()
        t.join()
        r["closed_first"] = "both"
    ls.close()


@sc("simultaneous_open", rtt_ms=80)
def _(L):
    for i in range(6):
        res = {}
        b = threading.Barrier(2)
        pa, pb = 40000 + i, 41000 + i

        def go(h, lp, rp):
            b.wait()
            res[h] = L.connect(rp, host=h, lport=lp, tag="simopen")

        ts = [threading.Thread(target=go, args=a) for a in (("c", pa, pb), ("s", pb, pa))]
        [t.start() for t in ts]
        [t.join() for t in ts]
        c, s = res["c"][0], res["s"][0]
        if c and s:
            c.sendall(b"hi")
            recvn(s, 2)
            s.sendall(b"yo")
            recvn(c, 2)
            c.close()
            drain(s)
            s.close()


@sc("port_reuse_server_tw", rtt_ms=10, note="server closes first (TIME_WAIT there); client reuses its port at once")
def _(L):
    ls = L.listen(8000)
    for i in range(8):
        s, r = L.connect(8000, lport=45000 + i % 2)
        answer_and_close(ls, s, r)
    ls.close()


@sc(
    "port_reuse_client_tw",
    rtt_ms=10,
    sysctl={"net.ipv4.tcp_tw_reuse": 1},
    note="client closes first; tcp_tw_reuse lets the same four-tuple open again after 1 s",
)
def _(L):
    ls = L.listen(8000)
    for i in range(4):
        s, r = L.connect(8000, lport=46000)
        p, _ = ls.accept()
        s.sendall(b"q" * 50)
        recvn(p, 50)
        s.close()
        drain(p)
        p.close()
        r["closed_first"] = "c"
        time.sleep(1.2)
    ls.close()
