"""Scenarios of full queues, SYN floods, Fast Open, path MTU, sequence wrap, and mixtures of everything."""

import socket
import struct
import threading
import time

from lab import sh
from sockets import IP, TCP_FASTOPEN, TCP_QUICKACK, TCP_QUEUE_SEQ, TCP_REPAIR, TCP_REPAIR_QUEUE, drain, nodelay, recvn, tcp_info

from .registry import sc
from .workloads import echo, reqresp


# ---- 10. queues, floods, TFO ---------------------------------------------------------------
def overflow(L, backlog, waves):
    ls = L.listen(8000, backlog=backlog)
    cs = []

    def cli(i):
        s, r = L.connect(8000, tmo=5)
        if not s:
            return
        cs.append(s)
        try:
            s.sendall(b"q" * 300)
            s.settimeout(4)
            s.recv(1)
        except OSError as e:
            r["end"] = repr(e)

    ts = []
    for n in waves:
        w = [threading.Thread(target=cli, args=(i,)) for i in range(n)]
        [t.start() for t in w]
        ts += w
        time.sleep(0.15)
    [t.join() for t in ts]
    for s in cs:
        s.close()
    time.sleep(0.3)
    ls.close()


@sc(
    "accept_overflow",
    rtt_ms=30,
    sysctl={"s:net.ipv4.tcp_syncookies": 0},
    note="backlog 3, no accept, waves of 3+3+3: final ACKs ignored, then SYNs ignored",
)
def _(L):
    overflow(L, 3, (3, 3, 3))


@sc("accept_overflow_cookies", rtt_ms=30, note="backlog 1, no accept, SYN cookies on: server forgets all but two")
def _(L):
    overflow(L, 1, (6,))


@sc(
    "accept_overflow_abort",
    rtt_ms=30,
    sysctl={"s:net.ipv4.tcp_syncookies": 0, "s:net.ipv4.tcp_abort_on_overflow": 1},
    note="as accept_overflow with tcp_abort_on_overflow=1: RST",
)
def _(L):
    overflow(L, 3, (3, 3, 3))


def flood(L, n, cookies):
    sh(f"ip -n gt-s route add 10.77.0.128/25 via {IP[4]['c']} dev gts0")
    ls = L.listen(8000, backlog=16)
    raw = L.sock("c", typ=socket.SOCK_RAW, proto=socket.IPPROTO_RAW)

    def csum(b):
        s = sum(struct.unpack(f"!{len(b) // 2}H", b))
        s = (s & 0xFFFF) + (s >> 16)
        s += s >> 16
        return ~s & 0xFFFF

    stop = threading.Event()

    def blast():
        for i in range(n):
            src, dst = socket.inet_aton(f"10.77.0.{130 + i % 120}"), socket.inet_aton(IP[4]["s"])
            t = struct.pack("!HHIIBBHHH", 20000 + i % 40000, 8000, (i * 2654435761) & 0xFFFFFFFF, 0, 5 << 4, 2, 64240, 0, 0)
            c = csum(src + dst + struct.pack("!BBH", 0, 6, 20) + t)
            t = t[:16] + struct.pack("!H", c) + t[18:]
            raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, i & 0xFFFF, 0, 64, 6, 0, src, dst) + t, (IP[4]["s"], 0))
            if i % 20 == 19:
                time.sleep(0.01)
        stop.set()

    t = threading.Thread(target=blast)
    t.start()
    L.serve(ls, lambda s, i: (recvn(s, 100), s.sendall(b"a" * 500), drain(s)), 6)

    def cli(i):
        time.sleep(0.2 + 0.1 * i)
        s, r = L.connect(8000, tag="genuine", tmo=4)
        if s:
            s.sendall(b"q" * 100)
            recvn(s, 500)
            s.close()
            r["closed_first"] = "c"

    L.each(6, cli, 6)
    t.join()
    raw.close()
    ls.shutdown(socket.SHUT_RDWR)
    ls.close()


