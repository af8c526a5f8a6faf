"""What a sent frame is, read off the kernel's own call stack at the moment of transmission.

  syn synack   repeated SYN / SYN-ACK                     rto   head of queue sent by the retransmission timer
  loss         repeats clocked out by ACKs after an RTO   fast  repeats in CA_Recovery (SACK/RACK/dupack)
  tlp          tail-loss probe that repeats data          pmtu  repeats after an MTU change     other
Not repeats: orig, tlpnew (tail-loss probe with new data), zwp (window probe), ka (keep-alive), injected (forged by the bridge).
"""

import bisect

KEYF = ("src", "sport", "dst", "dport", "seq", "ack", "flags", "len", "ipid", "tsv")
RTX = ("syn", "synack", "rto", "loss", "fast", "tlp", "pmtu", "other")
HOSTIP = {"10.77.0.1": "c", "10.77.0.2": "s", "fd77::1": "c", "fd77::2": "s"}


def hostof(ip):
    return HOSTIP.get(ip, "c")  # spoofed sources live behind the client


class Spans:
    """A set of [a,b) byte ranges."""

    def __init__(self):
        self.a, self.b = [], []

    def has(self, x, y):
        i = bisect.bisect_right(self.a, x) - 1
        return i >= 0 and self.b[i] >= y

    def touches(self, x, y):
        i = bisect.bisect_left(self.a, y) - 1
        return i >= 0 and self.b[i] > x

    def add(self, x, y):
        i = bisect.bisect_left(self.b, x)
        j = bisect.bisect_right(self.a, y)
        if i < j:
            x, y = min(x, self.a[i]), max(y, self.b[j - 1])
        self.a[i:j], self.b[i:j] = [x], [y]


def key(d):
    return tuple(d[k] for k in KEYF)


def classify(x, synacks):
    s, fl = x.get("stk", ""), x["flags"]
    syn, ack = fl & 2, fl & 16
    if syn and ack:
        k = (x["src"], x["sport"], x["dst"], x["dport"], x["seq"])
        rep = k in synacks
        synacks.add(k)
        return "synack" if rep or "tcp_rtx_synack" in s else "orig"
    if "tcp_retransmit_skb" in s:
        if syn:
            return "syn"
        if "tcp_send_loss_probe" in s:
            return "tlp"
        if "tcp_retransmit_timer" in s:
            return "rto"
        if "tcp_xmit_retransmit_queue" not in s and ("mtu" in s or "tcp_simple_retransmit" in s):
            return "pmtu"
        ca = x.get("ca", 0)
        return {4: "loss", 3: "fast"}.get(ca, "rto" if "tcp_write_timer" in s and "rack" not in s else "other")
    if "tcp_keepalive_timer" in s:
        return "ka" if not fl & 4 else "orig"
    if "tcp_send_probe0" in s or "tcp_write_wakeup" in s:
        return "zwp" if not fl & 4 else "orig"
    if "tcp_send_loss_probe" in s:
        return "tlpnew"
    return "orig"


def rst_class(r):
    cz, why, by = r["in_reply_to"] or {}, r["reason"], r["by"]
    if cz.get("flags", 0) & 2 and why == "NO_SOCKET":
        return "refused"
    if why == "TCP_ABORT_ON_CLOSE":
        return "unread-data"
    if why == "TCP_KEEPALIVE_TIMEOUT":
        return "keepalive-timeout"
    if why == "TCP_ABORT_ON_DATA":
        return "data-after-close"
    if why == "INVALID_SYN":
        return "listen-overflow"
    if why in ("TCP_STATE", "TCP_ABORT_ON_LINGER", "TCP_DISCONNECT_WITH_DATA"):
        return "listener-closed" if "listen_stop" in by else "linger0"
    if why == "NO_SOCKET" or (why == "TCP_FLAGS" and r["state"] == "LISTEN"):
        return "no-socket"
    return why.lower()
