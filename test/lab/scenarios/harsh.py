"""Scenarios at the edge: heavy loss, outages, far peers, keystrokes, a stack without RACK, FINs with data, SYNs into TIME_WAIT."""

import socket
import struct
import time

from sockets import TCP_QUEUE_SEQ, TCP_REPAIR, TCP_REPAIR_QUEUE, drain, nodelay, recvn

from .registry import sc
from .workloads import answer_and_close, bulk, echo, reqresp


@sc("loss15_cubic", rtt_ms=20, link={"both": {"loss_ppm": 150000}}, seed=41, settle=2, note="15 % loss each way")
def _(L):
    bulk(L, 8, 100000, cc="cubic", par=4)


@sc("outage_2s", rtt_ms=20, rules=["dir=any match=ANY gafter_ms=800 gbefore_ms=2800"], note="nothing passes for 2 s while 4 transfers and requests are under way")
def _(L):
    bulk(L, 4, 3000000, cc="cubic", par=4)


@sc("outage_2s_requests", rtt_ms=20, rules=["dir=any match=ANY gafter_ms=800 gbefore_ms=2800"], note="nothing passes for 2 s; requests every 40 ms")
def _(L):
    reqresp(L, 6, par=6, resp=3000, rounds=60, pause=0.04)


@sc("rtt300_loss", rtt_ms=300, link={"both": {"loss_ppm": 20000}}, seed=43, note="round trip of 300 ms, above the shortest timeout's 200; 2 % loss")
def _(L):
    bulk(L, 6, 300000, cc="cubic", par=6)


@sc("rtt300_short", rtt_ms=300, link={"both": {"loss_ppm": 30000}}, seed=44, note="round trip of 300 ms, short connections; 3 % loss")
def _(L):
    reqresp(L, 40, par=20, resp=9000)


@sc("keystrokes_loss", rtt_ms=40, link={"both": {"loss_ppm": 50000}}, seed=45, note="single bytes and their echoes every 20 to 400 ms, 5 % loss")
def _(L):
    ls = L.listen(8000)

    j = L.serve(ls, echo, 8)

    def cli(i):
        s, r = L.connect(8000, pre=nodelay)
        for k in range(60):
            s.sendall(b"k")
            time.sleep((0.02, 0.06, 0.12, 0.4)[(k + i) % 4])
        s.shutdown(socket.SHUT_WR)
        drain(s)
        s.close()
        r["closed_first"] = "c"

    L.each(8, cli, 8)
    j()


RACK_OFF = {"net.ipv4.tcp_recovery": 0, "net.ipv4.tcp_early_retrans": 0}


@sc("rack_off_loss", rtt_ms=20, link={"both": {"loss_ppm": 20000}}, seed=46, sysctl=RACK_OFF, note="neither RACK nor tail-loss probes; 2 % loss")
def _(L):
    bulk(L, 6, 500000, cc="cubic")


@sc("rack_off_tail_loss", rtt_ms=20, rules=["dir=s2c match=DATA relge=19000 nth=1"], sysctl=RACK_OFF, note="last segment lost, and no probe: a timeout")
def _(L):
    reqresp(L, 12, par=6, resp=20000, cc="cubic")


def soon(L, n, **kw):
    """The server's timer waits 20 ms instead of 200, as in data centres; single segments, so that only a timer repairs."""
    L.run_in("s", "ip route change 10.77.0.0/24 dev gts0 proto kernel scope link src 10.77.0.2 rto_min 20ms")
    reqresp(L, n, par=4, resp=1200, rounds=30, pause=0.02, **kw)


@sc("rto_min_20ms", rtt_ms=8, link={"s2c": {"loss_ppm": 120000}}, seed=47, note="a server whose timer waits 20 ms; 12 % of its segments lost")
def _(L):
    soon(L, 8)


@sc("rto_min_20ms_no_probes", rtt_ms=8, link={"s2c": {"loss_ppm": 120000}}, seed=48, sysctl={**RACK_OFF, "net.ipv4.tcp_sack": 0}, note="likewise, with neither SACK nor tail-loss probes")
def _(L):
    soon(L, 8)


@sc("data_fin_lost", rtt_ms=20, rules=["dir=s2c match=FIN nth=1"], note="the answer's last bytes and the FIN in one segment, lost once")
def _(L):
    ls = L.listen(8000)

    def srv(s, i):
        recvn(s, 200)
        # What waits for more bytes goes out with the FIN.
        s.send(b"r" * (5000 if i % 2 else 700), socket.MSG_MORE)

    j = L.serve(ls, srv, 12)

    def cli(i):
        s, r = L.connect(8000)
        s.sendall(b"q" * 200)
        drain(s)
        s.close()
        r["closed_first"] = "s"

    L.each(12, cli, 6)
    j()


def with_isn(isn):
    def pre(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, 2)
        s.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", isn & 0xFFFFFFFF))
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)

    return pre


def into_time_wait(L, distance):
    """Reopens four-tuples that are in TIME_WAIT at the server, with an ISN `distance` above the old connection's last."""
    ls = L.listen(8000)
    for i in range(8):
        first = 1000000 * (i + 1)
        for isn in (first, first + 52 + distance):
            s, r = L.connect(8000, lport=45100 + i, pre=with_isn(isn))
            if not s:
                continue
            answer_and_close(ls, s, r)
    ls.close()


@sc("time_wait_isn_above", rtt_ms=10, sysctl={"net.ipv4.tcp_timestamps": 0}, note="SYN into TIME_WAIT, no timestamps, ISN above: taken")
def _(L):
    into_time_wait(L, 5000)


@sc("time_wait_isn_below", rtt_ms=10, sysctl={"net.ipv4.tcp_timestamps": 0}, note="SYN into TIME_WAIT, no timestamps, ISN below: old ACK, RST, next SYN")
def _(L):
    into_time_wait(L, -5000)
