"""The table of ordinary work, and the stage on which real programs do it.

A work's docstring tells what was done; nothing in it goes wrong, or what does is said there. Which findings that may
lead to stands in test/diagnosis/work-findings.ts, written from here.
"""

import os
import random
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Callable

from lab import NS, Lab
from sockets import IP

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = IP[4]["c"], IP[4]["s"]
# The system's own Python: the one that Debian's packages of modules belong to.
PYTHON = "/usr/bin/python3"
WORKS = {}


@dataclass
class Work:
    """name: file name. body: drives the programs. kept: (round trip in ms, capture point) of the recording that comes with the
    project; the others are made and looked at only. stage: keyword arguments of Lab."""

    name: str
    body: Callable
    kept: tuple
    stage: dict = field(default_factory=dict)

    @property
    def note(self):
        return " ".join(self.body.__doc__.split())


def work(name, *kept, **stage):
    """Registers the decorated body."""

    def deco(body):
        WORKS[name] = Work(name, body, kept, {"fmt": "pcap-us", "snap": 96, "capture_filter": "tcp", "ipv6": False, **stage})
        return body

    return deco


class Desk(Lab):
    """A stage on which programs run: `serve` keeps one running to the end, `run` waits for one."""

    def __init__(self, name, **stage):
        super().__init__(name, **stage)
        self.programs = []
        self.random = random.Random(7)

    def serve(self, host, command, port=None, user=None):
        """Starts a program on a host ("c" or "s") and waits until its port listens. Its output goes to NAME.log."""
        words = shlex.split(command)
        log = open(self.path(f"{os.path.basename(words[0])}-{host}.log"), "a")
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        pr = subprocess.Popen(
            ["ip", "netns", "exec", NS[host], *as_user, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        self.programs.append(pr)
        for _ in range(100):
            if port is None or f":{port} " in self.run_in(host, "ss -Hltn"):
                return pr
            if pr.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{command} does not listen on {port}")

    def run(self, host, command, seconds=60, must=True):
        """Runs a shell command on a host to its end and returns what it printed."""
        words = ["ip", "netns", "exec", NS[host], "bash", "-c", command]
        r = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
        with open(self.path("commands.log"), "a") as f:
            f.write(f"{command}\n{r.stdout[-2000:]}{r.stderr[-2000:]}-> {r.returncode}\n")
        if must and r.returncode:
            raise RuntimeError(f"{command}: {r.returncode} {r.stderr.strip()[-400:]}")
        return r.stdout

    def pause(self, least, most):
        """A pause as people make it."""
        time.sleep(self.random.uniform(least, most))

    def __exit__(self, *ended):
        """Ends the programs only once the captures are closed: what their end would send is no part of the work."""
        try:
            return super().__exit__(*ended)
        finally:
            for pr in reversed(self.programs):
                if pr.poll() is None:
                    os.killpg(pr.pid, signal.SIGTERM)
            for pr in self.programs:
                try:
                    pr.wait(5)
                except subprocess.TimeoutExpired:
                    os.killpg(pr.pid, signal.SIGKILL)
