"""What the recorders of cases and of ordinary work have in common: their command line, and what of a recording is kept."""

import argparse
import fnmatch
import os
import subprocess
import time
import traceback


def recorded(name, stage, body):
    """Runs a body on its stage; whether it went through."""
    start = time.time()
    try:
        with stage() as on:
            body(on)
        print(f"{name}: {time.time() - start:.1f} s", flush=True)
        return True
    except Exception:
        traceback.print_exc()
        print(f"{name}: FAILED", flush=True)
        return False


def keep_file(source, to):
    """Puts a recording, compressed, to where it comes with the project."""
    os.makedirs(os.path.dirname(to), exist_ok=True)
    subprocess.run(["zstd", "-q", "-f", "-19", source, "-o", to], check=True)
    print(f"{os.path.basename(to)}: {os.path.getsize(to) / 1000:.1f} kB")


def run(doc, table, record, keep, add_options=lambda parser: None):
    """Lists, keeps or records the chosen entries of a table; the exit status. record(entry, arguments) tells whether it went well."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("-n", action="store_true", help="list only")
    parser.add_argument("--keep", action="store_true", help="keep what out/ holds, without recording")
    parser.add_argument("globs", nargs="*", default=["*"])
    add_options(parser)
    args = parser.parse_args()
    chosen = [one for one in table.values() if any(fnmatch.fnmatch(one.name, g) for g in args.globs)]
    if args.n:
        print("\n".join(f"{one.name:20} {one.note}" for one in chosen))
        return 0
    if args.keep:
        for one in chosen:
            keep(one)
        return 0
    return 0 if all([record(one, args) for one in chosen]) else 1
