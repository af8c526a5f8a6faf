#!/usr/bin/env python3
"""samples.py [-n] [GLOB ...]: records the project's sample captures again (as root), all or those that match.

Writes captures/NAME.pcap[ng], captures/NAME.truth.json, the table in captures/README.md and the quiz entries.
-n lists the recipes only; -p publishes again from what test/lab/out still holds, without recording.
"""

import fnmatch
import os
import sys
import time
import traceback

import lab
import readme
import truth
from publish import NotAsTold, publish
from recipes import RECIPES

TRIES = 3


def main(args):
    globs = [a for a in args if not a.startswith("-")]
    chosen = [r for r in RECIPES.values() if not globs or any(fnmatch.fnmatch(r.name, g) for g in globs)]
    if "-n" in args:
        print("\n".join(f"{r.name:28} {r.point:7} {r.note}" for r in chosen))
        return 0
    failed = [r.name for r in chosen if not one(r, record="-p" not in args)]
    readme.write()
    if failed:
        print("not published:", *failed)
    return 1 if failed else 0


def one(r, record):
    """Records and publishes one sample; a recording that does not show its story is made again, twice at most."""
    folder = os.path.join(lab.OUT, "sample-" + r.name)
    for attempt in range(TRIES if record else 1):
        start = time.time()
        try:
            if record:
                with lab.Lab("sample-" + r.name, note=r.note, rules=list(r.rules), **r.stage) as stage:
                    r.body(stage)
                truth.build(folder)
            print(f"{r.name}: {time.time() - start:.1f} s, {publish(r, folder)}", flush=True)
            return True
        except NotAsTold as e:
            print(f"{r.name}: not as told ({e}), attempt {attempt + 1}", flush=True)
        except Exception:
            traceback.print_exc()
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
