"""Samples of data on a bad path: loss, tail loss, timeouts, reordering, duplicates, path MTU, Nagle against delayed ACK."""

import socket
import time

from sockets import TCP_QUICKACK, drain, recvn
from scenarios.extremes import wrap_pre
from scenarios.workloads import bulk, reqresp

from .registry import recipe

THREE_LOST = {
    "dir=s2c match=NEWDATA nth=8 stage=2": "the 8th data segment is lost",
    "dir=s2c match=NEWDATA nth=15-16 stage=2": "the 15th and 16th data segments are lost",
}


def three_lost(f):
    fast = f.repeats("server")
    return f"Three of the server's segments were lost and {len(fast)} sent again ({', '.join(sorted({r['kind'] for r in fast}))} retransmission, told by SACK), without waiting for a timer"


@recipe(
    "loss",
    expect=("closed",),
    check=lambda f: [r["kind"] for r in f.repeats("server")] == ["fast"] * 3,
    point="server",
    why="at the sender the lost segments and their repeats are both seen",
    rtt_ms=40,
    rules=THREE_LOST,
    question="How many segments were lost, and how did the sender notice?",
    answer=lambda f: three_lost(f)
    + f": lost frames {', '.join(str(e['frame']) for e in f.lost())}, repeats in frames {', '.join(str(r['frame']) for r in f.repeats('server'))}.",
    must=["3 segments lost", "fast retransmission", "SACK"],
)
def _(L):
    """A download of 40 kB in which three data segments are lost and repaired by fast retransmission; seen at the sender."""
    bulk(L, 1, 40000, cc="cubic")


@recipe(
    "loss-receiver",
    expect=("closed",),
    check=lambda f: [r["kind"] for r in f.repeats("server")] == ["fast"] * 3,
    point="client",
    why="at the receiver the lost segments are never seen: only the gap, the SACKs and the late repeats tell",
    rtt_ms=40,
    rules=THREE_LOST,
    question="How many segments were lost, and where: before or after this capture point?",
    answer=lambda f: three_lost(f)
    + f". They were lost before this capture point: here only the gaps and the late repeats (frames {', '.join(str(r['frame']) for r in f.repeats('server'))}) are seen.",
    must=["3 segments lost", "before the capture point"],
)
def _(L):
    """The same kind of download with the same three segments lost, captured at the receiver."""
    bulk(L, 1, 40000, cc="cubic")


@recipe(
    "tail-loss",
    expect=("closed",),
    check=lambda f: [r["kind"] for r in f.repeats("server")] == ["tail-loss-probe", "fast"],
    point="server",
    why="at the sender the lost segments, the probe and the repair are all seen",
    rules={"dir=s2c match=NEWDATA relge=7300 nth=1-2": "the last two segments of the answer are lost"},
    question="Which packets were lost, and how was the loss repaired?",
    answer=lambda f: f"The last two segments of the 10,000-byte answer (frames {', '.join(str(e['frame']) for e in f.lost())}). No later data could reveal the gap; {(f.repeats('server')[0]['atNs'] - f.lost()[-1]['atNs']) / 1e6:.0f} ms later a tail-loss probe sent the very last one again "
    f"(frame {f.repeats('server')[0]['frame']}, {f.repeats('server')[0]['kind']}), and its acknowledgment brought out the other (frame {f.repeats('server')[1]['frame']}, {f.repeats('server')[1]['kind']}).",
    must=["last two segments", "tail-loss probe", "no timeout"],
)
def _(L):
    """The last two segments of an answer are lost; a tail-loss probe reveals it long before the retransmission timeout."""
    reqresp(L, 1, req=200, resp=10000, cc="cubic")


@recipe(
    "timeout",
    expect=("closed",),
    check=lambda f: len(f.find("client", data=True)) == 5,
    point="client",
    why="at the sender every try is seen",
    rules={"dir=c2s match=DATA nth=1-4": "the request and its first three repeats are lost"},
    question="How often was the request sent, and what did the loss cost?",
    answer=lambda f: f"{len(f.find('client', data=True))} times, at {', '.join(format((p['t'] - f.find('client', data=True)[0]['t']) / 1e9, '.2f') for p in f.find('client', data=True))} s: four were lost (frames {', '.join(str(e['frame']) for e in f.lost())}), "
    f"the repeats being {', '.join(r['kind'] for r in f.repeats('client'))} with doubling pauses, and the answer came {f.gap(f.find('client', data=True)[0], f.find('server', data=True)[0])} after the first try instead of about 0.03 s.",
    must=["sent 5 times", "exponential backoff", "cost in seconds"],
)
def _(L):
    """The only segment of the request is lost four times in a row: the retransmission timeout doubles each time."""
    reqresp(L, 1, req=200, resp=1000)


