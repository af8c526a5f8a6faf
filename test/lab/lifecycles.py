"""Connections as the kernels lived them: states with their causes, resets sent and received, socket totals, applications.

Adds to run.conns what the events say; run.unbound counts events of no known connection.
"""

import collections

from kinds import RTX, hostof

END_FIELDS = set(
    "total_retrans srtt_us min_rtt_us reordering reord_seen dsack_dups segs_out segs_in data_segs_out data_segs_in bytes_sent bytes_retrans "
    "bytes_acked bytes_received mss cwnd".split()
)


def finder(conns):
    """find(local, remote, ts): the connection of that pair that was open at that time (3 ms of tolerance)."""
    idx = collections.defaultdict(list)
    for c in conns:
        idx[frozenset((c["client"], c["server"]))].append(c)

    def find(l, r, ts):
        best = None
        for c in idx.get(frozenset((l, r)), ()):
            if c["t_syn"] <= ts + 3e6 and (best is None or c["t_syn"] > best["t_syn"]):
                best = c
        return best

    return find


def bind_events(run):
    """Hands every socket event to its connection."""
    ev, find = run.ev, run.find
    unbound = collections.Counter()
    for e in ev:
        if e["ev"] in ("xmit", "kfree", "rtx", "rtx_synack"):
            continue
        o = e.get("_life")
        c = None
        h = None
        if o and o["l"]:
            c, h = find(tuple(o["l"]), tuple(o["r"]), e["ts"]), hostof(o["l"][0])
        if e["ev"] == "send_rst":
            cz = e.get("cause", {})
            if c is None and "src" in cz:
                c, h = find((cz["src"], cz["sport"]), (cz["dst"], cz["dport"]), e["ts"]), hostof(cz["dst"])
            if c is None:
                if cz.get("src", "").startswith(("10.77", "fd77")):
                    unbound["send_rst"] += 1
                continue
            c["rst"].append(
                {
                    "ts": e["ts"],
                    "from": h,
                    "reason": e["reason"],
                    "state": e.get("state"),
                    "in_reply_to": {k: cz[k] for k in ("seq", "ack", "flags", "len")} if "src" in cz else None,
                    "by": "<".join(e.get("stk", "").split("<")[:4]),
                }
            )
        elif c is None:
            unbound[e["ev"]] += 1
        elif e["ev"] == "recv_rst":
            c["rst_received"].append({"ts": e["ts"], "at": h, "state": e.get("state")})
        elif e["ev"] == "state":
            new = e["new"]
            s = e["stk"]
            note = ""
            if new == "CLOSE" and e["old"] in ("FIN_WAIT2", "CLOSING", "FIN_WAIT1") and "tcp_reset" not in s and "timer" not in s:
                note = "TIME_WAIT" if "tcp_fin" in s or e["old"] == "CLOSING" else ("FIN_WAIT2 minisock" if e["old"] == "FIN_WAIT2" else "")
                if e["old"] == "FIN_WAIT1" and not note:
                    note = "FIN_WAIT2 minisock" if "tcp_rcv_state_process" in s else ""
            c["states"][h].append({"ts": e["ts"], "old": e["old"], "new": new, "note": note, "sk_err": e["sk_err"], "by": "<".join(s.split("<")[:4])})
        elif e["ev"] == "destroy":
            c["end"][h] = {k: e[k] for k in e if k in END_FIELDS}
        elif e["ev"] == "ca":
            c.setdefault("ca", []).append([e["ts"], h, e["new_ca"]])
    run.unbound = unbound


def summarise(run):
    """Counts repeats and probes, ties applications, and writes each side's path through the states."""
    app, conns, xm = run.app, run.conns, run.xm
    apps = collections.defaultdict(list)
    for a in app["conns"]:
        if a.get("local"):
            apps[(tuple(a["local"]), tuple(a["remote"]))].append(a)
    for c in conns:
        c["rtx"] = {h: dict(collections.Counter(xm[i]["kind"] for i in c["fr"] if xm[i]["host"] == h and xm[i]["kind"] in RTX)) for h in "cs"}
        c["spurious"] = {h: sum(xm[i]["spurious"] for i in c["fr"] if xm[i]["host"] == h) for h in "cs"}
        c["probes"] = {
            h: dict(collections.Counter(xm[i]["kind"] for i in c["fr"] if xm[i]["host"] == h and xm[i]["kind"] in ("zwp", "ka", "tlpnew")))
            for h in "cs"
        }
        fins = [xm[i] for i in c["fr"] if xm[i]["flags"] & 1]
        c["first_fin"] = fins[0]["host"] if fins else None
        c["frames_sent"] = {h: sum(1 for i in c["fr"] if xm[i]["host"] == h) for h in "cs"}
        for h in "cs":
            ss = [s for s in c["states"][h] if s["new"] == "SYN_SENT"], [s for s in c["states"][h] if s["new"] == "ESTABLISHED"]
            if ss[0] and ss[1]:
                c.setdefault("kernel_connect_us", {})[h] = round((ss[1][0]["ts"] - ss[0][0]["ts"]) / 1000, 1)
        l = apps.get((c["client"], c["server"]), [])
        m = min(l, key=lambda a: abs(a["connect_start_ns"] - c["t_syn"]), default=None)
        if m and abs(m["connect_start_ns"] - c["t_syn"]) < 5e8:
            c["app"] = m
        for h in "cs":
            path = []
            for s in c["states"][h]:
                if s["new"] == "CLOSE" and s["note"] == "TIME_WAIT":
                    path.append("TIME_WAIT")
                elif s["new"] == "CLOSE" and s["note"].startswith("FIN_WAIT2"):
                    if path[-1:] != ["FIN_WAIT2"]:
                        path.append("FIN_WAIT2")
                    c.setdefault("minisock", []).append(h)
                    if any(
                        xm[i]["flags"] & 1 and xm[i]["host"] != h and xm[i]["delivered"] and not any(r["from"] == h for r in c["rst"])
                        for i in c["fr"]
                    ):
                        path.append("TIME_WAIT")
                else:
                    path.append(s["new"])
            c.setdefault("path", {})[h] = path
        del c["fr"]
