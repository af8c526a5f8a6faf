#!/usr/bin/env python3
"""Scores per-frame labels against kernel truth.

  score.py tshark [glob ... !glob ...]  run tshark over every capture (cached as <capture>.tshark.tsv) and score it
  score.py tcptrace [glob ...]          compare tcptrace's per-connection retransmission counts
  score.py labels SUFFIX [glob ...]     score <capture>.SUFFIX.tsv (see below) for any other program
  score.py cmd NAME 'program {pcap}' [glob ...]   run a program that prints such a TSV, cache as <capture>.NAME.tsv, score
  score.py conns NAME [glob ...]        score <capture>.NAME.conns.tsv (header line; key columns client, server, optional isn;
                                        any other column named as in conns.tsv is compared: text exactly, numbers by error)
options: --by scenario|point|all (default point)  --json FILE  --show KIND=LABEL (print frames of that confusion cell)  --refresh

Label TSV: frame<TAB>label[,label...]; frames without a label may be left out. Labels:
  rtx rtx-rto rtx-fast rtx-tlp rtx-spurious rtx-syn rtx-synack (any rtx* means "a repeat"; several may be given)
  ooo (late original) netdup (copy made by the network) zwp (window probe) ka (keep-alive)
Metrics: "rtx seen": repeats whose bytes the capture held before; "rtx gap": repeats that fill a hole (first copy lost
before the capture point); "rtx invisible": neither (no program can know); "rtx visible" = seen + gap, with precision.
Truth rows: see truth.py. Frames whose truth is unknown are left out; netdup frames are left out of rtx precision
(no capture can always tell a copy from a repeat) and counted apart.
"""

import collections, fnmatch, glob, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.environ.get("GT_OUT", os.path.join(HERE, "out"))
RTX = ("syn", "synack", "rto", "loss", "fast", "tlp", "pmtu", "other")
TS = [
    ("retransmission", "rtx"),
    ("fast_retransmission", "rtx-fast"),
    ("spurious_retransmission", "rtx-spurious"),
    ("out_of_order", "ooo"),
    ("keep_alive", "ka"),
    ("zero_window_probe", "zwp"),
    ("lost_segment", "x-lost"),
    ("rto_frame", "x-rto"),
]
PRIO = ["rtx-spurious", "rtx-fast", "rtx-tlp", "rtx-rto", "rtx-synack", "rtx-syn", "rtx", "ooo", "netdup", "zwp", "ka"]


def caps(globs):
    for t in sorted(glob.glob(os.path.join(OUT, "*", "truth.json"))):
        d = os.path.dirname(t)
        n = os.path.basename(d)
        inc, exc = [g for g in globs if g[0] != "!"], [g[1:] for g in globs if g[0] == "!"]
        if (inc and not any(fnmatch.fnmatch(n, g) for g in inc)) or any(fnmatch.fnmatch(n, g) for g in exc):
            continue
        with open(t) as f:
            tr = json.load(f)
        for c, v in tr["captures"].items():
            if os.path.exists(os.path.join(d, c + ".frames.tsv")):
                yield n, c, d, os.path.join(d, v["file"]), tr


def tshark(pcap):
    cmd = ["tshark", "-r", pcap, "-Y", "tcp", "-T", "fields", "-e", "frame.number"]
    for f, _ in TS:
        cmd += ["-e", "tcp.analysis." + f]
    r = subprocess.run(cmd, capture_output=True, text=True)
    out = []
    for l in r.stdout.splitlines():
        p = l.split("\t")
        lab = [TS[i][1] for i in range(len(TS)) if i + 1 < len(p) and p[i + 1]]
        if "x-rto" in lab:
            lab.remove("x-rto")
        if lab:
            out.append(p[0] + "\t" + ",".join(lab))
    return "\n".join(out) + "\n"


def run_cmd(tpl, pcap):
    return subprocess.run(tpl.replace("{pcap}", pcap), shell=True, capture_output=True, text=True).stdout


