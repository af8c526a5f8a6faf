"""Limits of boxes, paths and captures: firewalls that forget, tunnels that cut packets up, captures that hold too much or too little."""

import socket
import time

from scenarios.workloads import reqresp
from sockets import drain, recvn

from .registry import case

FORGETS = """table ip f {
  chain in {
    type filter hook input priority 0
    ct state invalid counter drop
    tcp dport 8000 counter accept
  }
}
"""


def firewall(L, seconds):
    """A firewall in front of the server that forgets connections after so many seconds of silence, and drops what it does not know."""
    L.write("forgets.nft", FORGETS)
    L.run_in("s", f"nft -f {L.path('forgets.nft')}")
    L.run_in("s", f"sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 net.netfilter.nf_conntrack_tcp_timeout_established={seconds}")


def keep_alive(idle, interval, probes):
    def pre(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in ((socket.TCP_KEEPIDLE, idle), (socket.TCP_KEEPINTVL, interval), (socket.TCP_KEEPCNT, probes)):
            s.setsockopt(socket.IPPROTO_TCP, option, value)

    return pre


def asked_once(L, pre):
    """A connection on which one request was answered; both ends."""
    ls = L.listen(8000)
    s, r = L.connect(8000, pre=pre, tmo=900)
    p, _ = ls.accept()
    ls.close()
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 300)
    recvn(s, 300)
    return s, p, r


@case("keep-alive-late", "client", 20)
def _(L):
    """A firewall forgets idle connections after 60 s. The client's keep-alives come only after 600 s of silence: three of them, three seconds apart, are
    dropped, and the client learns after more than ten minutes that its connection has been dead for nine."""
    firewall(L, 60)
    s, p, r = asked_once(L, keep_alive(600, 3, 3))
    L.hold(p)
    try:
        s.recv(1)
        raise RuntimeError("the connection lives")
    except OSError as e:
        r["end"] = repr(e)
    s.close()


@case("keep-alive-soon", "client", 20)
def _(L):
    """The firewall forgets after 6 s, and the client's keep-alives come after 2 s of silence: after 15 s without a word of the application the connection
    is as good as new."""
    firewall(L, 6)
    s, p, _ = asked_once(L, keep_alive(2, 2, 3))
    time.sleep(15)
    s.sendall(b"q" * 100)
    recvn(p, 100)
    p.sendall(b"a" * 300)
    recvn(s, 300)
    s.close()
    drain(p)
    p.close()


@case("silent-to-the-end", "client", 20, settle=0)
def _(L):
    """A server answers two connections at once and is silent on four: two were asked 65 s before the capture ends, one 30 s before; the fourth was opened
    with the first two and asked in the last second. All stay open."""
    ls = L.listen(8000)

    def opened():
        s, _ = L.connect(8000)
        p, _ = ls.accept()
        return L.hold(s), L.hold(p)

    ends = [opened() for _ in range(5)]
    for i, (s, p) in enumerate(ends[:4]):
        s.sendall(b"q" * 100)
        if i < 2:
            recvn(p, 100)
            p.sendall(b"a" * 300)
            recvn(s, 300)
    time.sleep(35)
    opened()[0].sendall(b"q" * 100)
    time.sleep(29.5)
    ends[4][0].sendall(b"q" * 100)
    time.sleep(0.7)
    ls.close()


def bridged(L):
    """The server's address moves to a bridge, of which its interface is a port, as hosts of virtual machines and containers have it."""
    for words in (
        "link add br0 type bridge",
        "link set br0 address 02:77:00:00:00:02 up",
        "addr flush dev gts0",
        "link set gts0 master br0",
        "addr add 10.77.0.2/24 dev br0",
        "neigh replace 10.77.0.1 lladdr 02:77:00:00:00:01 dev br0 nud permanent",
    ):
        L.run_in("s", "ip " + words)
    L.run_in("s", "ethtool -K br0 tso off gso off gro off tx off")


def capture(L, interface, file):
    """tcpdump on another interface of the server."""
    words = ["ip", "netns", "exec", "gt-s", "tcpdump", "-Z", "root", "--immediate-mode", "-i", interface, "-s", "96", "-w", L.path(file), "tcp"]
    L.spawn(words, "cap-" + interface)
    time.sleep(1)


LOSSES = {"both": {"loss_ppm": 20_000}}


@case("captured-twice", "any", 10, link=LOSSES)
def _(L):
    """`tcpdump -i any` on a server whose address belongs to a bridge: it sees each packet at the bridge and at the interface below. Twenty requests
    with answers of 20 kB, of which the path loses two in a hundred segments, so that some are sent again."""
    bridged(L)
    capture(L, "any", "any.pcap")
    reqresp(L, 20, resp=20_000)


@case("captured-once", "bridge", 10, link=LOSSES)
def _(L):
    """The same server and work, captured at the bridge alone: what is there twice was sent twice."""
    bridged(L)
    capture(L, "br0", "bridge.pcap")
    reqresp(L, 20, resp=20_000)


def tunnel(L, *options):
    """A VXLAN tunnel between the two hosts, 10.88.0.1 to 10.88.0.2; `options` of its routes and the MTU that goes with them."""
    for host, here, there in (("c", 1, 2), ("s", 2, 1)):
        L.run_in(host, f"ip link add tunnel type vxlan id 7 local 10.77.0.{here} remote 10.77.0.{there} dstport 4789")
        L.run_in(host, f"ip addr add 10.88.0.{here}/24 dev tunnel")
        L.run_in(host, "ip link set tunnel mtu 1450 up")
        L.run_in(host, "ethtool -K tunnel tso off gso off gro off")
        if options:
            L.run_in(host, "ip link set tunnel mtu 1500")
            L.run_in(host, f"ip route replace 10.88.0.0/24 dev tunnel src 10.88.0.{here} {' '.join(options)}")


def asked_inside(L, n, size):
    """So many requests through the tunnel, a connection each, with answers of `size` bytes."""
    ls = L.sock("s")
    ls.bind(("10.88.0.2", 8000))
    ls.listen()
    join = L.serve(ls, lambda s, i: (recvn(s, 100), s.sendall(b"a" * size), drain(s)), n)
    for _ in range(n):
        s, _ = L.connect(8000, addr="10.88.0.2")
        s.sendall(b"q" * 100)
        recvn(s, size)
        s.close()
    join()


@case("cut-short", "client", 20, capture_filter="ip")
def _(L):
    """`tcpdump -s 96`, once the usual length, on a path with a tunnel: behind its headers 12 bytes of the inner TCP header remain."""
    tunnel(L)
    asked_inside(L, 5, 5000)


@case("cut-in-options", "client", 20, snap=68)
def _(L):
    """`tcpdump -s 68`, the usual length before that, of packets without a tunnel: 14 bytes of options remain behind the TCP header, and SYNs have 20."""
    reqresp(L, 5, rounds=2)


@case("fragments", "server", 10, snap=160, capture_filter="ip", sysctl={"s:net.ipv4.ip_no_pmtu_disc": 1})
def _(L):
    """A download through a tunnel whose inner packets may be as large as the path's, from a server that lets its packets be cut: with the tunnel's
    headers the full ones are too large for the path, and each is sent in two fragments."""
    tunnel(L, "mtu", "lock", "1500")
    asked_inside(L, 1, 60_000)
