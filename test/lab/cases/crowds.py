"""Many at once: floods of SYNs, bursts of clients that only look like one, and clients that use up their ports."""

import errno
import random
import socket
import threading
import time

from lab import MAC
from rawsyn import syn_packet
from sockets import IP, drain, recvn

from .registry import case

SERVER = IP[4]["s"]
FLOOD, PER_SECOND = 450, 150


def flood(L, count=FLOOD, per_second=PER_SECOND):
    """SYNs to port 8000 through a raw socket of the client's host, each from an address and a port of its own, with nobody behind it."""
    L.run_in("s", "ip route add 198.18.0.0/15 via 10.77.0.1")
    dice = random.Random(8000)
    raw = L.sock("c", typ=socket.SOCK_RAW, proto=socket.IPPROTO_RAW)
    sources = [f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in dice.sample(range(1, 131_000), count)]
    begin = time.monotonic()
    for i, source in enumerate(sources):
        packet = syn_packet((source, dice.randrange(1024, 65536)), (SERVER, 8000), dice.getrandbits(32), ip_id=dice.getrandbits(16), ttl=dice.randrange(40, 120))
        raw.sendto(packet, (SERVER, 0))
        time.sleep(max(0, begin + (i + 1) / per_second - time.monotonic()))
    raw.close()


def ask(L, tmo=5, pre=None):
    """A request and its answer on a connection of its own, which the client closes; False where it cannot connect."""
    s, _ = L.connect(8000, tmo=tmo, pre=pre)
    if not s:
        return False
    s.sendall(b"q" * 100)
    recvn(s, 300)
    s.close()
    return True


def served(L, n):
    """A server of n such requests; returns join()."""
    return L.serve(L.listen(8000), answer, n)


def answer(s, i):
    recvn(s, 100)
    s.sendall(b"a" * 300)
    drain(s)


@case("syn-flood", "server", 20, sysctl={"s:net.ipv4.tcp_syncookies": 0, "s:net.ipv4.tcp_max_syn_backlog": 64}, settle=6)
def _(L):
    """A flood of 450 SYNs in three seconds, from 450 addresses, meets a server without SYN cookies: its queue holds
    64, so that most stay without an answer. Four clients were served before; two that come in the midst of it wait in vain for two seconds."""
    join = served(L, 4)
    for _ in range(4):
        ask(L)
    join()
    L.hold(L.listen(8000))
    flooding = threading.Thread(target=flood, args=(L,))
    flooding.start()
    time.sleep(1.5)
    victims = [threading.Thread(target=ask, args=(L, 2)) for _ in range(2)]
    for one in victims:
        one.start()
    for one in [flooding, *victims]:
        one.join()


@case("syn-flood-cookies", "server", 20, sysctl={"s:net.ipv4.tcp_syncookies": 2}, settle=2)
def _(L):
    """The same flood meets a server that answers each SYN with a SYN cookie; 24 clients come in the midst of it, one after the other, one comes later, and
    all are served."""
    join = served(L, 25)
    flooding = threading.Thread(target=flood, args=(L,))
    flooding.start()
    time.sleep(0.3)
    for _ in range(24):
        ask(L)
        time.sleep(0.02)
    flooding.join()
    time.sleep(1.5)
    ask(L)
    join()


def addresses(L, n):
    """Gives the client's host n addresses more, and tells the server where they are."""
    names = [f"10.77.0.{20 + i}" for i in range(n)]
    L.run_in("c", "bash -c '" + ";".join(f"ip addr add {a}/24 dev gtc0" for a in names) + "'")
    L.run_in("s", "bash -c '" + ";".join(f"ip neigh replace {a} lladdr {MAC['c']} dev gts0 nud permanent" for a in names) + "'")
    return names


@case("syn-flood-busy", "server", 20, sysctl={"s:net.ipv4.tcp_syncookies": 2}, settle=2)
def _(L):
    """The same flood, to a server with SYN cookies that serves 60 clients one after the other before it and 60 after it: a flood by what comes within a second,
    beside many connections that are completed."""
    join = served(L, 120)
    for n in range(120):
        if n == 60:
            flood(L)
        ask(L)
    join()


@case("syn-trickle", "server", 20, sysctl={"s:net.ipv4.tcp_syncookies": 0}, settle=4)
def _(L):
    """120 SYNs from 120 addresses, four a second for half a minute, to a server that answers them all and never hears of them again. Four clients were served before."""
    join = served(L, 4)
    for _ in range(4):
        ask(L)
    join()
    L.hold(L.listen(8000))
    flood(L, 120, 4)


