#!/usr/bin/env python3
"""index.py: one line per scenario (connections, frames, repeats by kind, probes, copies, late, forged) -> OUT/INDEX.tsv"""

import collections, glob, json, os

OUT = os.environ.get("GT_OUT", os.path.join(os.path.dirname(os.path.abspath(__file__)), "out"))
rows = []
for f in sorted(glob.glob(os.path.join(OUT, "*", "truth.json"))):
    t = json.load(open(f))
    k = collections.Counter(r["kind"] for r in t["retransmissions"])
    p = collections.Counter(r["kind"] for r in t["probes"])
    c = t["captures"]
    v = collections.Counter(r["verdict"] for r in t.get("bridge", {}).get("events", []))
    rows.append(
        [
            t["scenario"],
            len(t["conns"]),
            *(c.get(x, {}).get("frames", 0) for x in ("client", "server", "mid")),
            len(t["retransmissions"]),
            " ".join(f"{a}:{b}" for a, b in sorted(k.items())),
            sum(r["needless"] for r in t["retransmissions"]),
            " ".join(f"{a}:{b}" for a, b in sorted(p.items())),
            " ".join(f"{a}:{b}" for a, b in sorted(v.items())),
            t.get("derived_from", ""),
            t.get("note", "") or t.get("method", ""),
        ]
    )
with open(os.path.join(OUT, "INDEX.tsv"), "w") as f:
    f.write("scenario\tconns\tclient_frames\tserver_frames\tmid_frames\tretransmissions\tkinds\tneedless\tprobes\tbridge\tderived_from\tnote\n")
    for r in rows:
        f.write("\t".join(map(str, r)) + "\n")
print(len(rows), "scenarios,", sum(r[2] + r[3] + r[4] for r in rows), "frames")
