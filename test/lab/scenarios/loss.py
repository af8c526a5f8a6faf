"""Scenarios of bulk transfers on a bad path: random and scripted loss, reordering, duplicates, delay, tail loss."""

from .registry import sc
from .workloads import bulk, reqresp

# ---- 4. random loss, bulk -------------------------------------------------------------
for cc in ("cubic", "reno", "bbr"):
    for pct, ppm in (("0.5", 5000), ("1", 10000), ("3", 30000), ("10", 100000)):

        @sc(
            f"loss{pct}_{cc}",
            rtt_ms=20,
            link={"s2c": {"loss_ppm": ppm}, "c2s": {"loss_ppm": ppm // 2}},
            seed=int(ppm) + len(cc),
            fmt={"cubic": "pcap-ns", "reno": "pcap-us", "bbr": "pcapng"}[cc],
            snap=96 if cc == "bbr" else 128,
        )
        def _(L, cc=cc, ppm=ppm):
            bulk(L, 6 if ppm < 100000 else 4, 700000 if ppm < 100000 else 250000, cc=cc)


@sc("loss1_upload_v6", rtt_ms=40, link={"both": {"loss_ppm": 10000}}, seed=5)
def _(L):
    bulk(L, 5, 600000, direction="c2s", v=6, cc="cubic")


@sc("loss2_rtt1_short", rtt_ms=1, link={"both": {"loss_ppm": 20000}}, seed=6, note="many short connections, 2 % loss each way")
def _(L):
    reqresp(L, 150, par=10, resp=9000, cc="cubic")


@sc("loss2_nosack", rtt_ms=20, link={"both": {"loss_ppm": 20000}}, seed=7, sysctl={"net.ipv4.tcp_sack": 0}, note="SACK off")
def _(L):
    bulk(L, 5, 500000, cc="cubic")


@sc("loss2_notimestamps", rtt_ms=20, link={"both": {"loss_ppm": 20000}}, seed=8, sysctl={"net.ipv4.tcp_timestamps": 0})
def _(L):
    bulk(L, 5, 500000, cc="cubic")


@sc("loss1_offload", rtt_ms=20, link={"both": {"loss_ppm": 10000}}, seed=9, offload=True, note="offloads on, whole super-frames lost")
def _(L):
    bulk(L, 6, 1500000, cc="cubic")


@sc(
    "rate_queue_loss",
    rtt_ms=30,
    link={"s2c": {"rate_kbps": 20000, "queue_bytes": 40000}},
    seed=10,
    note="20 Mbit/s bottleneck, 40 kB drop-tail queue",
)
def _(L):
    bulk(L, 4, 1200000, cc="cubic", par=2)


@sc(
    "burst_loss",
    rtt_ms=20,
    rules=["dir=s2c match=NEWDATA nth=40-55", "dir=s2c match=NEWDATA nth=200-202"],
    note="16 and 3 consecutive data segments lost",
)
def _(L):
    bulk(L, 6, 600000, cc="cubic")


@sc("rtx_lost", rtt_ms=20, rules=["dir=s2c match=NEWDATA nth=30", "dir=s2c match=RTX nth=1-2"], note="one segment and its first two repeats lost")
def _(L):
    bulk(L, 6, 300000, cc="cubic")


@sc("one_seg_lost", rtt_ms=20, rules=["dir=s2c match=NEWDATA nth=20 stage=2"], note="20th data segment of each connection lost")
def _(L):
    bulk(L, 10, 150000, cc="cubic")


# ---- 5. reorder / duplicate / delay --------------------------------------------------
@sc("reorder_small", rtt_ms=20, link={"s2c": {"reorder_ppm": 20000, "reorder_us": 1000}}, seed=11, note="2 % of segments 1 ms late, no loss")
def _(L):
    bulk(L, 6, 600000, cc="cubic")


@sc(
    "reorder_large",
    rtt_ms=20,
    link={"s2c": {"reorder_ppm": 20000, "reorder_us": 15000}},
    seed=12,
    note="2 % of segments 15 ms late, no loss: needless repeats",
)
def _(L):
    bulk(L, 6, 600000, cc="cubic")


@sc(
    "reorder_loss",
    rtt_ms=20,
    link={"s2c": {"reorder_ppm": 20000, "reorder_us": 4000, "loss_ppm": 10000}},
    seed=13,
    note="2 % late by 4 ms and 1 % loss",
)
def _(L):
    bulk(L, 6, 600000, cc="cubic")


@sc("jitter_reorder", rtt_ms=20, link={"s2c": {"jitter_us": 3000, "keep_order": 0}}, seed=14, note="each segment 0-3 ms jitter, order not kept")
def _(L):
    bulk(L, 4, 500000, cc="cubic")


@sc("jitter_ordered", rtt_ms=20, link={"both": {"jitter_us": 8000, "keep_order": 1}}, seed=15)
def _(L):
    reqresp(L, 30, par=5, resp=20000)


@sc("dup_only", rtt_ms=20, link={"both": {"dup_ppm": 20000, "dup_us": 100}}, seed=16, note="2 % of segments duplicated by the network; no loss")
def _(L):
    bulk(L, 6, 500000, cc="cubic")


@sc("dup_late", rtt_ms=20, link={"both": {"dup_ppm": 10000, "dup_us": 30000}}, seed=17, note="duplicates arrive 30 ms later")
def _(L):
    bulk(L, 4, 400000, cc="cubic")


@sc("ack_loss", rtt_ms=20, link={"c2s": {"loss_ppm": 300000}}, seed=18, note="30 % of the client's segments (ACKs) lost, data never")
def _(L):
    bulk(L, 6, 500000, cc="cubic")


@sc(
    "spurious_rto_hold_acks",
    rtt_ms=20,
    rules=["dir=c2s match=ANY after_ms=110 before_ms=700 action=holduntil:700"],
    note="ACKs held to t+0.7 s: spurious RTO, DSACK, F-RTO undo",
)
def _(L):
    bulk(L, 6, 500000, cc="cubic", par=3)


@sc("spurious_rto_hold_data", rtt_ms=20, rules=["dir=s2c match=DATA after_ms=90 before_ms=800 action=holduntil:800"], note="data held to t+0.8 s")
def _(L):
    bulk(L, 6, 500000, cc="reno", par=3)


@sc("delay_spike_req", rtt_ms=20, rules=["dir=c2s match=DATA nth=1 action=delay:450000"], note="single request held 450 ms: TLP/RTO needless")
def _(L):
    reqresp(L, 12, par=6)


# ---- 6. tail loss ---------------------------------------------------------------------
@sc("tail_loss_1", rtt_ms=20, rules=["dir=s2c match=DATA relge=19000 nth=1"], note="last segment of a 20 kB answer lost")
def _(L):
    reqresp(L, 12, par=6, resp=20000, cc="cubic")


@sc("tail_loss_3", rtt_ms=20, rules=["dir=s2c match=NEWDATA relge=15700 nth=1-3"], note="last 3 segments lost")
def _(L):
    reqresp(L, 12, par=6, resp=20000, cc="cubic")


@sc("tail_loss_tlp_lost", rtt_ms=20, rules=["dir=s2c match=DATA relge=19000 nth=1-2"], note="last segment and its TLP lost: RTO")
def _(L):
    reqresp(L, 12, par=6, resp=20000, cc="cubic")


@sc("request_lost", rtt_ms=20, rules=["dir=c2s match=DATA nth=1"], note="the single request segment lost")
def _(L):
    reqresp(L, 12, par=6)


@sc("rto_backoff", rtt_ms=20, rules=["dir=c2s match=DATA nth=1-4"], note="request lost four times: exponential backoff")
def _(L):
    reqresp(L, 8, par=8)