@sc(
    "synflood_cookies",
    rtt_ms=10,
    sysctl={"s:net.ipv4.tcp_syncookies": 1, "s:net.ipv4.tcp_max_syn_backlog": 16, "s:net.ipv4.tcp_synack_retries": 1},
    settle=2,
)
def _(L):
    flood(L, 1500, True)


@sc(
    "synflood_nocookies",
    rtt_ms=10,
    sysctl={"s:net.ipv4.tcp_syncookies": 0, "s:net.ipv4.tcp_max_syn_backlog": 16, "s:net.ipv4.tcp_synack_retries": 1},
    settle=2,
)
def _(L):
    flood(L, 1500, False)


def tfo(L, n):
    ls = L.listen(8000, pre=lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16))
    j = L.serve(ls, lambda s, i: (recvn(s, 100), s.sendall(b"a" * 3000), drain(s)), n)

    def cli(i):
        s = L.sock("c")
        w, a = time.time_ns(), time.monotonic_ns()
        s.sendto(b"q" * 100, 0x20000000, (IP[4]["s"], 8000))
        recvn(s, 3000)
        L.conns.append(
            {
                "opener": "c",
                "tag": "tfo",
                "remote": [IP[4]["s"], 8000],
                "local": list(s.getsockname()),
                "result": "ok",
                "connect_start_ns": w,
                "first_reply_ns": time.monotonic_ns() - a,
                "closed_first": "c",
            }
        )
        s.close()

    L.each(n, cli)
    j()


@sc("tfo", rtt_ms=30, sysctl={"net.ipv4.tcp_fastopen": 3}, note="TCP Fast Open; first connection fetches the cookie")
def _(L):
    tfo(L, 10)


@sc(
    "tfo_syn_lost",
    rtt_ms=30,
    sysctl={"net.ipv4.tcp_fastopen": 3, "net.ipv4.tcp_fastopen_blackhole_timeout_sec": 0},
    rules=["dir=c2s match=SYN nth=1 conn=3+"],
    note="SYN with data lost from the third connection on",
)
def _(L):
    tfo(L, 6)


# ---- 11. path MTU, wrap, latency shapes ------------------------------------------------------
@sc("mss_clamp", rtt_ms=20, rules=["dir=any match=ANY action=mss:1200"])
def _(L):
    reqresp(L, 10, resp=30000)


@sc(
    "pmtu_blackhole",
    rtt_ms=20,
    rules=["dir=any match=ANY iplen_gt=1300"],
    sysctl={"net.ipv4.tcp_mtu_probing": 1, "net.ipv4.tcp_base_mss": 1024},
    note="packets over 1300 B vanish; tcp_mtu_probing finds out",
)
def _(L):
    reqresp(L, 6, resp=30000, par=6)


def wrap_pre(i):
    def pre(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, 2)
        s.setsockopt(
            socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", (0x100000000 - [1, 2, 3, 500, 1449, 3000, 20000, 60000][i % 8]) & 0xFFFFFFFF)
        )
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)

    return pre


def wrap(L, n, size):
    ls = L.listen(8000)
    j = L.serve(ls, lambda s, i: drain(s), n)

    def cli(i):
        s, r = L.connect(8000, pre=wrap_pre(i), cc="cubic")
        s.sendall(b"w" * size)
        s.shutdown(1)
        s.recv(1)
        s.close()
        r["closed_first"] = "c"

    L.each(n, cli, 4)
    j()


@sc("seq_wrap", rtt_ms=20, note="client ISN set just below 2^32 by TCP_REPAIR; real kernel wrap")
def _(L):
    wrap(L, 8, 100000)


@sc("seq_wrap_loss", rtt_ms=20, link={"both": {"loss_ppm": 20000}}, seed=21)
def _(L):
    wrap(L, 16, 150000)


