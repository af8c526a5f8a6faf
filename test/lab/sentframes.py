"""The frames that the two kernels sent, the connections they belong to, and what became of them on the bridge.

Input: kernel.jsonl, fwd.tsv, app.json and the captures of one scenario, gathered in a `run` (SimpleNamespace). Each function
adds its part: run.xm (sent frames in order), run.conns, run.R/T/M (bridge log), run.anomalies.
"""

import collections
import gzip
import os

import capfile
from kinds import RTX, Spans, classify, hostof, key

# Columns of an R line in the bridge log that hold numbers.
BRIDGE_NUMBERS = (
    ("idx", 1),
    ("ts", 3),
    ("sport", 6),
    ("dport", 8),
    ("seq", 9),
    ("ack", 10),
    ("flags", 11),
    ("len", 12),
    ("ipid", 13),
    ("tsv", 14),
    ("stage", 17),
)
# Reasons for which a kernel refuses a segment that did arrive (no room, queue full, no such socket ...).
REFUSED = set(
    "NO_SOCKET TCP_ZEROWINDOW TCP_OVERWINDOW SOCKET_RCVBUFF PROTO_MEM TCP_LISTEN_OVERFLOW SOCKET_BACKLOG TCP_OFO_DROP TCP_OFO_QUEUE_PRUNE "
    "TCP_CSUM TCP_INVALID_SEQUENCE TCP_INVALID_END_SEQUENCE TCP_RFC7323_PAWS NOMEM".split()
)


def name_sockets(run):
    """Gives every socket event the addresses of its socket, also where the port is not (or no longer) known."""
    ev = run.ev
    life, cur = [], {}
    for e in ev:
        sk = e.get("sk")
        if not sk:
            continue
        fresh = e["ev"] == "state" and (e["new"] == "SYN_SENT" or (e["old"] == "LISTEN" and e["new"] == "SYN_RECV") or e["new"] == "LISTEN")
        if sk not in cur or fresh:
            cur[sk] = {"l": None, "r": None}
            life.append(cur[sk])
        o = cur[sk]
        if e.get("lport") and e.get("rport"):
            o["l"], o["r"] = (e["laddr"], e["lport"]), (e["raddr"], e["rport"])
        e["_life"] = o
        if e["ev"] == "destroy":
            cur.pop(sk, None)


def sent_frames(run):
    """run.xm: a BPF program that interrupts itself is skipped by the kernel, so the few frames missing from the
    trace are added from the sender's own capture (their kind is decided later: orig or unknown)."""
    d, app, ev = run.d, run.app, run.ev
    xm = [e for e in ev if e["ev"] == "xmit" and "src" in e]
    have = collections.Counter((e["host"], key(e)) for e in xm)
    for cap, h in (("client", "c"), ("server", "s")):
        for n, ts, b, w in capfile.frames(os.path.join(d, app["captures"][cap])):
            t = capfile.tcp(b, w)
            if not t or hostof(t["src"]) != h or (t["flags"] & 4 and t["ipid"] == 0x7777):
                continue
            if have[(h, key(t))] > 0:
                have[(h, key(t))] -= 1
            else:
                xm.append(dict(t, ev="xmit", ts=ts, host=h, stk="", synthetic=True))
    xm.sort(key=lambda e: e["ts"])
    run.xm = xm


def connection(number, x, opener):
    """A new connection, opened by frame x."""
    a, b = (x["src"], x["sport"]), (x["dst"], x["dport"])
    return {
        "id": number,
        "client": a,
        "server": b,
        "opener": opener,
        "isn": x["seq"],
        "server_isn": None,
        "t_syn": x["ts"],
        "fr": [],
        "states": {"c": [], "s": []},
        "rst": [],
        "rst_received": [],
        "end": {},
    }


def assign_connections(run):
    """run.conns; each frame gets its kind, connection, side and relative sequence numbers."""
    xm = run.xm
    synacks, conns, byt = set(), [], {}
    for i, x in enumerate(xm):
        x["i"] = i
        x["kind"] = classify(x, synacks)
        a, b = (x["src"], x["sport"]), (x["dst"], x["dport"])
        pk = (a, b) if (a, b) in byt else (b, a) if (b, a) in byt else None
        c = byt[pk] if pk else None
        if x["flags"] & 2 and not x["flags"] & 16:
            simopen = c is not None and c["client"] == b and not c.get("synack_seen") and c["server_isn"] is None and x["ts"] - c["t_syn"] < 2e9
            # A raw socket sent this SYN (no TCP function in its call stack): a stranger on the tuple, not a new connection.
            stray = c is not None and not x.get("synthetic") and "tcp" not in x.get("stk", "")
            if stray:
                pass
            elif simopen:
                c["server_isn"], c["simultaneous_open"] = x["seq"], True
            elif c is None or not ((c["client"] == a and c["isn"] == x["seq"]) or (c["client"] == b and c["server_isn"] == x["seq"])):
                if pk:
                    byt.pop(pk)
                c = connection(len(conns) + 1, x, hostof(a[0]))
                conns.append(c)
                byt[(a, b)] = c
        if c is None:  # no SYN seen (does not happen in a full capture, but floods answer strangers)
            c = connection(len(conns) + 1, x, "?")
            conns.append(c)
            byt[(a, b)] = c
        if x["flags"] & 18 == 18 and (x["src"], x["sport"]) == c["server"] and not c.get("synack_seen"):
            c["server_isn"] = x["seq"]
            c["synack_seen"] = True
        x["conn"], x["side"] = c["id"], 0 if a == c["client"] else 1
        base = c["isn"] if x["side"] == 0 else c["server_isn"]
        rel = (x["seq"] - (base if base is not None else x["seq"])) & 0xFFFFFFFF
        x["rel"] = rel - (1 << 32) if rel > 1 << 31 else rel
        x["relend"] = x["rel"] + x["len"] + (1 if x["flags"] & 2 else 0) + (1 if x["flags"] & 1 else 0)
        c["fr"].append(i)
    run.conns = conns


