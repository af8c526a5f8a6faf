"""Samples of what the two sides agreed on in their SYNs, and what it cost or brought: window scaling, ECN."""

from scenarios.workloads import bulk, reqresp

from .registry import recipe


def marked(f):
    return [e for e in f.network if e["verdict"] == "mark"]


@recipe(
    "no-window-scale",
    expect=("closed", "closed"),
    check=lambda f: not f.repeats() and f.c[0]["applicationSaw"] == "ok",
    point="client",
    why="the receiver's own capture: its window stands open to the last byte that it can tell, and the sender fills it each time",
    rtt_ms=200,
    snap=80,
    sysctl={"s:net.ipv4.tcp_window_scaling": 0},
    question="Nothing is lost, and the receiver reads at once. Why is the download no faster?",
    answer=lambda f: f"The server did not offer window scaling (frame {f.synacks()[0]['n']}), so the client cannot tell it of more than 64 KiB of room: no more than that is on the way in a round trip of 200 ms, about 2.6 Mbit/s at the most. The short exchange on the second connection needed less and lost nothing by it.",
    must=["no window scaling", "64 KiB a round trip", "server"],
)
def _(L):
    """A download of 400 kB over a round trip of 200 ms from a server that offers no window scaling; then a short exchange, which does not need it."""
    bulk(L, 1, 400_000, cc="cubic")
    reqresp(L, 1, req=200, resp=5000)


@recipe(
    "ecn-marks",
    expect=("closed", "closed"),
    check=lambda f: len(marked(f)) >= 2 and not f.repeats() and not f.lost(),
    point="client",
    why="behind the queue, where its marks are seen on the packets themselves",
    rtt_ms=40,
    link={"s2c": {"rate_kbps": 8000, "mark_us": 6000}},
    sysctl={"net.ipv4.tcp_ecn": 1},
    question="Nothing was lost. Did the download meet congestion all the same, and how did its sender learn of it?",
    answer=lambda f: f"Yes: a queue on the way marked {len(marked(f))} packets of the server with congestion experienced (the first in frame {marked(f)[0]['frame']}) instead of dropping them. The client echoed that (ECE), and the server made its window smaller and said so (CWR). The second connection agreed on ECN too, and nothing of it was marked.",
    must=["congestion experienced marks", "ECE and CWR", "nothing lost"],
)
def _(L):
    """A download of 300 kB through a slow link whose queue marks packets (ECN) when they wait too long; then a short exchange, which meets no queue."""
    bulk(L, 1, 300_000, cc="cubic")
    reqresp(L, 1, req=200, resp=3000)