def labels(fn):
    o = {}
    for l in open(fn):
        if l.startswith("#") or "\t" not in l:
            continue
        a, b = l.rstrip("\n").split("\t")[:2]
        if a.isdigit():
            o[int(a)] = set(b.split(",")) if b else set()
    return o


def truth(d, c):
    for l in open(os.path.join(d, c + ".frames.tsv")):
        if l[0] == "#":
            continue
        p = l.rstrip("\n").split("\t")
        yield {
            "frame": int(p[0]),
            "sender": p[2],
            "conn": int(p[3]),
            "seq": int(p[4]),
            "len": int(p[5]),
            "flags": int(p[6]),
            "kind": p[7],
            "late": p[9] == "1",
            "spurious": p[10] == "1",
            "seen": p[11] == "1",
            "lost": p[12] == "1",
            "gap": len(p) > 14 and p[14] == "1",
        }


class M:
    def __init__(self):
        self.tp = self.fp = self.fn = 0

    def add(self, t, p):
        if t and p:
            self.tp += 1
        elif p:
            self.fp += 1
        elif t:
            self.fn += 1

    def row(self):
        P = self.tp / (self.tp + self.fp) if self.tp + self.fp else None
        R = self.tp / (self.tp + self.fn) if self.tp + self.fn else None
        return {"tp": self.tp, "fp": self.fp, "fn": self.fn, "precision": P, "recall": R, "f1": 2 * P * R / (P + R) if P and R else None}


METRICS = [
    "rtx",
    "rtx visible",
    "rtx seen",
    "rtx gap",
    "rtx invisible",
    "data rtx",
    "handshake rtx",
    "fin rtx",
    "fast",
    "tlp",
    "rto",
    "spurious",
    "ooo",
    "netdup",
    "zwp",
    "ka",
]


def score(get, globs, by):
    res, conf, cells = (
        collections.defaultdict(lambda: collections.defaultdict(M)),
        collections.defaultdict(collections.Counter),
        collections.defaultdict(list),
    )
    nd = collections.Counter()
    for n, c, d, pcap, tr in caps(globs):
        lab = get(n, c, d, pcap)
        if lab is None:
            continue
        group = {"scenario": n, "point": c, "all": "all"}[by]
        groups = {group, "ALL"}
        for t in truth(d, c):
            k = t["kind"]
            if k == "unknown":
                continue
            p = lab.get(t["frame"], set())
            prtx = any(x.startswith("rtx") for x in p)
            isr = k in RTX
            rowname = "orig-late" if k == "orig" and t["late"] else k + ("-needless" if isr and t["spurious"] else "")
            col = next((x for x in PRIO if x in p), "none")
            conf[rowname][col] += 1
            if len(cells[(rowname, col)]) < 400:
                cells[(rowname, col)].append((n, c, t["frame"]))
            for g in groups:
                m = res[g]
                if k != "netdup":
                    m["rtx"].add(isr, prtx)
                    if isr:
                        m["rtx seen" if t["seen"] else "rtx gap" if t["gap"] else "rtx invisible"].add(True, prtx)
                    if not isr or t["seen"] or t["gap"]:
                        m["rtx visible"].add(isr, prtx)
                    hs = t["flags"] & 2
                    if hs:
                        m["handshake rtx"].add(isr, prtx)
                    elif t["len"] > 0:
                        m["data rtx"].add(isr, prtx)
                    elif t["flags"] & 1:
                        m["fin rtx"].add(isr, prtx)
                m["fast"].add(k == "fast", "rtx-fast" in p)
                m["tlp"].add(k == "tlp", "rtx-tlp" in p)
                m["rto"].add(k in ("rto", "loss"), "rtx-rto" in p)
                if not t["flags"] & 2:
                    m["spurious"].add(isr and t["spurious"], "rtx-spurious" in p)
                m["ooo"].add(k in ("orig", "tlpnew") and t["late"], "ooo" in p)
                m["netdup"].add(k == "netdup", "netdup" in p)
                m["zwp"].add(k == "zwp", "zwp" in p)
                m["ka"].add(k == "ka", "ka" in p)
                if k == "netdup":
                    nd[(g, "rtx" if prtx else col)] += 1
    return res, conf, cells, nd