@recipe(
    "retransmission-lost",
    expect=("closed",),
    check=lambda f: len(f.repeats("server")) == 2,
    point="server",
    why="at the sender all three tries are seen",
    rules={"dir=s2c match=NEWDATA nth=10": "the 10th data segment is lost", "dir=s2c match=RTX nth=1": "its first repeat is lost too"},
    question="One segment was sent three times. Why?",
    answer=lambda f: f"The segment (frame {f.lost()[0]['frame']}) was lost, and so was its first repeat (frame {f.lost()[1]['frame']}, {f.repeats('server')[0]['kind']}); the next repeat (frame {f.repeats('server')[1]['frame']}, {f.repeats('server')[1]['kind']}) got through. "
    f"Repeats in all: {len(f.repeats('server'))}.",
    must=["segment lost", "repeat lost too"],
)
def _(L):
    """A data segment and its first repeat are both lost."""
    bulk(L, 1, 30000, cc="cubic")


SLOW_LINK = {"s2c": {"rate_kbps": 20000}}


def two_late(us, text):
    return {f"dir=s2c match=NEWDATA nth={n} action=delay:{us}": f"the {n}th data segment is {text} late" for n in (6, 14)}


@recipe(
    "reordering",
    expect=("closed",),
    check=lambda f: not f.repeats(),
    point="client",
    why="at the receiver the late segments are seen to arrive out of order",
    link=SLOW_LINK,
    rules=two_late(1000, "1 ms"),
    question="Was anything lost?",
    answer=lambda f: f"No. Two of the server's segments arrived out of order (frames {', '.join(str(e['frame']) for e in f.network)}), overtaken on the way by the one or two behind them (1 ms); the kernels sent {len(f.repeats())} segments again.",
    must=["nothing lost", "two segments out of order", "nothing sent again"],
)
def _(L):
    """A download of 30 kB in which two data segments are overtaken on the way: mild reordering, too little to make the sender repeat anything."""
    bulk(L, 1, 30000, cc="cubic")


@recipe(
    "reordering-needless-repeat",
    expect=("closed",),
    check=lambda f: f.repeats("server") and all(r["needless"] for r in f.repeats("server")),
    point="server",
    why="at the sender the order is still right; the receiver's complaints and the needless repeat are seen",
    link=SLOW_LINK,
    rules=two_late(6000, "6 ms"),
    question="The server sent something again. Was anything lost?",
    answer=lambda f: f"No. Two segments (frames {', '.join(str(e['frame']) for e in f.network)}) came 6 ms late, behind many others; the selective acknowledgments behind them made the server repeat {len(f.repeats('server'))} segment(s) needlessly (frames {', '.join(str(r['frame']) for r in f.repeats('server'))}), and a DSACK told it so.",
    must=["nothing lost", "reordering", "needless retransmission", "DSACK"],
)
def _(L):
    """As reordering, but the late segments come so late that the sender repeats what was never lost."""
    bulk(L, 1, 30000, cc="cubic")


@recipe(
    "duplicates",
    expect=("closed",),
    check=lambda f: not f.repeats(),
    point="client",
    why="at the receiver both copies are seen",
    rules={
        "dir=s2c match=NEWDATA nth=5 action=dup:200": "the 5th data segment arrives twice",
        "dir=s2c match=NEWDATA nth=12 action=dup:200": "the 12th data segment arrives twice",
    },
    question="Two segments appear twice. Who sent the second copies?",
    answer=lambda f: f"The network: the server's kernel sent {len(f.repeats())} retransmissions. The copies of two data segments (first copies in frames {', '.join(str(e['frame']) for e in f.network)}) have the same IP ID and timestamp as the originals and arrived 0.2 ms behind them; the client answered each with a DSACK.",
    must=["network copies", "not retransmissions", "same IP ID"],
)
def _(L):
    """A download of 30 kB in which the network delivers two data segments twice."""
    bulk(L, 1, 30000, cc="cubic")


