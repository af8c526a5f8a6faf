#!/usr/bin/env python3
"""How fast the terminal UI answers: first frame, keys to frames, orders, idle time. Prints a Markdown table.

    npm run build
    python3 bench/ui.py FILE [--columns 120] [--rows 40]

Runs the built command in a pseudo-terminal of its own and times bytes: a frame has come when something was written
after the key and nothing more for 15 ms. The file is loaded twice: once with nobody at the keys, which is compared with
the text report of one thread, in seconds of processor (these hold on a busy machine too), and once with keys.
"""
import argparse
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUIET_S = 0.015
PATIENCE_S = 900.0


class Screen:
    def __init__(self, path: str, columns: int, rows: int) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
            os.execvp("node", ["node", os.path.join(ROOT, "dist/cli.js"), path])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.tail = b""

    def read(self, wait_s: float) -> bytes:
        ready, _, _ = select.select([self.fd], [], [], wait_s)
        if not ready:
            return b""
        data = os.read(self.fd, 1 << 16)
        self.tail = (self.tail + data)[-20_000:]
        return data

    def wait_for(self, text: bytes) -> float:
        """Seconds since the start until `text` was written."""
        while text not in self.tail:
            if not self.read(1.0) and time.perf_counter() - self.started > PATIENCE_S:
                sys.exit(f"{text!r} never came")
        return time.perf_counter() - self.started

    def drain(self, quiet_s: float = 0.3) -> None:
        while self.read(quiet_s):
            pass

    def press(self, key: bytes) -> tuple[float, float, int]:
        """Milliseconds to the first byte and to the last of what a key changes, and its bytes."""
        pressed = time.perf_counter()
        os.write(self.fd, key)
        data = self.read(30.0)
        first = last = time.perf_counter()
        size = len(data)
        while True:
            data = self.read(QUIET_S)
            if not data:
                break
            size += len(data)
            last = time.perf_counter()
        return (first - pressed) * 1e3, (last - pressed) * 1e3, size

    def cpu_s(self, thread: str = "") -> float:
        """Seconds of processor: of the process, or of its thread that draws."""
        with open(f"/proc/{self.pid}/{thread}stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def drawing_s(self) -> float:
        return self.cpu_s(f"task/{self.pid}/")

    def memory_mib(self) -> float:
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def quit(self) -> None:
        os.write(self.fd, b"q")
        deadline = time.perf_counter() + 5
        while time.perf_counter() < deadline:
            try:
                if not self.read(0.2) and os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
            except OSError:
                break
        os.kill(self.pid, signal.SIGKILL)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report_cpu_s(path: str) -> float:
    """Seconds of processor that the text report takes, with one thread that follows connections."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["node", os.path.join(ROOT, "dist/cli.js"), "--text", "--threads", "1", path]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def load_quietly(path: str, columns: int, rows: int) -> list[tuple[str, str]]:
    """What loading costs where nobody presses a key."""
    report = report_cpu_s(path)
    screen = Screen(path, columns, rows)
    first = screen.wait_for(b"Overview")
    began, drawn = time.perf_counter(), screen.drawing_s()
    loaded = screen.wait_for(b" done")
    share = (screen.drawing_s() - drawn) / (time.perf_counter() - began)
    cost = screen.cpu_s()
    screen.drain(1.0)
    before, at = screen.cpu_s(), time.perf_counter()
    time.sleep(5)
    idle = (screen.cpu_s() - before) / (time.perf_counter() - at)
    memory = screen.memory_mib()
    screen.quit()
    return [
        ("first frame", f"{first * 1e3:.0f} ms"),
        ("loaded", f"{loaded:.1f} s, {memory:.0f} MiB"),
        ("processor for loading, and for the text report", f"{cost:.1f} / {report:.1f} s = {cost / report:.2f}"),
        ("processor for drawing while it loads, ten times a second", f"{share * 100:.1f} %"),
        ("processor when idle", f"{idle * 100:.1f} %"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--rows", type=int, default=40)
    options = parser.parse_args()
    rows = load_quietly(options.file, options.columns, options.rows)
    rows += press_keys(Screen(options.file, options.columns, options.rows))
    print("| figure | |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")


def press_keys(screen: Screen) -> list[tuple[str, str]]:
    """How soon keys are answered, while it loads and afterwards."""
    rows: list[tuple[str, str]] = []
    screen.wait_for(b"Overview")

    # While it loads: moves through the table.
    loading: list[float] = []
    os.write(screen.fd, b"2")
    while b" done" not in screen.tail:
        if time.perf_counter() - screen.started > PATIENCE_S:
            sys.exit("it never ended")
        loading.append(screen.press(b"j")[0])
        end = time.perf_counter() + 0.2
        while time.perf_counter() < end:
            screen.read(0.05)
    if len(loading) >= 20:
        rows.append(
            (
                "key to first byte while loading, p50 / p95",
                f"{percentile(loading, 0.5):.0f} / {percentile(loading, 0.95):.0f} ms ({len(loading)} keys)",
            )
        )
    screen.drain(1.0)

    moves = [screen.press(key) for key in [b"j", b"k", b" ", b"\x02", b"G", b"g", b"1", b"2", b"4", b"2"] * 10]
    rows.append(
        (
            "key to whole frame, p50 / p95",
            f"{percentile([last for _, last, _ in moves], 0.5):.0f} / {percentile([last for _, last, _ in moves], 0.95):.0f} ms",
        )
    )
    rows.append(("bytes a frame, p50 / p95", f"{percentile([n for *_, n in moves], 0.5):.0f} / {percentile([n for *_, n in moves], 0.95):.0f}"))
    screen.drain(0.5)
    orders: list[float] = []
    for _ in range(8):
        pressed = time.perf_counter()
        screen.press(b"s")
        screen.drain(0.7)
        orders.append(time.perf_counter() - pressed - 0.7)
    rows.append(("sorting by the next column, p50 / longest", f"{percentile(orders, 0.5):.2f} / {max(orders):.2f} s"))
    screen.quit()
    return rows


if __name__ == "__main__":
    main()