@case("many-clients", "server", 20)
def _(L):
    """No flood: within two seconds 300 connections from 30 addresses, each with a request that is answered."""
    names = addresses(L, 30)
    join = served(L, 300)
    L.each(300, lambda i: ask(L, pre=lambda s: s.bind((names[i % 30], 0))), par=16)
    join()


@case("many-in-vain", "client", 20, settle=1)
def _(L):
    """No flood: a firewall that drops without a word; 30 addresses try four times each, and give up after two seconds, when their SYN has been sent
    twice."""
    names = addresses(L, 30)
    L.write("drop.nft", "table ip f {\n chain in {\n type filter hook input priority 0\n tcp dport 8000 drop\n }\n}\n")
    L.run_in("s", f"nft -f {L.path('drop.nft')}")
    L.each(120, lambda i: ask(L, tmo=2, pre=lambda s: s.bind((names[i % 30], 0))), par=40)


def opens(L, n, pause):
    """So many connections one after the other, each with a request, closed first by the client. Where no port is free (EADDRNOTAVAIL),
    it tries again a quarter of a second later. Returns how often that happened."""
    ls, refused = L.listen(8000), 0
    for _ in range(n):
        while not (made := L.connect(8000))[0]:
            if made[1]["result"] != errno.errorcode[errno.EADDRNOTAVAIL]:
                raise RuntimeError(made[1]["result"])
            refused += 1
            time.sleep(0.25)
        s, (p, _) = made[0], ls.accept()
        s.sendall(b"q" * 100)
        recvn(p, 100)
        p.sendall(b"a" * 300)
        recvn(s, 300)
        s.close()
        drain(p)
        p.close()
        time.sleep(pause)
    ls.close()
    L.extra["no_port_free"] = refused
    return refused


@case("ports-run-out", "client", 1, sysctl={"c:net.ipv4.ip_local_port_range": "40000 40059"})
def _(L):
    """A client with a range of 60 ports makes 150 connections to one server and closes each first. Its 61st connect() fails with EADDRNOTAVAIL until
    TIME_WAIT lets go of the ports, and so does the 121st: 90 connections have a port that was used before."""
    if opens(L, 150, 0.01) < 100:
        raise RuntimeError("the ports did not run out")


TAKES_BACK = {"c:net.ipv4.ip_local_port_range": "40000 40059", "c:net.ipv4.tcp_tw_reuse": 1}


@case("ports-pressed", "client", 1, sysctl=TAKES_BACK)
def _(L):
    """With net.ipv4.tcp_tw_reuse the client may take ports out of TIME_WAIT after a second. It makes 400 connections as fast as it can, and even so runs
    out of ports again and again."""
    if opens(L, 400, 0) < 10:
        raise RuntimeError("the ports did not run out")


@case("ports-taken-back", "client", 1, sysctl=TAKES_BACK)
def _(L):
    """The same client in no hurry: 150 connections, one every tenth of a second, take ports that were used some seconds ago, and one is free each time."""
    if opens(L, 150, 0.1):
        raise RuntimeError("the ports ran out")


@case("ports-enough", "client", 1, sysctl={"c:net.ipv4.ip_local_port_range": "40000 41999"})
def _(L):
    """A range of 2,000 ports and 250 connections, one every 0.3 s, for 75 s: of the ports that TIME_WAIT has let go some come again by chance, and none
    is ever lacking."""
    if opens(L, 250, 0.3):
        raise RuntimeError("the ports ran out")


def short_ones(L, n, per_second):
    """So many connections without a byte to one server, each closed first by the client."""
    ls, begin = L.listen(8000), time.monotonic()
    for i in range(n):
        s, _ = L.connect(8000)
        p, _ = ls.accept()
        s.close()
        drain(p)
        p.close()
        time.sleep(max(0, begin + (i + 1) / per_second - time.monotonic()))
    ls.close()
    L.conns.clear()


# 14,117 of the client's ports are half of them. What each connection has of its own costs bytes in the recording: no timestamps, no checksums.
SHORT_ONES = 14_500
SLIM = {
    "snap": 66,
    "capture_filter": "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0",
    "offload": True,
    "sysctl": {"net.ipv4.tcp_timestamps": 0, "net.ipv4.tcp_sack": 0},
}


@case("time-wait", "client", 0, **SLIM)
def _(L):
    """A client opens 14,500 connections to one server within half a minute and closes each first: all of them stand in TIME_WAIT at once, on more than
    half of its 28,232 ports. The capture holds SYNs and FINs alone."""
    short_ones(L, SHORT_ONES, 600)


@case("time-wait-spread", "client", 0, **SLIM)
def _(L):
    """The client closes 14,500 connections first, within two minutes: never are so many of them in TIME_WAIT that half of its ports are taken."""
    short_ones(L, SHORT_ONES, 130)