def pct(x):
    return "  -  " if x is None else f"{100 * x:5.1f}"


def report(res, conf, nd, js=None):
    for g in sorted(res, key=lambda g: (g == "ALL", g)):
        print(f"\n## {g}\n{'metric':14} {'truth':>6} {'tp':>6} {'fp':>6} {'fn':>6}  prec%  rec%   f1%")
        for k in METRICS:
            r = res[g][k].row()
            if r["tp"] + r["fp"] + r["fn"]:
                pr = "     " if k in ("rtx seen", "rtx gap", "rtx invisible") else pct(r["precision"])
                print(f"{k:14} {r['tp'] + r['fn']:6} {r['tp']:6} {r['fp']:6} {r['fn']:6}  {pr} {pct(r['recall'])} {pct(r['f1'])}")
        x = {k[1]: v for k, v in nd.items() if k[0] == g}
        if x:
            print(f"copies made by the network were labelled: {x}")
    cols = ["none"] + [c for c in PRIO if any(conf[r][c] for r in conf)]
    print("\n## confusion (rows: truth; columns: label)\n" + f"{'':16}" + "".join(f"{c:>13}" for c in cols))
    for r in sorted(conf):
        print(f"{r:16}" + "".join(f"{conf[r][c]:13}" for c in cols))
    if js:
        json.dump({"groups": {g: {k: m.row() for k, m in v.items()} for g, v in res.items()}, "confusion": conf}, open(js, "w"), indent=1)


def tcptrace(globs):
    tot, rows = collections.Counter(), []
    for n, c, d, pcap, tr in caps(globs):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as tmp:
            subprocess.run(["editcap", "-F", "pcap", pcap, tmp.name], capture_output=True)
            o = subprocess.run(["tcptrace", "-n", "-l", "-r", "--csv", tmp.name], capture_output=True, text=True)
        head, got = None, collections.Counter()
        for l in o.stdout.splitlines():
            f = [x.strip() for x in l.split(",")]
            if l.startswith("conn_#"):
                head = f
                continue
            if head and f and f[0].isdigit():
                q = dict(zip(head, f))
                a, b = (q["host_a"], int(q["port_a"])), (q["host_b"], int(q["port_b"]))
                got[(a, b)] += int(q["rexmt_data_pkts_a2b"])
                got[(b, a)] += int(q["rexmt_data_pkts_b2a"])
        if head is None:
            tot["unreadable"] += 1
            continue
        want = collections.Counter()
        byid = {x["id"]: x for x in tr["conns"]}
        alldirs = set()
        for t in truth(d, c):
            x = byid.get(t["conn"])
            if not x:
                continue
            cl, sv = tuple(x["client"]), tuple(x["server"])
            k = (cl, sv) if t["sender"] == x["opener"] else (sv, cl)
            alldirs.add(k)
            if t["kind"] in RTX:
                want[k] += 1  # tcptrace counts SYN and FIN repeats too
        for k in alldirs:
            w, g = want[k], got.get(k, 0)
            tot["dirs"] += 1
            tot["exact"] += w == g
            if w or g:
                tot["dirs_with_rtx"] += 1
                tot["exact_with_rtx"] += w == g
            tot["want"] += w
            tot["got"] += g
            tot["abs_err"] += abs(w - g)
            tot["over"] += max(0, g - w)
            tot["under"] += max(0, w - g)
        rows.append((n, c, sum(want.values()), sum(got.values()), sum(abs(want[k] - got.get(k, 0)) for k in alldirs)))
    print("tcptrace, packets repeated, per connection and direction:", dict(tot))
    for r in sorted(rows, key=lambda r: -r[4])[:25]:
        print("  %-26s %-7s truth %5d tcptrace %5d abs.err %5d" % r)


