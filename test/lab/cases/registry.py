"""The table of cases. A docstring tells what was done; what that must lead to stands in test/diagnosis/case-findings.ts, written from here."""

import os
from dataclasses import dataclass, field
from typing import Callable

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}


@dataclass
class Case:
    """name: file name. body: drives both ends. point: which capture of the recording comes with the project. stage: keyword arguments of Lab."""

    name: str
    body: Callable
    point: str
    stage: dict = field(default_factory=dict)

    @property
    def note(self):
        return " ".join(self.body.__doc__.split())


def case(name, point, rtt_ms, **stage):
    """Registers the decorated body."""

    def deco(body):
        given = {"rtt_ms": rtt_ms, "fmt": "pcap-us", "snap": 96, "capture_filter": "tcp", "ipv6": False, "kernel": False, **stage}
        CASES[name] = Case(name, body, point, given)
        return body

    return deco
