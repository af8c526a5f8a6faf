"""Samples of checksums, captured whole: one that a faulty path breaks, and those that a host leaves to its network card."""

from scenarios.workloads import bulk, reqresp

from .registry import recipe


def corrupted(f):
    return [e for e in f.network if e["verdict"] == "corrupt"]


@recipe(
    "damaged-segments",
    expect=("closed", "closed"),
    check=lambda f: len(corrupted(f)) == 2 and len(f.repeats("server")) >= 2,
    point="client",
    why="behind the fault, whole: what arrives is not what was sent",
    rtt_ms=30,
    snap=1600,
    rules={"dir=s2c match=NEWDATA nth=5 action=corrupt:100": "one bit of the fifth data segment is turned over on the way"},
    question="The client captured every segment of both downloads, and yet some were sent again. Why?",
    answer=lambda f: f"Frames {f.numbers(corrupted_packets(f))} were damaged on the way: a bit of their payload was turned over, so that the TCP checksum no longer fits. The client's kernel dropped them without a word, and the server had to send those segments again.",
    must=["checksum", "damaged on the way", "dropped by the receiver", "sent again"],
)
def _(L):
    """Two downloads, over IPv4 and over IPv6, of each of which one data segment is damaged on the way: its receiver drops it."""
    bulk(L, 1, 13_000, cc="cubic")
    bulk(L, 1, 13_000, cc="cubic", v=6, port=8002)


def corrupted_packets(f):
    frames = {e["frame"] for e in corrupted(f)}
    return [p for p in f.packets if p["n"] in frames]


@recipe(
    "checksum-offload",
    expect=("closed",),
    check=lambda f: not f.repeats(),
    point="server",
    why="at a host whose network card computes checksums, and cuts what is too large for a segment, after the capture",
    offload=True,
    snap=65535,
    question="tcpdump -v calls nearly every checksum incorrect. Is something damaging the segments?",
    answer=lambda f: "No. Each of those checksums is the sum of the pseudo-header alone, as a host leaves it that lets its network card compute the rest: the capture was made before the card. Nothing was lost and nothing sent again.",
    must=["checksum offload", "pseudo-header", "nothing damaged"],
)
def _(L):
    """A request and an answer of 6,000 bytes, captured at a host that leaves checksums to its network card."""
    reqresp(L, 1, req=200, resp=6000)