def conns(name, globs):
    cat, num, miss = collections.defaultdict(collections.Counter), collections.defaultdict(list), collections.Counter()
    wrong = collections.defaultdict(collections.Counter)

    def table(fn):
        L = [l.rstrip("\n").split("\t") for l in open(fn)]
        return [dict(zip(L[0], r)) for r in L[1:]]

    for n, c, d, pcap, tr in caps(globs):
        fn = os.path.join(d, f"{c}.{name}.conns.tsv")
        tf = os.path.join(d, "conns.tsv")
        if not os.path.exists(fn) or not os.path.exists(tf):
            continue
        got = collections.defaultdict(list)
        for r in table(fn):
            got[frozenset((r["client"], r["server"]))].append(r)
        present = {t["conn"] for t in truth(d, c)}
        for t in table(tf):
            if int(t["id"]) not in present:
                continue
            l = got.get(frozenset((t["client"], t["server"])), [])
            m = next((r for r in l if r.get("isn") in (t["isn"],)), l[0] if len(l) == 1 else None)
            if m is None:
                miss["missing"] += 1
                continue
            l.remove(m)
            miss["found"] += 1
            for k in m:
                if k not in t or k in ("client", "server", "id", "isn"):
                    continue
                try:
                    num[k].append((float(m[k]) - float(t[k]), n, c, t["client"])) if k != "t_syn_ns" and t[k] != "" else None
                except ValueError:
                    ok = m[k] == t[k]
                    cat[k][ok] += 1
                    if not ok:
                        wrong[k][(n, c, t[k], m[k])] += 1
        miss["extra"] += sum(len(v) for v in got.values())
    print("connections:", dict(miss))
    for k, v in sorted(cat.items()):
        print(f"{k:16} right {v[True]:6} wrong {v[False]:6}  {100 * v[True] / sum(v.values()):.1f} %")
    for k, v in sorted(num.items()):
        e = sorted(abs(x[0]) for x in v)
        if not e:
            continue
        print(
            f"{k:16} exact {sum(1 for x in e if x < 1e-9):6}/{len(e)}  |error| median {e[len(e) // 2]:.1f} p95 {e[len(e) * 95 // 100]:.1f} max {e[-1]:.1f}"
        )
    for k, v in wrong.items():
        for (n, c, t, m), q in v.most_common(12):
            print(f"  {k}: {n}/{c}: truth {t} got {m} x{q}")


def main(a):
    opt = {"--by": "point", "--json": None, "--show": None}
    refresh = "--refresh" in a
    a = [x for x in a if x != "--refresh"]
    for k in list(opt):
        if k in a:
            i = a.index(k)
            opt[k] = a[i + 1]
            del a[i : i + 2]
    if not a:
        print(__doc__)
        return
    mode = a[0]
    if mode == "tcptrace":
        return tcptrace(a[1:])
    if mode == "conns":
        return conns(a[1], a[2:])
    if mode == "tshark":
        suffix, globs, gen = "tshark", a[1:], tshark
    elif mode == "labels":
        suffix, globs, gen = a[1], a[2:], None
    elif mode == "cmd":
        suffix, globs, gen = a[1], a[3:], lambda p: run_cmd(a[2], p)
    else:
        print(__doc__)
        return

    def get(n, c, d, pcap):
        fn = os.path.join(d, f"{c}.{suffix}.tsv")
        if gen and (refresh or not os.path.exists(fn) or os.path.getmtime(fn) < os.path.getmtime(pcap)):
            with open(fn, "w") as f:
                f.write(gen(pcap))
        return labels(fn) if os.path.exists(fn) else None

    res, conf, cells, nd = score(get, globs, opt["--by"])
    report(res, conf, nd, opt["--json"])
    if opt["--show"]:
        r, c = opt["--show"].split("=")
        print(f"\n## frames: truth {r}, label {c}")
        cnt = collections.Counter((n, p) for n, p, _ in cells[(r, c)])
        for (n, p), k in cnt.most_common(30):
            print(f"{n:26} {p:7} {k:4}  frames {[f for a_, b_, f in cells[(r, c)] if (a_, b_) == (n, p)][:12]}")


if __name__ == "__main__":
    main(sys.argv[1:])
