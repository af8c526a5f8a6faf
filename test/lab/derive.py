#!/usr/bin/env python3
"""Makes damaged captures (cut_*) from recorded ones (the kernel truth stays valid, frame numbers are mapped): mid-stream
captures, one-direction captures, captures with frames lost by the capture itself. Altered ones (id_*) hold all frames, of
senders whose IP identifications say nothing: constant ones, random ones."""

import json, os, random, shutil
import capfile, truth

OUT = os.environ.get("GT_OUT", os.path.join(os.path.dirname(os.path.abspath(__file__)), "out"))


def remap(d, cap, dst, mp):
    """frames.tsv of `cap` for the frames in mp {new: old}; 'seen_before' and 'gap' are computed anew."""
    rows = {}
    for l in open(os.path.join(d, cap + ".frames.tsv")):
        if l[0] != "#":
            p = l.rstrip("\n").split("\t")
            rows[int(p[0])] = p
    seen, hi, base, mx = {}, {}, {}, {}
    with open(os.path.join(dst, cap + ".frames.tsv"), "w") as f:
        f.write("#frame\tts_ns\tsender\tconn\tseq\tlen\tflags\tkind\tnetdup\tlate\tspurious\tseen_before\tlost_downstream\txmit\tgap\torig_frame\n")
        for new in sorted(mp):
            p = rows.get(mp[new])
            if not p:
                continue
            p = list(p)
            q = (p[2], p[3])
            fl = int(p[6])
            seq, n = int(p[4]), int(p[5]) + bool(fl & 2) + (fl & 1)
            b = base.setdefault(q, seq)
            r = (seq - b) & 0xFFFFFFFF
            r -= (1 << 32) if r > 1 << 31 else 0
            s = seen.setdefault(q, truth.Spans())
            v = g = 0
            if n:
                v = int(s.has(r, r + n))
                g = int(not v and hi.get(q, -(1 << 40)) >= r + n)
                s.add(r, r + n)
                hi[q] = max(hi.get(q, -(1 << 40)), r + n)
            x = int(p[13])
            p[9] = str(int(x >= 0 and mx.get(q, -1) > x))
            mx[q] = max(mx.get(q, -1), x)
            p[0], p[11], p[14] = str(new), str(v), str(g)
            f.write("\t".join(p) + "\t" + str(mp[new]) + "\n")


def derive(base, name, note, keep_for, caps=("client", "server"), seed=1, edit=lambda b, t: b):
    d, dst = os.path.join(OUT, base), os.path.join(OUT, name)
    if not os.path.exists(os.path.join(d, "truth.json")):
        return
    os.makedirs(dst, exist_ok=True)
    tr = json.load(open(os.path.join(d, "truth.json")))
    o = {k: tr[k] for k in ("note", "rtt_ms", "offload", "snap", "conns", "retransmissions", "probes", "clock")}
    o.update(scenario=name, derived_from=base, method=note, seed=seed, captures={}, removed={})
    for cap in caps:
        src = os.path.join(d, tr["captures"][cap]["file"])
        keep = keep_for(random.Random(seed), cap, src)
        removed = []

        def k(n, b, t):
            r = keep(n, b, t)
            if not r:
                removed.append(n)
            return r

        mp = capfile.write_subset(src, os.path.join(dst, cap + ".pcap"), k, edit)
        remap(d, cap, dst, mp)
        o["captures"][cap] = {"file": cap + ".pcap", "frames": len(mp)}
        o["removed"][cap] = removed
    json.dump(o, open(os.path.join(dst, "truth.json"), "w"))
    shutil.copy(os.path.join(d, "conns.tsv"), os.path.join(dst, "conns.tsv"))
    print(name, {c: v["frames"] for c, v in o["captures"].items()})


def midstream(rng, cap, src):
    ts = [t for _, t, _, _ in capfile.frames(src)]
    cut = len(ts) * 3 // 10
    return lambda n, b, t: n > cut


def lossy(p):
    def f(rng, cap, src):
        return lambda n, b, t: rng.random() >= p

    return f


def oneway(host):
    def f(rng, cap, src):
        return lambda n, b, t: t is not None and truth.hostof(t["src"]) == host

    return f


def every(rng, cap, src):
    return lambda n, b, t: True


def constant_id(b, t):
    return capfile.with_ipid(b, 0x4321)


def random_id(b, t):
    """A fixed permutation of identifications, so that copies by the network still share theirs."""
    return capfile.with_ipid(b, IDS[t["ipid"]]) if t and t["ipid"] else b


IDS = random.Random(3).sample(range(1 << 16), 1 << 16)

# Scenarios in which timers run out often: damaged in every way, so that enough timeouts and probes are damaged to speak of a share.
TIMEOUTS = ("loss10_cubic", "loss15_cubic", "keystrokes_loss", "rtt300_short", "outage_2s", "loss2_nosack", "tail_loss_tlp_lost", "rtx_lost")


def main():
    for b in ("loss3_cubic", "reorder_loss", "loss2_rtt1_short", "interactive_loss", *TIMEOUTS):
        derive(b, "cut_midstream_" + b, "first 30 % of the frames removed", midstream)
        derive(b, "cut_capdrop2_" + b, "2 % of the frames removed at random (capture loss)", lossy(0.02), seed=7)
    derive("plain_rtt20", "cut_capdrop5_plain_rtt20", "5 % of the frames removed at random (capture loss)", lossy(0.05), seed=8)
    derive("dup_only", "cut_capdrop2_dup_only", "2 % of the frames removed at random", lossy(0.02), seed=9)
    for b in ("loss3_reno", "reorder_loss", "tail_loss_1", *TIMEOUTS):
        derive(b, "cut_data_only_" + b, "only the server's direction kept", oneway("s"))
    for b in ("loss3_reno", "reorder_loss", "tail_loss_1"):
        derive(b, "cut_acks_only_" + b, "only the client's direction kept", oneway("c"))
    for b in ("loss3_cubic", "reorder_loss", "dup_only"):
        derive(b, "id_constant_" + b, "every IP identification the same", every, edit=constant_id)
        derive(b, "id_random_" + b, "IP identifications at random", every, edit=random_id)


if __name__ == "__main__":
    main()
