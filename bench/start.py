#!/usr/bin/env python3
"""How long the program takes to begin: its version, a text report, the first frame. Prints a Markdown table.

    npm run build
    python3 bench/start.py [FILE] [--runs 15]

Each round runs every case once, so that a busy minute falls on all of them; beside each stands what Node itself takes to
run nothing. FILE is a small capture, by default the sample of a hundred packets.
"""
import argparse
import os
import statistics
import subprocess
import time

from ui import ROOT, Screen

CLI = os.path.join(ROOT, "dist/cli.js")


def run_ms(arguments: list[str]) -> float:
    """Milliseconds from start to exit."""
    began = time.perf_counter()
    subprocess.run(["node", *arguments], stdout=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - began) * 1e3


def frame_ms(path: str) -> float:
    """Milliseconds from start until the first frame is written."""
    screen = Screen(path, 120, 40)
    took = screen.wait_for(b"Overview") * 1e3
    screen.quit()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default=os.path.join(ROOT, "captures/handshake-slow.pcap"))
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    cases = {
        "`node -e 0`": lambda: run_ms(["-e", "0"]),
        "`--version`": lambda: run_ms([CLI, "--version"]),
        "text report": lambda: run_ms([CLI, "--text", options.file]),
        "first frame": lambda: frame_ms(options.file),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(options.runs):
        for name, measure in cases.items():
            times[name].append(measure())
    nothing = statistics.median(times["`node -e 0`"])
    print("| case | median, ms | shortest, ms | median, times `node -e 0` |\n| --- | ---: | ---: | ---: |")
    for name, took in times.items():
        median = statistics.median(took)
        print(f"| {name} | {median:.0f} | {min(took):.0f} | {median / nothing:.1f} |")


if __name__ == "__main__":
    main()
