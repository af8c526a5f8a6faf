#!/usr/bin/env python3
"""ordinary.py [-n] [--rtt MS,MS] [--keep] [GLOB ...]: records ordinary work of real programs (as root), over paths of 0, 20 and 80 ms.

Recordings go to out/work-NAME-RTT/. --keep puts those that come with the project into work/recorded/, compressed; -n lists.
Needs what `apt-get install` names in README.md. Nothing here judges a packet: test/diagnosis/work.test.ts does.
"""

import os
import sys

import lab
import recorder
from work import WORKS
from work.registry import HERE, Desk

RTTS = "0,20,80"


def record(w, rtt):
    folder = f"work-{w.name}-{rtt}"
    return recorder.recorded(folder, lambda: Desk(folder, rtt_ms=rtt, note=w.note, **w.stage), w.body)


def keep(w):
    for rtt, point in w.kept:
        source = os.path.join(lab.OUT, f"work-{w.name}-{rtt}", f"{point}.pcap")
        recorder.keep_file(source, os.path.join(HERE, "recorded", f"{w.name}-{rtt}-{point}.pcap.zst"))


def record_all(w, args):
    return all([record(w, int(rtt)) for rtt in args.rtt.split(",")])


if __name__ == "__main__":
    sys.exit(recorder.run(__doc__, WORKS, record_all, keep, lambda parser: parser.add_argument("--rtt", default=RTTS)))
