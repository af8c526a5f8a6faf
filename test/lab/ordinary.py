#!/usr/bin/env python3
"""ordinary.py [-n] [--rtt MS,MS] [--keep] [GLOB ...]: records ordinary work of real programs (as root), over paths of 0, 20 and 80 ms.

Recordings go to out/work-NAME-RTT/. --keep puts those that come with the project into work/recorded/, compressed; -n lists.
Needs what `apt-get install` names in README.md. Nothing here judges a packet: test/diagnosis/work.test.ts does.
"""

import argparse
import fnmatch
import os
import subprocess
import sys
import time
import traceback

import lab
from work import WORKS
from work.registry import HERE, Desk

RTTS = "0,20,80"


def record(w, rtt):
    folder = f"work-{w.name}-{rtt}"
    start = time.time()
    try:
        with Desk(folder, rtt_ms=rtt, note=w.note, **w.stage) as desk:
            w.body(desk)
        print(f"{folder}: {time.time() - start:.1f} s", flush=True)
        return True
    except Exception:
        traceback.print_exc()
        print(f"{folder}: FAILED", flush=True)
        return False


def keep(w):
    for rtt, point in w.kept:
        source = os.path.join(lab.OUT, f"work-{w.name}-{rtt}", f"{point}.pcap")
        to = os.path.join(HERE, "recorded", f"{w.name}-{rtt}-{point}.pcap.zst")
        subprocess.run(["zstd", "-q", "-f", "-19", source, "-o", to], check=True)
        print(f"{os.path.basename(to)}: {os.path.getsize(to) / 1000:.1f} kB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", action="store_true", help="list only")
    parser.add_argument("--rtt", default=RTTS)
    parser.add_argument("--keep", action="store_true", help="keep what out/ holds, without recording")
    parser.add_argument("globs", nargs="*", default=["*"])
    args = parser.parse_args()
    chosen = [w for w in WORKS.values() if any(fnmatch.fnmatch(w.name, g) for g in args.globs)]
    if args.n:
        print("\n".join(f"{w.name:20} {w.note}" for w in chosen))
        return 0
    if args.keep:
        for w in chosen:
            keep(w)
        return 0
    return 0 if all([record(w, int(rtt)) for w in chosen for rtt in args.rtt.split(",")]) else 1


if __name__ == "__main__":
    sys.exit(main())
