"""Scenarios of windows, keep-alive, refusals, resets and peers that are gone."""

import os
import signal
import threading
import time

from sockets import drain, linger0, recvn

from .registry import sc
from .workloads import ka, vanish


# ---- 7. zero window, keep-alive ---------------------------------------------------------
@sc("zero_window", rtt_ms=10, note="reader sleeps 3 s: zero window, persist probes")
def _(L):
    ls = L.listen(8000, rcvbuf=8192)

    def srv(s, i):
        time.sleep(3)
        drain(s)

    j = L.serve(ls, srv, 6)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"z" * 200000)
        s.close()
        r["closed_first"] = "c"

    L.each(6, cli, 6)
    j()


@sc("zero_window_slow_reader", rtt_ms=10, note="reader takes 4 kB every 60 ms: window opens and closes")
def _(L):
    ls = L.listen(8000, rcvbuf=6000)

    def srv(s, i):
        while s.recv(4096):
            time.sleep(0.06)

    j = L.serve(ls, srv, 4)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"z" * 150000)
        s.close()
        r["closed_first"] = "c"

    L.each(4, cli, 4)
    j()


@sc(
    "zero_window_update_lost",
    rtt_ms=10,
    rules=["dir=s2c match=ACK after_ms=1400 before_ms=2300"],
    note="window update lost: only the probe revives the transfer",
)
def _(L):
    ls = L.listen(8000, rcvbuf=8192)

    def srv(s, i):
        time.sleep(1.5)
        drain(s)

    j = L.serve(ls, srv, 5)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"z" * 120000)
        s.close()
        r["closed_first"] = "c"

    L.each(5, cli, 5)
    j()


@sc("keepalive_ok", rtt_ms=10, note="keep-alive every second, answered")
def _(L):
    ls = L.listen(8000)
    j = L.serve(ls, lambda s, i: drain(s), 6)

    def cli(i):
        s, r = L.connect(8000, pre=ka)
        s.sendall(b"hello")
        time.sleep(5.2)
        s.sendall(b"bye")
        time.sleep(0.1)
        s.close()
        r["closed_first"] = "c"

    L.each(6, cli, 6)
    j()


@sc("keepalive_dead", rtt_ms=10, rules=["dir=any match=ANY after_ms=1500"], note="peer vanishes while idle: keep-alive gives up with RST")
def _(L):
    ls = L.listen(8000)
    held = []
    threading.Thread(target=lambda: [held.append(ls.accept()[0]) for _ in range(5)], daemon=True).start()

    def cli(i):
        s, r = L.connect(8000, pre=ka)
        s.sendall(b"hello")
        try:
            s.recv(10)
        except OSError as e:
            r["end"] = repr(e)
        s.close()

    L.each(5, cli, 5)
    for h in held:
        linger0(h)
        h.close()


# ---- 8. refusals and resets -----------------------------------------------------------------
@sc("refused", rtt_ms=10)
def _(L):
    L.each(15, lambda i: L.connect(9), 3)


@sc("refused_v6", rtt_ms=10)
def _(L):
    L.each(8, lambda i: L.connect(9, v=6), 2)


@sc(
    "syn_blackhole",
    rtt_ms=10,
    rules=["dir=c2s match=SYN"],
    sysctl={"net.ipv4.tcp_syn_retries": 2},
    note="SYN never arrives; client gives up after 2 repeats",
)
def _(L):
    ls = L.listen(8000)
    L.each(8, lambda i: L.connect(8000), 8)
    ls.close()


@sc("linger0_abort", rtt_ms=10, note="SO_LINGER 0 close by the client right after the answer")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 100)
        s.sendall(b"a" * 3000)
        drain(s)

    j = L.serve(ls, srv, 12)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        recvn(s, 3000)
        linger0(s)
        s.close()
        r["closed_first"] = "c"
        r["abort"] = "linger0"

    L.each(12, cli, 3)
    j()


@sc("linger0_inflight", rtt_ms=40, note="server aborts mid-transfer with data in flight")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 100)
        s.sendall(b"a" * 60000)
        time.sleep(0.07)
        linger0(s)
        s.close()

    j = L.serve(ls, srv, 8)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        try:
            drain(s)
        except OSError as e:
            r["end"] = repr(e)
        r["closed_first"] = "s"
        r["abort"] = "linger0"
        s.close()

    L.each(8, cli, 4)
    j()


@sc("unread_data_close", rtt_ms=10, note="client closes with unread data in its receive queue: RST instead of FIN")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 100)
        s.sendall(b"a" * 9000)
        drain(s)

    j = L.serve(ls, srv, 12)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        recvn(s, 100)
        time.sleep(0.05)
        s.close()
        r["closed_first"] = "c"
        r["abort"] = "unread"

    L.each(12, cli, 3)
    j()


@sc("rst_data_after_close", rtt_ms=20, note="client closes (FIN) while the server still sends: RST to data after close")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 100)
        for _ in range(8):
            s.sendall(b"a" * 2000)
            time.sleep(0.02)
        s.recv(1)

    j = L.serve(ls, srv, 10)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        recvn(s, 2000)
        s.close()
        r["closed_first"] = "c"

    L.each(10, cli, 5)
    j()


@sc("peer_killed", rtt_ms=10, note="server process killed with SIGKILL: half with unread data (RST), half without (FIN)")
def _(L):
    ls = L.listen(8000)
    r_, w_ = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            ss = []
            for i in range(8):
                s, _ = ls.accept()
                ss.append(s)
                if i % 2:
                    s.recv(100)
            time.sleep(0.3)
            os.write(w_, b"x")
            time.sleep(30)
        finally:
            os._exit(0)
    ls.close()
    cs = []
    for i in range(8):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        cs.append((s, r))
    os.read(r_, 1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for s, r in cs:
        r["closed_first"] = "s"
        try:
            r["end"] = repr(s.recv(10))
        except OSError as e:
            r["end"] = repr(e)
        try:
            s.sendall(b"more")
        except OSError as e:
            r["end2"] = repr(e)
    time.sleep(0.2)
    for s, _ in cs:
        s.close()


@sc(
    "vanish_retries2",
    rtt_ms=10,
    rules=["dir=any match=ANY after_ms=400"],
    sysctl={"net.ipv4.tcp_retries2": 4},
    settle=1,
    note="path dies mid-transfer; sender gives up by tcp_retries2=4",
)
def _(L):
    vanish(L)


@sc("vanish_user_timeout", rtt_ms=10, rules=["dir=any match=ANY after_ms=400"], settle=1, note="path dies; sender gives up by TCP_USER_TIMEOUT 3 s")
def _(L):
    vanish(L, ut=3000)


@sc("middlebox_rst", rtt_ms=20, rules=["dir=c2s match=DATA nth=1 action=rst"], note="forwarder forges a RST to both ends at the first request")
def _(L):
    ls = L.listen(8000)
    j = L.serve(ls, lambda s, i: drain(s), 10)

    def cli(i):
        s, r = L.connect(8000)
        time.sleep(0.06)
        try:
            s.sendall(b"q" * 100)
            s.recv(1)
        except OSError as e:
            r["end"] = repr(e)
        s.close()

    L.each(10, cli, 5)
    j()
