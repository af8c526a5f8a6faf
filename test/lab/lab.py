"""One scenario's stage: namespaces, the impairment bridge, the captures and the kernel-truth recorder.

Three namespaces stand in a row: gt-c (client, gtc0) - gt-m (bin/bridge) - gt-s (server, gts0).
`with Lab(name, ...) as L:` sets them up, records while the body runs, and takes them down again.
What was recorded is turned into truth.json by truth.py; nothing here judges a packet.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time

from sockets import IP, Sockets

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("GT_BIN", os.path.join(HERE, "bin"))
OUT = os.environ.get("GT_OUT", os.path.join(HERE, "out"))
NS = {"c": "gt-c", "m": "gt-m", "s": "gt-s"}
IFC = {"c": "gtc0", "s": "gts0"}
MAC = {"c": "02:77:00:00:00:01", "s": "02:77:00:00:00:02"}


def sh(cmd, check=True):
    r = subprocess.run(cmd, shell=True, capture_output=True, text=True)
    if check and r.returncode:
        raise RuntimeError(f"{cmd}: {r.stderr.strip()}")
    return r.stdout


class Lab(Sockets):
    """rtt_ms: two-way delay of the bridge. rules, link: see src/bridge.c. sysctl: key or "c:key" / "s:key" -> value.
    fmt: pcap-us, pcap-ns or pcapng. settle: seconds recorded after the body. late: captures start at start_captures().
    kernel: whether the kernel's truth is recorded; without it truth.py has nothing to build from."""

    def __init__(
        self,
        name,
        *,
        rtt_ms=20,
        rules=(),
        link=None,
        sysctl=None,
        offload=False,
        fmt="pcap-ns",
        snap=128,
        seed=1,
        mtu=1500,
        mid_vlan=0,
        settle=0.7,
        note="",
        capture_filter="ip or ip6",
        late=False,
        ipv6=True,
        kernel=True,
    ):
        self.name, self.note, self.rtt_ms, self.settle = name, note, rtt_ms, settle
        self.rules, self.link, self.sysctl = list(rules), link or {}, sysctl or {}
        self.offload, self.fmt, self.snap, self.mtu, self.mid_vlan = offload, fmt, snap, mtu, mid_vlan
        self.capture_filter, self.late, self.ipv6, self.kernel = capture_filter, late, ipv6, kernel
        self.seed = seed + int(os.environ.get("GT_SEED", "0"))
        self.dir = os.path.join(OUT, name)
        self.conns, self.procs, self.held, self.extra, self.nsfd = [], [], [], {}, {}
        self.lock = threading.Lock()
        ext = "pcapng" if fmt == "pcapng" else "pcap"
        self.caps = {"client": f"client.{ext}", "server": f"server.{ext}", "mid": "mid.pcap"}

    def __enter__(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.teardown()
        self.make_namespaces()
        self.set_sysctls()
        for h in "cs":
            self.nsfd[h] = os.open(f"/run/netns/{NS[h]}", os.O_RDONLY)
        self.nsfd["0"] = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.write("fwd.conf", self.bridge_config())
        self.nstat0 = {h: self.nstat(h) for h in "cs"}
        if self.kernel:
            self.spawn([f"{BIN}/recorder", f"{BIN}/truth.bpf.o", self.path("kernel.jsonl")], "recorder", ready=True)
        self.spawn(
            ["ip", "netns", "exec", "gt-m", f"{BIN}/bridge", "gtm0", "gtm1", self.path("fwd.conf"), self.path("fwd.tsv"), self.path("mid.pcap")],
            "bridge",
            ready=True,
        )
        self.bridge_ns = time.time_ns()
        if not self.late:
            self.start_captures()
        self.t0 = time.time_ns()
        return self

    def make_namespaces(self):
        if not shutil.which("ethtool"):
            raise RuntimeError("ethtool is missing: every capture would be one with offloads")
        for n in NS.values():
            sh(f"ip netns add {n}")
        sh("ip link add gtc0 netns gt-c type veth peer name gtm0 netns gt-m")
        sh("ip link add gts0 netns gt-s type veth peer name gtm1 netns gt-m")
        for h in "cs":
            n, i = NS[h], IFC[h]
            sh(f"ip -n {n} link set {i} address {MAC[h]} mtu {self.mtu}")
            if self.ipv6:
                sh(f"ip netns exec {n} sysctl -qw net.ipv6.conf.{i}.accept_dad=0 net.ipv6.conf.{i}.router_solicitations=0")
                sh(f"ip -n {n} addr add {IP[6][h]}/64 dev {i} nodad")
            else:
                sh(f"ip netns exec {n} sysctl -qw net.ipv6.conf.{i}.disable_ipv6=1")
            sh(f"ip netns exec {n} sysctl -qw net.ipv4.tcp_no_metrics_save=1 net.ipv4.tcp_fin_timeout=5")
            sh(f"ip -n {n} addr add {IP[4][h]}/24 dev {i}; ip -n {n} link set lo up; ip -n {n} link set {i} up")
        for i in ("gtm0", "gtm1"):
            sh(f"ip netns exec gt-m sysctl -qw net.ipv6.conf.{i}.disable_ipv6=1; ip -n gt-m link set {i} mtu {self.mtu} up")
        # Permanent neighbours: no ARP and no neighbour discovery in any capture.
        for h, other in (("c", "s"), ("s", "c")):
            for v in (4, 6) if self.ipv6 else (4,):
                sh(f"ip -n {NS[h]} neigh replace {IP[v][other]} lladdr {MAC[other]} dev {IFC[h]} nud permanent")
        # Some settings are refused on some kernels, which does no harm; without the program none would be made.
        if not shutil.which("ethtool"):
            raise RuntimeError("ethtool is not installed")
        state = "on" if self.offload else "off"
        for n, i in (("gt-c", "gtc0"), ("gt-s", "gts0"), ("gt-m", "gtm0"), ("gt-m", "gtm1")):
            sh(f"ip netns exec {n} ethtool -K {i} tso {state} gso {state} gro {state} tx {state} rx {state}", check=False)

    def set_sysctls(self):
        for k, v in self.sysctl.items():
            hosts, _, key = k.partition(":") if ":" in k else ("cs", "", k)
            for h in hosts:
                sh(f"ip netns exec {NS[h]} sysctl -qw {key}='{v}'")

    def bridge_config(self):
        lines = [f"seed {self.seed}"] + ([f"mid_vlan {self.mid_vlan}"] if self.mid_vlan else [])
        for d in ("c2s", "s2c"):
            kv = {"delay_us": int(self.rtt_ms * 500), **self.link.get("both", {}), **self.link.get(d, {})}
            lines.append(f"link {d} " + " ".join(f"{k}={v}" for k, v in kv.items()))
        return "\n".join(lines + ["rule " + r for r in self.rules]) + "\n"

    def start_captures(self):
        """tcpdump (or dumpcap for pcapng) at both ends; returns when both files exist and the sockets listen."""
        for h, point in (("c", "client"), ("s", "server")):
            fn = self.path(self.caps[point])
            if self.fmt == "pcapng":
                cmd = ["dumpcap", "-q", "-i", IFC[h], "-s", str(self.snap), "-B", "64", "-f", self.capture_filter, "-w", fn]
            else:
                precision = "nano" if self.fmt == "pcap-ns" else "micro"
                cmd = [
                    "tcpdump",
                    "-Z",
                    "root",
                    "--immediate-mode",
                    "-i",
                    IFC[h],
                    "-s",
                    str(self.snap),
                    "-B",
                    "65536",
                    "--time-stamp-precision=" + precision,
                    "-w",
                    fn,
                    self.capture_filter,
                ]
            self.spawn(["ip", "netns", "exec", NS[h]] + cmd, "cap-" + point)
        for point in ("client", "server"):
            for _ in range(100):
                if os.path.exists(self.path(self.caps[point])):
                    break
                time.sleep(0.03)
        time.sleep(0.25)

    def __exit__(self, et, ev, tb):
        time.sleep(self.settle + self.rtt_ms / 1000)
        self.t1 = time.time_ns()
        at_end = {h: self.socket_table(h) for h in "cs"}
        for name, pr in reversed(self.procs):
            if pr.poll() is None:
                pr.send_signal(signal.SIGINT)
            if name.startswith("cap") or name == "bridge":
                try:
                    pr.wait(8)
                except subprocess.TimeoutExpired:
                    pr.kill()
        time.sleep(0.15)
        for name, pr in self.procs:
            try:
                _, err = pr.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                pr.kill()
                err = "killed"
            self.extra.setdefault("stderr", {})[name] = (err or "").strip()[-400:]
        now = {h: self.nstat(h) for h in "cs"}
        diff = {h: {k: v - self.nstat0[h].get(k, 0) for k, v in now[h].items() if v != self.nstat0[h].get(k, 0)} for h in "cs"}
        self.write(
            "app.json",
            json.dumps(
                {
                    "name": self.name,
                    "note": self.note,
                    "rtt_ms": self.rtt_ms,
                    "offload": self.offload,
                    "fmt": self.fmt,
                    "snap": self.snap,
                    "t0_ns": self.t0,
                    "t1_ns": self.t1,
                    "captures": self.caps,
                    "sysctl": self.sysctl,
                    "conns": self.conns,
                    "nstat": diff,
                    "sockets_at_end": at_end,
                    "extra": self.extra,
                    "error": repr(ev) if ev else None,
                },
                indent=1,
            ),
        )
        for fd in self.nsfd.values():
            os.close(fd)
        self.teardown()
        for s in self.held:
            s.close()
        return False

    def hold(self, s):
        """Keeps a socket open until everything has been recorded and the namespaces are gone."""
        self.held.append(s)
        return s

    def socket_table(self, h):
        """Every TCP socket of a host as `ss` shows it now: [state, local, remote]."""
        rows = [l.split() for l in sh(f"ip netns exec {NS[h]} ss -Htan").splitlines()]
        return [[r[0], r[3], r[4]] for r in rows if len(r) >= 5]

    def teardown(self):
        for n in NS.values():
            if os.path.exists(f"/run/netns/{n}"):
                sh(f"ip netns del {n}", check=False)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def run_in(self, h, cmd):
        """Runs a shell command in the namespace of a host."""
        return sh(f"ip netns exec {NS[h]} {cmd}")

    def nstat(self, h):
        j = json.loads(sh(f"ip netns exec {NS[h]} nstat -asz -j"))
        return {k: v for k, v in j["kernel"].items() if k.startswith(("Tcp", "Ip6", "IpE"))}

    def spawn(self, cmd, name, ready=False):
        """Starts a helper process; with `ready`, waits until it prints that word."""
        pr = subprocess.Popen(cmd, stdout=subprocess.PIPE if ready else subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if ready and pr.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{name}: {pr.stderr.read()}")
        self.procs.append((name, pr))
        return pr