def read_bridge_log(run):
    """run.R: frames as the bridge received them; run.T, run.M: when it sent them on and wrote them at the tap."""
    d, app = run.d, run.app
    R, T, M, order = {}, collections.defaultdict(list), collections.defaultdict(list), collections.defaultdict(list)
    fw = os.path.join(d, "fwd.tsv")
    with open(fw) if os.path.exists(fw) else gzip.open(fw + ".gz", "rt") as f:
        for l in f:
            p = l.rstrip("\n").split("\t")
            if p[0] == "R":
                r = {"dir": p[2], "src": p[5], "dst": p[7], "verdict": p[15], "why": p[16]}
                r.update((name, int(p[at])) for name, at in BRIDGE_NUMBERS)
                R[r["idx"]] = r
                order[key(r)].append(r["idx"])
            elif p[0] == "T":
                T[int(p[1])].append((int(p[3]), int(p[2])))
            elif p[0] == "M":
                M[int(p[1])].append((int(p[4]), int(p[2])))
            elif p[0] == "X":
                app["extra"]["bridge_socket_drops"] = int(p[2])
    run.R, run.T, run.M, run.order, run.fw = R, T, M, order, fw


def tie_to_bridge(run):
    """The k-th frame with a key at the bridge is the k-th such frame sent."""
    xm, order = run.xm, run.order
    seenk, fwd_of, xm_of = collections.Counter(), {}, {}
    for x in xm:
        k = key(x)
        n = seenk[k]
        seenk[k] += 1
        if n < len(order[k]):
            fwd_of[x["i"]] = order[k][n]
            xm_of[order[k][n]] = x["i"]
    run.fwd_of, run.xm_of = fwd_of, xm_of


def judge_repeats(run):
    """Which frames reached the other kernel, and which repeats were needless."""
    ev, xm, R, T, fwd_of = run.ev, run.xm, run.R, run.T, run.fwd_of
    refused = collections.defaultdict(list)
    for e in ev:
        if e["ev"] == "kfree" and "src" in e and e["reason"] in REFUSED:
            refused[key(e)].append(e["reason"])
    arrivals = collections.defaultdict(list)
    for x in xm:
        for t, _ in T.get(fwd_of.get(x["i"]), []):
            arrivals[(x["conn"], x["side"], x["rel"], x["relend"])].append(t)

    def overtaken(x, r):
        """PAWS refuses a delayed original that its own repeat has overtaken: that one was late, not missing."""
        first = min(t for t, _ in T[r["idx"]])
        return refused[key(x)][0] == "TCP_RFC7323_PAWS" and min(arrivals[(x["conn"], x["side"], x["rel"], x["relend"])]) < first

    sent, deliv = collections.defaultdict(Spans), collections.defaultdict(Spans)
    anomalies = collections.Counter()
    for x in xm:
        k = (x["conn"], x["side"])
        r = R.get(fwd_of.get(x["i"]))
        x["delivered"] = bool(r and T.get(r["idx"]))
        if x["delivered"] and refused.get(key(x)) and not overtaken(x, r):
            x["delivered"] = False
            x["refused"] = refused[key(x)][0]
            anomalies["refused_by_receiver"] += 1
        x["lost"] = r["why"] if r and r["verdict"] == "drop" else ""
        n = x["relend"] > x["rel"]
        x["spurious"] = int(x["kind"] in RTX and n and deliv[k].has(x["rel"], x["relend"]))
        if x.get("synthetic"):
            anomalies["frames_not_traced"] += 1
            if n and sent[k].touches(x["rel"], x["relend"]):
                x["kind"] = "unknown"
        if n and x["kind"] in ("orig", "tlpnew") and sent[k].touches(x["rel"], x["relend"]) and not x["flags"] & 6:
            anomalies["orig_overlaps_sent"] += 1
        if n and x["kind"] in RTX and not sent[k].has(x["rel"], x["relend"]):
            anomalies["rtx_of_unsent"] += 1
        if n:
            sent[k].add(x["rel"], x["relend"])
            if x["delivered"]:
                deliv[k].add(x["rel"], x["relend"])
    run.anomalies = anomalies
