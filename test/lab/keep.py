#!/usr/bin/env python3
"""keep.py DIR [name-glob ...]: puts recordings of DIR into recorded/, compressed, each with its truth (frames.tsv, conns.tsv).

Without globs, those that recorded/ holds already are replaced. The tests read them there (labels.test.ts)."""

import fnmatch, glob, gzip, os, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "recorded")
# What a score asks of a captured frame; the rest (times, sequence numbers) stands in the capture.
COLUMNS = "frame sender conn len flags kind late spurious seen_before gap".split()


def keep(source, name):
    to = os.path.join(KEPT, name)
    shutil.rmtree(to, ignore_errors=True)
    os.makedirs(to)
    shutil.copy(os.path.join(source, name, "conns.tsv"), to)
    for path in sorted(glob.glob(os.path.join(source, name, "*.pcap*"))):
        subprocess.run(["zstd", "-q", "-19", path, "-o", os.path.join(to, os.path.basename(path) + ".zst")], check=True)
    for path in sorted(glob.glob(os.path.join(source, name, "*.frames.tsv"))):
        with open(path) as f:
            rows = [l.rstrip("\n").split("\t") for l in f]
        at = [[c.lstrip("#") for c in rows[0]].index(c) for c in COLUMNS]
        text = "".join("\t".join(c.lstrip("#") for c in (r[i] for i in at)) + "\n" for r in rows)
        # Neither name nor time in the header: the same truth gives the same file.
        with open(os.path.join(to, os.path.basename(path) + ".gz"), "wb") as g, gzip.GzipFile("", "wb", 9, g, mtime=0) as z:
            z.write(text.encode())


def main(a):
    if not a:
        sys.exit(__doc__)
    source, globs = a[0], a[1:] or sorted(os.listdir(KEPT))
    names = [n for n in sorted(os.listdir(source)) if any(fnmatch.fnmatch(n, g) for g in globs)]
    for n in names:
        if os.path.exists(os.path.join(source, n, "conns.tsv")):
            keep(source, n)
    print(len(names), "recordings kept")


if __name__ == "__main__":
    main(sys.argv[1:])