@recipe(
    "spurious-retransmission",
    expect=("closed",),
    check=lambda f: f.repeats("client") and all(r["needless"] for r in f.repeats("client")) and not f.resets(),
    point="server",
    why="at the receiver both copies of the request are seen to arrive",
    rules={"dir=c2s match=DATA nth=1 action=delay:450000": "the request is held for 450 ms"},
    question="The request appears twice. Was the first one lost?",
    answer=lambda f: f"No, it was only held up for 450 ms on the way. The client lost patience and sent it {len(f.repeats('client'))} more time(s) ({', '.join(r['kind'] for r in f.repeats('client'))}), needlessly; both copies arrived (frames {f.numbers(f.find('client', data=True))}) and the server told so with a DSACK.",
    must=["not lost", "delayed", "needless retransmission"],
)
def _(L):
    """The request is held for 450 ms but not lost: the client repeats it needlessly and both copies arrive."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: (recvn(s, 200), s.sendall(b"a" * 1000), drain(s)), 1)
    s, r = L.connect(8000)
    s.sendall(b"q" * 200)
    recvn(s, 1000)
    time.sleep(0.6)
    s.close()
    join()


@recipe(
    "path-mtu-black-hole",
    expect=("closed",),
    point="server",
    why="at the sender the large segments are seen again and again without an answer",
    rules={"dir=any match=ANY iplen_gt=1300": "packets above 1300 bytes vanish without ICMP"},
    sysctl={"net.ipv4.tcp_mtu_probing": 1, "net.ipv4.tcp_base_mss": 1024},
    question="Why does the answer hang although the connect was quick?",
    answer=lambda f: f"Packets above 1300 bytes vanish on the path and no ICMP tells: a path-MTU black hole. The handshake fits (connect {f.connect()}), full segments do not; the server repeated {len(f.repeats('server'))} segments until its MTU probing sent smaller ones. The client had the whole answer only "
    f"{f.gap(f.find('client', data=True)[0], f.fins('client')[0])} after its request; {len(f.lost())} packets were lost.",
    must=["path MTU", "large segments lost", "small ones pass"],
)
def _(L):
    """Packets above 1300 bytes vanish silently; the server's kernel finds out by itself and sends smaller segments."""
    reqresp(L, 1, req=200, resp=6000)


@recipe(
    "nagle-delayed-ack",
    expect=("closed",),
    check=lambda f: all(n > 6e7 for n in f.truth["replyNs"][1:]),
    point="client",
    why="at the client the second half of each request is seen to wait for the server's ACK",
    rtt_ms=20,
    question="Why does each of these small requests take longer than a round trip?",
    answer=lambda f: "The client writes each request in two pieces without TCP_NODELAY: Nagle holds the second piece until the first is acknowledged, and the server delays that ACK. "
    f"The four answers took {', '.join(format(n / 1e6, '.0f') for n in f.truth['replyNs'])} ms instead of about 20 ms; nothing was lost.",
    must=["Nagle", "delayed ACK", "about 84 ms instead of 20 ms"],
)
def _(L):
    """Requests written in two pieces without TCP_NODELAY, against delayed ACKs: each costs an extra round trip and a pause of about 40 ms."""
    ls = L.listen(8000)

    def server(s, i):
        s.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        for _ in range(4):
            if recvn(s, 200) < 200:
                return
            s.sendall(b"ok")
            s.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        drain(s)

    join = L.serve(ls, server, 1)
    s, r = L.connect(8000)
    for _ in range(4):
        a = time.monotonic_ns()
        s.sendall(b"h" * 100)
        s.sendall(b"b" * 100)
        recvn(s, 2)
        r.setdefault("reply_ns", []).append(time.monotonic_ns() - a)
    s.close()
    join()


@recipe(
    "sequence-wrap",
    expect=("closed",),
    point="client",
    why="the sender's own capture",
    done="the client's initial sequence number was set 3,000 below 2^32 (TCP_REPAIR before connect)",
    question="The sequence numbers of the client fall from about 4.29 thousand million to near zero. What happened?",
    answer=lambda f: f"The 32-bit sequence number wrapped: the client began 3,000 below 2^32 (initial sequence number {f.syns()[0]['seq']}) and sent 12,000 bytes. Nothing was lost and nothing repeated.",
    must=["sequence number wrapped", "nothing lost"],
)
def _(L):
    """An upload of 12,000 bytes whose sequence numbers pass 2^32 after the first 3,000."""
    ls = L.listen(8000)
    join = L.serve(ls, lambda s, i: drain(s), 1)
    s, r = L.connect(8000, pre=wrap_pre(5), cc="cubic")
    s.sendall(b"w" * 12000)
    s.shutdown(1)
    s.recv(1)
    s.close()
    join()