@sc("nagle_delack", rtt_ms=2, note="write-write-read without TCP_NODELAY against delayed ACK: 40 ms stalls")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        s.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        for _ in range(12):
            if recvn(s, 200) < 200:
                return
            s.sendall(b"ok")
            s.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        drain(s)

    j = L.serve(ls, srv, 6)

    def cli(i):
        s, r = L.connect(8000)
        for k in range(12):
            a = time.monotonic_ns()
            s.sendall(b"h" * 100)
            s.sendall(b"b" * 100)
            recvn(s, 2)
            r.setdefault("reply_ns", []).append(time.monotonic_ns() - a)
        s.close()
        r["closed_first"] = "c"

    L.each(6, cli, 2)
    j()


@sc("interactive_loss", rtt_ms=20, link={"both": {"loss_ppm": 30000}}, seed=22, note="small messages each way every 15 ms (no Nagle), 3 % loss")
def _(L):
    ls = L.listen(8000)

    j = L.serve(ls, echo, 6)

    def cli(i):
        s, r = L.connect(8000, pre=nodelay)
        t = threading.Thread(target=lambda: recvn(s, 120 * 60))
        t.start()
        for k in range(120):
            s.sendall(b"k" * 60)
            time.sleep(0.015)
        t.join(30)
        s.close()
        r["closed_first"] = "c"

    L.each(6, cli, 6)
    j()


# ---- 12. mixtures ---------------------------------------------------------------------------
def mix(L, n, seed):
    import random

    rng = random.Random(seed)
    jobs = [
        (rng.choice([300, 1200, 4000, 15000, 60000, 200000]), rng.choice(["c", "s"]), rng.choice(["cubic", "reno", "bbr"]), rng.random() * 0.4)
        for _ in range(n)
    ]
    ls = L.listen(8000)

    def srv(s, i):
        h = b""
        while len(h) < 16:
            b = s.recv(16 - len(h))
            if not b:
                return
            h += b
        size, closer = int(h[:10]), chr(h[10])
        s.sendall(b"m" * size)
        if closer == "c":
            drain(s)

    j = L.serve(ls, srv, n)

    def cli(i):
        size, closer, cc, wait = jobs[i]
        time.sleep(wait)
        s, r = L.connect(8000, cc=cc)
        if not s:
            return
        s.sendall(b"%010d%c     " % (size, closer.encode()))
        recvn(s, size)
        if closer == "s":
            drain(s)
        r["tcp_info"] = tcp_info(s)
        r["closed_first"] = closer
        s.close()

    L.each(n, cli, 8)
    j()


@sc(
    "mix_rtt5",
    rtt_ms=5,
    seed=31,
    link={"both": {"loss_ppm": 8000, "reorder_ppm": 8000, "reorder_us": 900, "dup_ppm": 3000, "dup_us": 50}},
    note="60 transfers of mixed size; loss 0.8 %, reordering 0.8 %, duplication 0.3 %, each way",
)
def _(L):
    mix(L, 60, 31)


@sc(
    "mix_rtt45",
    rtt_ms=45,
    seed=32,
    link={"both": {"loss_ppm": 15000, "jitter_us": 4000, "reorder_ppm": 4000, "reorder_us": 9000}},
    note="jitter kept in order, loss 1.5 %, reordering 0.4 % by 9 ms",
)
def _(L):
    mix(L, 60, 32)


@sc(
    "mix_rtt180_v",
    rtt_ms=180,
    seed=33,
    fmt="pcapng",
    link={"both": {"loss_ppm": 20000, "dup_ppm": 5000, "dup_us": 20000}},
    note="long path, loss 2 %, late duplicates 0.5 %",
)
def _(L):
    mix(L, 50, 33)


@sc("bidir_bulk", rtt_ms=20, seed=34, link={"both": {"loss_ppm": 10000}}, note="both ends send 300 kB at once; loss 1 %")
def _(L):
    ls = L.listen(8000)

    def both(s):
        t = threading.Thread(target=lambda: (s.sendall(b"b" * 300000), s.shutdown(1)))
        t.start()
        drain(s)
        t.join()

    j = L.serve(ls, lambda s, i: both(s), 5)

    def cli(i):
        s, r = L.connect(8000, cc="cubic")
        both(s)
        s.close()

    L.each(5, cli, 2)
    j()
