"""Scenarios of what limits a transfer: the application, the receiver's window, loss, the congestion window.

Long enough for shares of time to be compared with those that the kernel counts (busy, rwnd_limited, sndbuf_limited).
"""

import time

from sockets import drain, nodelay, recvn

from .registry import sc
from .workloads import bulk, reqresp


@sc("limit_requests", rtt_ms=20, note="requests with pauses of 80 ms, responses of 5 kB")
def _(L):
    reqresp(L, 8, rounds=20, pause=0.08, par=4, cc="cubic")


@sc("limit_requests_eager", rtt_ms=30, note="the next request right after each response of 40 kB")
def _(L):
    reqresp(L, 6, rounds=25, resp=40000, par=3, cc="cubic")


@sc("limit_requests_loss", rtt_ms=20, link={"both": {"loss_ppm": 10000}}, seed=71, note="requests with pauses, loss 1 %")
def _(L):
    reqresp(L, 8, rounds=25, pause=0.05, resp=12000, par=4, cc="cubic")


@sc("limit_bursts", rtt_ms=20, note="60 kB every 150 ms, by nobody asked for")
def _(L):
    ls = L.listen(8000, cc="cubic")
    j = L.serve(ls, lambda s, i: drain(s), 6)

    def cli(i):
        s, r = L.connect(8000, cc="cubic")
        for _ in range(14):
            s.sendall(b"b" * 60000)
            time.sleep(0.15)
        L.closing(s, r)

    L.each(6, cli, 3)
    j()


@sc("limit_stream", rtt_ms=20, note="400 bytes every 30 ms")
def _(L):
    ls = L.listen(8000, cc="cubic")
    j = L.serve(ls, lambda s, i: drain(s), 6)

    def cli(i):
        s, r = L.connect(8000, pre=nodelay, cc="cubic")
        for _ in range(60):
            s.sendall(b"s" * 400)
            time.sleep(0.03)
        L.closing(s, r)

    L.each(6, cli, 6)
    j()


@sc("limit_slow_reader", rtt_ms=20, note="the reader takes 16 kB every 50 ms")
def _(L):
    ls = L.listen(8000, rcvbuf=32768)

    def srv(s, i):
        while s.recv(16384):
            time.sleep(0.05)

    j = L.serve(ls, srv, 6)

    def cli(i):
        s, r = L.connect(8000, cc="cubic")
        s.sendall(b"w" * 700000)
        L.closing(s, r)

    L.each(6, cli, 6)
    j()


def small_window(L, cc):
    ls = L.listen(8000, rcvbuf=20000)
    j = L.serve(ls, lambda s, i: drain(s), 6)

    def cli(i):
        s, r = L.connect(8000, cc=cc)
        s.sendall(b"w" * 500000)
        L.closing(s, r)

    L.each(6, cli, 3)
    j()


@sc("limit_small_window", rtt_ms=60, note="a window of 20 kB on a path of 60 ms, read at once")
def _(L):
    small_window(L, "cubic")


@sc("limit_small_window_paced", rtt_ms=60, note="the like with BBR: its pacing holds the sender as often as the window does")
def _(L):
    small_window(L, "bbr")


@sc("limit_loss", rtt_ms=40, link={"s2c": {"loss_ppm": 20000}}, seed=72, note="bulk transfers, loss 2 %")
def _(L):
    bulk(L, 6, 700000, cc="reno", par=3)


@sc("limit_long_path", rtt_ms=150, note="a long path: slow start, and nothing lost")
def _(L):
    bulk(L, 6, 3000000, cc="cubic", par=3)


@sc("limit_upload_rate", rtt_ms=30, link={"c2s": {"rate_kbps": 16000, "queue_bytes": 60000}}, seed=73, note="uploads through a bottleneck of 16 Mbit/s")
def _(L):
    bulk(L, 4, 2500000, direction="c2s", cc="cubic", par=2)


@sc("limit_late_bulk", rtt_ms=25, note="requests with pauses, then a response of 2 MB")
def _(L):
    ls = L.listen(8000, cc="cubic")

    def srv(s, i):
        for _ in range(8):
            if recvn(s, 100) < 100:
                return
            s.sendall(b"r" * 3000)
        recvn(s, 100)
        s.sendall(b"r" * 2000000)
        drain(s)

    j = L.serve(ls, srv, 6)

    def cli(i):
        s, r = L.connect(8000, cc="cubic")
        for _ in range(8):
            s.sendall(b"q" * 100)
            recvn(s, 3000)
            time.sleep(0.1)
        s.sendall(b"q" * 100)
        recvn(s, 2000000)
        L.closing(s, r)

    L.each(6, cli, 3)
    j()
