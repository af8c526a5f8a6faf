"""Turns kernel.jsonl, fwd.tsv, app.json and the captures of one scenario into truth.json, conns.tsv and <capture>.frames.tsv.

usage: truth.py DIR ...   (rebuilds from the raw records, which are kept compressed)
The work lies in sentframes.py (what was sent, what became of it), lifecycles.py (connections) and kinds.py (kinds of frames).
"""

import collections
import gzip
import json
import os
import sys
from types import SimpleNamespace

import capfile
import lifecycles
import sentframes
from conntable import conn_table
from kinds import RTX, Spans, hostof, key, rst_class

__all__ = ["RTX", "Spans", "build", "hostof", "rst_class"]


def load(d):
    """The run of one scenario: what the application, the kernels and the bridge recorded."""
    app = json.load(open(os.path.join(d, "app.json")))
    raw = os.path.join(d, "kernel.jsonl")
    op = open(raw) if os.path.exists(raw) else gzip.open(raw + ".gz", "rt")
    ev = [json.loads(l) for l in op]
    end = next((e for e in ev if e["ev"] == "end"), {})
    ev = sorted((e for e in ev if e["ev"] != "end"), key=lambda e: e["ts"])
    return SimpleNamespace(d=d, app=app, raw=raw, ev=ev, end=end)


def captured_frames(run):
    """Labels each captured frame with the sent frame that it is; writes <capture>.frames.tsv and returns run.caps."""
    d, app, xm, R, T, M, xm_of = run.d, run.app, run.xm, run.R, run.T, run.M, run.xm_of
    tx_by_key = {"c": collections.defaultdict(list), "s": collections.defaultdict(list), "m": collections.defaultdict(list)}
    for idx, r in R.items():
        if r["verdict"] == "injected":
            continue
        xi = xm_of.get(idx)
        for t, cp in T.get(idx, []):
            tx_by_key["s" if r["dir"] == "c2s" else "c"][key(r)].append((t, xi, cp))
        for t, cp in M.get(idx, []):
            tx_by_key["m"][key(r)].append((t, xi, cp))
    for v in tx_by_key.values():
        for l in v.values():
            l.sort()
    sentk = {"c": collections.defaultdict(list), "s": collections.defaultdict(list)}
    for x in xm:
        sentk[x["host"]][key(x)].append(x["i"])
    caps = {}
    for cap, fn in app["captures"].items():
        here = {"client": "c", "server": "s", "mid": "m"}[cap]
        used, st, out = collections.Counter(), collections.Counter(), []
        seen, mx, hi, frs = collections.defaultdict(Spans), {}, {}, collections.defaultdict(list)
        for n, ts, b, w in capfile.frames(os.path.join(d, fn)):
            st["frames"] += 1
            t = capfile.tcp(b, w)
            if not t:
                continue
            st["tcp"] += 1
            k, src = key(t), hostof(t["src"])
            j = used[(src, k)]
            used[(src, k)] += 1
            xi, copy = None, 0
            if here == src:
                l = sentk[src].get(k, ())
                if j < len(l):
                    xi = l[j]
            else:
                l = tx_by_key[here].get(k, ())
                if j < len(l):
                    _, xi, copy = l[j]
            if xi is None and t["ipid"] == 0x7777:
                out.append([n, ts, src, 0, t["seq"], t["len"], t["flags"], "injected", 0, 0, 0, 0, 0, -1, 0])
                st["injected"] += 1
                continue
            if xi is None:
                out.append([n, ts, src, 0, t["seq"], t["len"], t["flags"], "unknown", 0, 0, 0, 0, 0, -1, 0])
                st["unknown"] += 1
                continue
            x = xm[xi]
            q = (x["conn"], x["side"])
            late = int(mx.get(q, -1) > xi)
            mx[q] = max(mx.get(q, -1), xi)
            rng = x["relend"] > x["rel"]
            vis = int(rng and seen[q].has(x["rel"], x["relend"]))
            gap = int(rng and not vis and hi.get(q, -(1 << 40)) >= x["relend"])
            if rng:
                seen[q].add(x["rel"], x["relend"])
                hi[q] = max(hi.get(q, -(1 << 40)), x["relend"])
            if copy:
                st["netdup"] += 1
            elif x["kind"] in RTX:
                st["rtx"] += 1
            st["late"] += late and not copy
            frs[xi].append(n)
            out.append(
                [
                    n,
                    ts,
                    src,
                    x["conn"],
                    t["seq"],
                    t["len"],
                    t["flags"],
                    "netdup" if copy else x["kind"],
                    int(copy > 0),
                    late,
                    x["spurious"],
                    vis,
                    int(bool(x["lost"])),
                    xi,
                    gap,
                ]
            )
        with open(os.path.join(d, cap + ".frames.tsv"), "w") as f:
            f.write("#frame\tts_ns\tsender\tconn\tseq\tlen\tflags\tkind\tnetdup\tlate\tspurious\tseen_before\tlost_downstream\txmit\tgap\n")
            for o in out:
                f.write("\t".join(map(str, o)) + "\n")
        caps[cap] = dict(st, file=fn)
        for xi, l in frs.items():
            xm[xi].setdefault("frames", {})[cap] = l
    run.caps = caps


