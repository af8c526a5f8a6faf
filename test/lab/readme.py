"""Writes captures/README.md: the table of all samples that stand in captures/, from their truth files."""

import json
import os

from publish import CAPTURES
from recipes import RECIPES

HEAD = """# Sample captures

Small captures of real Linux TCP, one story each, recorded by this project with `test/lab`: two hosts in network namespaces, a bridge between
them that delays packets and loses chosen ones, and a recorder that asks the kernel what happened. No packet was written or edited by hand; where a
raw socket or the bridge itself sent a packet (a scan, a stray SYN, a forged reset), the truth file says so under `done` or `rules`.

Each `NAME.pcap` (or `.pcapng`) has a `NAME.truth.json` beside it: how the capture was made, and what the two kernels and the applications say about
every connection (outcome, connect time, states, resets and their reasons, retransmissions with their kind, packets lost and by which rule). Times
in it are nanoseconds since the first packet. `test/quiz/questions.json` asks one question about each.

Outcomes in the truth files: `closed` (both sides closed gracefully), `half-closed`, `reset`, `refused`, `unanswered`, `unreachable`, `aborted` (the
client gave up a handshake), `embryonic` (the final ACK never reached the server), `timed-out`, `open` at the end. Final states are those at the end of
the recording, from the kernel's socket table; a socket that is gone counts as CLOSED.

Record them again, all or some: `python3 test/lab/samples.py [GLOB ...]` (as root; see `test/lab/README.md`). Ports, sequence numbers and times change
with each recording; the stories do not.

Origin: recorded by us. Licence: MIT, as the project.

Point: the host whose own capture is published, `mid`, a tap half-way, or `clocked`, a recorder at the client with a clock of its own. Link type Ethernet; bulk data is cut by the snap length, headers are whole.

| file | what happened | captured at (why) | recipe | RTT | format, snap length | packets | connections |
| --- | --- | --- | --- | ---: | --- | ---: | ---: |
"""


def write():
    lines, total = [], 0
    for name in RECIPES:
        fn = os.path.join(CAPTURES, name + ".truth.json")
        if not os.path.exists(fn):
            continue
        with open(fn) as f:
            t = json.load(f)
        r = t["recorded"]
        total += os.path.getsize(os.path.join(CAPTURES, t["file"]))
        lines.append(
            f"| [{t['file']}]({t['file']}) | {t['note']} | {r['point']}: {r['why']} | `{name}` | {r['rttMs']} ms | {r['format']}, {r['snapLength']} | {t['packets']} | {len(t['connections'])} |"
        )
    with open(os.path.join(CAPTURES, "README.md"), "w") as f:
        f.write(HEAD + "\n".join(lines) + f"\n\n{len(lines)} captures, {total:,} bytes.\n")


if __name__ == "__main__":
    write()
