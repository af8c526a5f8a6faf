"""What a quiz answer may draw on: the published truth of a sample and the packets of its capture.

Reads only what the lab recorded (kernel events, bridge log, application clocks) and the raw headers.
"""

import capfile

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def sec(ns):
    """Nanoseconds as seconds in words: 1.04 s, or 31 ms below a tenth of a second."""
    return f"{ns / 1e9:.2f} s" if ns >= 1e8 else f"{ns / 1e6:.0f} ms"


class Facts:
    """`truth`: the small truth file as a dict. `packets`: [{n, t (ns), side, flags, len, port}] of the capture."""

    def __init__(self, truth, capture):
        self.truth = truth
        self.c = truth["connections"]
        self.network = truth["network"]
        self.packets = []
        first = None
        for n, ts, data, wire in capfile.frames(capture):
            first = ts if first is None else first
            t = capfile.tcp(data, wire)
            if t:
                client = t["src"] not in ("10.77.0.2", "fd77::2")
                self.packets.append(
                    {
                        "n": n,
                        "t": ts - first,
                        "side": "client" if client else "server",
                        "flags": t["flags"],
                        "len": t["len"],
                        "port": t["sport"] if client else t["dport"],
                        "seq": t["seq"],
                        "win": t["win"],
                    }
                )

    def connect(self, i=0):
        """How long the kernel of the opener took from SYN_SENT to ESTABLISHED."""
        return sec(self.c[i]["connectNs"])

    def waited(self, i=0):
        """How long the application waited in connect()."""
        return sec(self.c[i]["connectApplicationNs"])

    def find(self, side=None, has=0, hasnt=0, data=None, port=None):
        """Packets of one side with all flags of `has` and none of `hasnt`."""
        return [
            p
            for p in self.packets
            if (side is None or p["side"] == side)
            and p["flags"] & has == has
            and not p["flags"] & hasnt
            and (data is None or (p["len"] > 0) == data)
            and (port is None or p["port"] == port)
        ]

    def syns(self, side="client"):
        return self.find(side, SYN, ACK)

    def synacks(self, side="server"):
        return self.find(side, SYN | ACK)

    def fins(self, side=None):
        return self.find(side, FIN)

    def resets(self, side=None):
        return self.find(side, RST)

    def gap(self, a, b):
        return sec(b["t"] - a["t"])

    def times(self, packets):
        """Seconds after the first of them, e.g. "0, 1.0, 2.1"."""
        return ", ".join(
            f"{(p['t'] - packets[0]['t']) / 1e9:.1f}".replace("0.0", "0") if p is packets[0] else f"{(p['t'] - packets[0]['t']) / 1e9:.1f}"
            for p in packets
        )

    def numbers(self, packets):
        return ", ".join(str(p["n"]) for p in packets)

    def repeats(self, side=None, kind=None):
        """What the kernels sent again, in all connections."""
        return [r for c in self.c for r in c["retransmissions"] if (side is None or r["side"] == side) and (kind is None or r["kind"] == kind)]

    def probes(self, kind):
        return [r for c in self.c for r in c["probes"] if r["kind"] == kind]

    def lost(self):
        return [e for e in self.network if e["verdict"] == "drop"]

    def final(self, i=0):
        f = self.c[i]["finalStates"]
        return f"client {f['client']}, server {f['server']}"