def document(run):
    """truth.json as a dict."""
    app, ev, end, xm, R, conns, caps, find = run.app, run.ev, run.end, run.xm, run.R, run.conns, run.caps, run.find
    anomalies, unbound = run.anomalies, run.unbound
    drops = [
        {"ts": e["ts"], "reason": e["reason"], "at": e["at"], **{k: e[k] for k in ("src", "sport", "dst", "dport", "seq", "len", "flags") if k in e}}
        for e in ev
        if e["ev"] == "kfree" and e["reason"] not in ("TCP_OLD_DATA",)
    ]
    return {
        "scenario": app["name"],
        "note": app["note"],
        "rtt_ms": app["rtt_ms"],
        "offload": app["offload"],
        "snap": app["snap"],
        "sysctl": app["sysctl"],
        "captures": caps,
        "kernel_events": end.get("events"),
        "kernel_events_lost": end.get("lost"),
        "clock": "CLOCK_REALTIME ns, same clock as the captures",
        "anomalies": dict(anomalies),
        "unbound": dict(unbound),
        "retransmissions": [
            {
                "ts": x["ts"],
                "host": x["host"],
                "conn": x["conn"],
                "src": [x["src"], x["sport"]],
                "dst": [x["dst"], x["dport"]],
                "seq": x["seq"],
                "len": x["len"],
                "flags": x["flags"],
                "kind": x["kind"],
                "lost": x["lost"],
                "refused": x.get("refused", ""),
                "needless": x["spurious"],
                "frames": x.get("frames", {}),
                "by": "<".join(x["stk"].split("<")[:6]),
            }
            for x in xm
            if x["kind"] in RTX
        ],
        "kernel_rtx_events": sum(
            1 for e in ev if e["ev"] in ("rtx", "rtx_synack") and e["_life"]["l"] and find(tuple(e["_life"]["l"]), tuple(e["_life"]["r"]), e["ts"])
        ),
        "kernel_rtx_failed": sum(1 for e in ev if e["ev"] == "rtx" and e["err"]),
        "refused": [
            {
                "ts": x["ts"],
                "host": x["host"],
                "conn": x["conn"],
                "seq": x["seq"],
                "len": x["len"],
                "flags": x["flags"],
                "why": x["refused"],
                "frames": x.get("frames", {}),
            }
            for x in xm
            if x.get("refused")
        ],
        "probes": [
            {"ts": x["ts"], "host": x["host"], "conn": x["conn"], "seq": x["seq"], "len": x["len"], "kind": x["kind"], "frames": x.get("frames", {})}
            for x in xm
            if x["kind"] in ("zwp", "ka", "tlpnew")
        ],
        "bridge": {
            "verdicts": dict(collections.Counter(r["verdict"] for r in R.values())),
            "socket_drops": app["extra"].get("bridge_socket_drops"),
            "events": [
                {k: r[k] for k in ("idx", "ts", "dir", "src", "sport", "dst", "dport", "seq", "len", "flags", "verdict", "why", "stage")}
                for r in R.values()
                if r["verdict"] != "pass"
            ],
        },
        "kernel_drops": drops[:3000],
        "nstat": app["nstat"],
        "sockets_at_end": app.get("sockets_at_end"),
        "app_extra": {k: v for k, v in app["extra"].items() if k not in ("stderr", "server_conns", "server_sockets")},
        "server_conns": app["extra"].get("server_conns"),
        "server_sockets": app["extra"].get("server_sockets"),
        "capture_log": app["extra"].get("stderr"),
        "conns": conns,
    }


def build(d):
    """Everything for one scenario folder; returns a line for the terminal."""
    run = load(d)
    sentframes.name_sockets(run)
    sentframes.sent_frames(run)
    sentframes.assign_connections(run)
    sentframes.read_bridge_log(run)
    sentframes.tie_to_bridge(run)
    sentframes.judge_repeats(run)
    captured_frames(run)
    run.find = lifecycles.finder(run.conns)
    lifecycles.bind_events(run)
    lifecycles.summarise(run)
    tr = document(run)
    raw, fw, caps, conns, end, anomalies, unbound = run.raw, run.fw, run.caps, run.conns, run.end, run.anomalies, run.unbound
    json.dump(tr, open(os.path.join(d, "truth.json"), "w"))
    conn_table(d, tr)
    for r in (raw, fw):
        if os.path.exists(r):
            with open(r, "rb") as i, gzip.open(r + ".gz", "wb", 5) as o:
                o.write(i.read())
            os.remove(r)
    k = collections.Counter(r["kind"] for r in tr["retransmissions"])
    return (
        f"conns={len(conns)} "
        + " ".join(f"{n}:{c.get('tcp', 0)}" + (f"(?{c['unknown']})" if c.get("unknown") else "") for n, c in caps.items())
        + f" rtx={sum(k.values())} {dict(k)} needless={sum(r['needless'] for r in tr['retransmissions'])} kev={tr['kernel_rtx_events']} lost_ev={end.get('lost')} anom={dict(anomalies)} unb={dict(unbound)}"
    )


if __name__ == "__main__":
    for x in sys.argv[1:]:
        print(os.path.basename(x.rstrip("/")), build(x))
