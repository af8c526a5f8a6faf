#!/usr/bin/env python3
"""run.py [-n] [name-glob ...]: run scenarios (as root), then build the truth files. -n: list only."""

import fnmatch, os, sys, time
import lab, scenarios, truth


def main(a):
    names = [n for n in scenarios.REG if not [x for x in a if not x.startswith("-")] or any(fnmatch.fnmatch(n, g) for g in a)]
    if "-n" in a:
        print("\n".join(names))
        return
    failed = 0
    for n in names:
        fn, kw = scenarios.REG[n]
        t = time.time()
        try:
            with lab.Lab(n, **kw) as L:
                fn(L)
        except Exception as e:
            print(f"{n}: FAILED {e!r}", flush=True)
            failed += 1
            continue
        try:
            print(f"{n}: {time.time() - t:.1f}s {truth.build(os.path.join(lab.OUT, n))}", flush=True)
        except Exception as e:
            import traceback

            traceback.print_exc()
            print(f"{n}: TRUTH FAILED {e!r}", flush=True)
            failed += 1
    if failed:
        sys.exit(f"{failed} scenarios failed")


if __name__ == "__main__":
    main(sys.argv[1:])
