#!/usr/bin/env python3
"""clocked.py INTERFACE FILE: captures TCP from an interface and stamps each packet by its own clock, as a pcap file with nanoseconds.

tcpdump takes the kernel's times; here the process reads its own clock, so that the clock of the capture alone can be set under way, by libfaketime
(Debian package `faketime`), while that of the machine goes on. `Clocked` runs it so in a host's namespace.
"""

import os
import signal
import socket
import struct
import sys
import time

SNAP = 96
ETH_P_ALL = 3
TCP = 6
LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def capture(interface, path):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((interface, 0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    with open(path, "wb", buffering=0) as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP, 1))
        print("ready", flush=True)
        while True:
            data = s.recv(65535)
            now = time.time_ns()
            if data[12:14] == b"\x08\x00" and data[23] == TCP:
                f.write(struct.pack("<IIII", now // 10**9, now % 10**9, min(SNAP, len(data)), len(data)) + data[:SNAP])


class Clocked:
    """The recorder at the client's interface of a stage, into clocked.pcap; `set_clock` sets its clock, so many seconds from the machine's."""

    def __init__(self, stage):
        from lab import IFC, NS

        if not os.path.exists(LIBRARY):
            raise RuntimeError("libfaketime is missing: apt-get install faketime")
        self.offset = stage.path("offset")
        self.set_clock(0)
        fake = {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": self.offset, "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
        set_in = ["env"] + [f"{k}={v}" for k, v in fake.items()]
        command = ["python3", os.path.abspath(__file__), IFC["c"], stage.path("clocked.pcap")]
        stage.spawn(["ip", "netns", "exec", NS["c"]] + set_in + command, "cap-clocked", ready=True)

    def set_clock(self, seconds):
        with open(self.offset + ".new", "w") as f:
            f.write(f"{seconds:+.1f}\n")
        os.rename(self.offset + ".new", self.offset)


if __name__ == "__main__":
    capture(*sys.argv[1:])
