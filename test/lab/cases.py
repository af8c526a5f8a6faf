#!/usr/bin/env python3
"""cases.py [-n] [--keep] [GLOB ...]: records cases (as root): what takes too many connections, or too long, for a sample, and what no kernel's truth tells.

Recordings go to out/case-NAME/. --keep puts them into cases/recorded/, compressed; -n lists. Nothing here judges a packet:
test/diagnosis/cases.test.ts does.
"""

import argparse
import fnmatch
import os
import subprocess
import sys
import time
import traceback

import lab
from cases import CASES
from cases.registry import HERE


def record(c):
    start = time.time()
    try:
        with lab.Lab(f"case-{c.name}", note=c.note, **c.stage) as stage:
            c.body(stage)
        print(f"{c.name}: {time.time() - start:.1f} s", flush=True)
        return True
    except Exception:
        traceback.print_exc()
        print(f"{c.name}: FAILED", flush=True)
        return False


def keep(c):
    source = os.path.join(lab.OUT, f"case-{c.name}", f"{c.point}.pcap")
    to = os.path.join(HERE, "recorded", f"{c.name}.pcap.zst")
    os.makedirs(os.path.dirname(to), exist_ok=True)
    subprocess.run(["zstd", "-q", "-f", "-19", source, "-o", to], check=True)
    print(f"{os.path.basename(to)}: {os.path.getsize(to) / 1000:.1f} kB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", action="store_true", help="list only")
    parser.add_argument("--keep", action="store_true", help="keep what out/ holds, without recording")
    parser.add_argument("globs", nargs="*", default=["*"])
    args = parser.parse_args()
    chosen = [c for c in CASES.values() if any(fnmatch.fnmatch(c.name, g) for g in args.globs)]
    if args.n:
        print("\n".join(f"{c.name:20} {c.note}" for c in chosen))
        return 0
    if args.keep:
        for c in chosen:
            keep(c)
        return 0
    return 0 if all([record(c) for c in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
