#!/usr/bin/env python3
"""cases.py [-n] [--keep] [GLOB ...]: records cases (as root): what takes too many connections, or too long, for a sample, and what no kernel's truth tells.

Recordings go to out/case-NAME/. --keep puts them into cases/recorded/, compressed; -n lists. Nothing here judges a packet:
test/diagnosis/cases.test.ts does.
"""

import os
import sys

import lab
import recorder
from cases import CASES
from cases.registry import HERE


def record(c):
    return recorder.recorded(c.name, lambda: lab.Lab(f"case-{c.name}", note=c.note, **c.stage), c.body)


def keep(c):
    source = os.path.join(lab.OUT, f"case-{c.name}", f"{c.point}.pcap")
    recorder.keep_file(source, os.path.join(HERE, "recorded", f"{c.name}.pcap.zst"))


if __name__ == "__main__":
    sys.exit(recorder.run(__doc__, CASES, lambda c, _: record(c), keep))
