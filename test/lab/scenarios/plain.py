"""Scenarios without trouble, and those that lose a packet of the handshake or of the close."""

import time

from sockets import drain

from .registry import sc
from .workloads import bulk, reqresp


# ---- 1. plain -------------------------------------------------------------------
@sc("plain_rtt1", rtt_ms=1, fmt="pcap-us")
def _(L):
    reqresp(L, 100, gap=0.005)


@sc("plain_rtt20", rtt_ms=20, fmt="pcap-ns")
def _(L):
    reqresp(L, 60, par=4)


@sc("plain_rtt120", rtt_ms=120, fmt="pcapng")
def _(L):
    reqresp(L, 40, par=8, closer="s")


@sc("plain_v6", rtt_ms=20)
def _(L):
    reqresp(L, 40, par=4, v=6)


@sc("plain_vlan", rtt_ms=5, mid_vlan=177, note="the mid-path capture carries an 802.1Q tag (id 177), added by the forwarder's tap")
def _(L):
    reqresp(L, 30, par=2)


@sc("plain_offload", rtt_ms=10, offload=True, snap=128, note="TSO/GSO/GRO/checksum offload left on: frames above the MTU")
def _(L):
    bulk(L, 6, 800000)


@sc("slow_server", rtt_ms=10)
def _(L):
    reqresp(L, 16, think=0.35, par=4, rounds=2)


# ---- 2. handshake packets lost ----------------------------------------------------
for nm, rule in {
    "hs_syn_lost": "dir=c2s match=SYN nth=1",
    "hs_syn_lost2": "dir=c2s match=SYN nth=1-2",
    "hs_synack_lost": "dir=s2c match=SYNACK nth=1",
    "hs_synack_lost2": "dir=s2c match=SYNACK nth=1-2",
    "hs_ack_lost": "dir=c2s match=HSACK nth=1",
}.items():

    @sc(nm, rtt_ms=20, rules=[rule + " stage=%d" % (2 if nm in ("hs_synack_lost", "hs_ack_lost") else 1)])
    def _(L):
        reqresp(L, 12, par=12)


@sc("hs_ack_lost_idle", rtt_ms=20, rules=["dir=c2s match=ACK nth=1 before_ms=500"], note="final ACK lost, client idle 2.5 s: server repeats SYN-ACK")
def _(L):
    ls = L.listen(8000)
    j = L.serve(ls, lambda s, i: (drain(s)), 8)

    def c(i):
        s, r = L.connect(8000)
        time.sleep(2.5)
        s.sendall(b"late")
        time.sleep(0.2)
        s.close()
        r["closed_first"] = "c"

    L.each(8, c, 8)
    j()


@sc("hs_synack_late", rtt_ms=20, rules=["dir=s2c match=SYNACK nth=1 action=delay:1300000"], note="SYN-ACK delayed 1.3 s: SYN repeated needlessly")
def _(L):
    reqresp(L, 10, par=10)


# ---- 3. close packets lost ----------------------------------------------------------
for nm, rule in {
    "fin1_lost": "dir=c2s match=FIN nth=1",
    "fin1_ack_lost": "dir=s2c match=ACKOFFIN nth=1",
    "fin2_lost": "dir=s2c match=FIN nth=1",
    "last_ack_lost": "dir=c2s match=ACKOFFIN nth=1",
    "fin1_lost2": "dir=c2s match=FIN nth=1-2",
}.items():

    @sc(nm, rtt_ms=20, rules=[rule + " stage=%d" % (2 if nm in ("fin2_lost", "last_ack_lost") else 1)], settle=1.5)
    def _(L):
        reqresp(L, 12, par=12)
