"""Scenarios with packets that no socket sends: resets in the window and at the edge of what SACK reports, an old clock's SYN."""

import socket
import struct
import time

from sockets import IP, TCP_QUEUE_SEQ, TCP_REPAIR, TCP_REPAIR_QUEUE, drain, nodelay, recvn

from .harsh import with_isn
from .registry import sc
from .workloads import answer_and_close

SYN, RST = 2, 4
SEND_QUEUE = 2
REPAIR_OFF_WITHOUT_PROBE = -1
TCP_TIMESTAMP = 24


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def forge(L, lport, seq, flags, options=b""):
    """A segment from the client's port to the server's 8000."""
    src, dst = socket.inet_aton(IP[4]["c"]), socket.inet_aton(IP[4]["s"])
    words = 5 + len(options) // 4
    t = struct.pack("!HHIIBBHHH", lport, 8000, seq & 0xFFFFFFFF, 0, words << 4, flags, 64240, 0, 0) + options
    c = checksum(src + dst + struct.pack("!BBH", 0, 6, len(t)) + t)
    t = t[:16] + struct.pack("!H", c) + t[18:]
    with L.sock("c", typ=socket.SOCK_RAW, proto=socket.IPPROTO_RAW) as raw:
        raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(t), 0, 0, 64, 6, 0, src, dst) + t, (IP[4]["s"], 0))


def next_sequence(s):
    """SND.NXT of an open socket."""
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE)
    seq = s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ)
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF_WITHOUT_PROBE)
    return seq


@sc("rst_in_window", rtt_ms=20, note="a forged RST inside the server's window: it answers with its newest ACK, and goes on (RFC 5961)")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        for _ in range(2):
            recvn(s, 100)
            s.sendall(b"a" * 2000)
        drain(s)

    j = L.serve(ls, srv, 8)

    def cli(i):
        s, r = L.connect(8000)
        for again in range(2):
            s.sendall(b"q" * 100)
            recvn(s, 2000)
            if not again:
                time.sleep(0.05)
                forge(L, s.getsockname()[1], next_sequence(s) + 500, RST)
                time.sleep(0.1)
        s.close()
        r["closed_first"] = "c"

    L.each(8, cli, 4)
    j()


@sc("rst_at_sack_edge", rtt_ms=100, rules=["dir=c2s match=DATA nth=1"], note="a forged RST at the right edge of what the server reported by SACK: it resets (RFC 5961)")
def _(L):
    ls = L.listen(8000)
    j = L.serve(ls, lambda s, i: drain(s), 8)

    def cli(i):
        s, r = L.connect(8000, pre=nodelay)
        for _ in range(3):
            s.sendall(b"q" * 100)
            time.sleep(0.002)
        forge(L, s.getsockname()[1], next_sequence(s), RST)
        try:
            s.recv(1)
        except OSError as e:
            r["end"] = repr(e)
        s.close()

    L.each(8, cli, 4)
    j()


@sc("time_wait_clock_newer", rtt_ms=10, note="SYN into TIME_WAIT, newer timestamp, ISN below: taken")
def _(L):
    ls = L.listen(8000)
    for i in range(8):
        for isn in (1000000 * (i + 1), 1000000 * (i + 1) - 5000):
            s, r = L.connect(8000, lport=45200 + i, pre=with_isn(isn))
            if s:
                answer_and_close(ls, s, r)
            time.sleep(0.02)
    ls.close()


@sc("time_wait_clock_older", rtt_ms=10, note="SYN into TIME_WAIT, older timestamp, ISN below: answered by the old ACK, which the client refuses")
def _(L):
    ls = L.listen(8000)
    for i in range(8):
        isn = 1000000 * (i + 1)
        s, r = L.connect(8000, lport=45300 + i, pre=with_isn(isn))
        old = s.getsockopt(socket.IPPROTO_TCP, TCP_TIMESTAMP) - 100000
        answer_and_close(ls, s, r)
        time.sleep(0.05)
        forge(L, 45300 + i, isn - 5000, SYN, struct.pack("!BBHBBBBII", 2, 4, 1460, 1, 1, 8, 10, old & 0xFFFFFFFF, 0))
        time.sleep(0.05)
    ls.close()


@sc("syn_overtaken", rtt_ms=20, rules=["dir=c2s match=SYN nth=1 action=delay:1200000"], note="the first SYN comes after the second: which one a SYN-ACK answers, its TSecr says")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 100)
        s.sendall(b"a" * 3000)
        drain(s)

    j = L.serve(ls, srv, 8)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 100)
        recvn(s, 3000)
        time.sleep(0.4)
        s.close()
        r["closed_first"] = "c"

    L.each(8, cli, 8)
    j()
