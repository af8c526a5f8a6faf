"""Samples of what the two sides agreed on in their SYNs, and what it cost or brought: window scaling, ECN."""

from scenarios.workloads import bulk, reqresp

from .registry import recipe


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
