"""Workload primitives of the lab: sockets born in a namespace, connects that are timed, servers in threads.

Network namespaces belong to threads in Linux, so one process can hold both ends of a connection:
setns(), socket(), setns() back. Nothing here looks at packets.
"""

import ctypes
import errno
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

IP = {4: {"c": "10.77.0.1", "s": "10.77.0.2"}, 6: {"c": "fd77::1", "s": "fd77::2"}}
CLONE_NEWNET = 0x40000000
TCP_INFO, TCP_QUICKACK, TCP_CONGESTION = 11, 12, 13
TCP_USER_TIMEOUT, TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_FASTOPEN = 18, 19, 20, 21, 23
_libc = ctypes.CDLL(None, use_errno=True)


def tcp_info(s):
    """The kernel's struct tcp_info of a socket as a dict, or None when the socket is gone."""
    try:
        b = s.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    except OSError:
        return None
    b = b.ljust(256, b"\0")
    o = dict(zip("state ca_state retransmits probes backoff".split(), b[:5]))
    for offset, code, names in (
        (
            8,
            "I",
            "rto ato snd_mss rcv_mss unacked sacked lost retrans - last_data_sent last_ack_sent last_data_recv "
            "last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans",
        ),
        (120, "Q", "bytes_acked bytes_received"),
        (136, "I", "segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out"),
        (168, "Q", "busy_time rwnd_limited sndbuf_limited"),
        (192, "I", "delivered delivered_ce"),
        (200, "Q", "bytes_sent bytes_retrans"),
        (216, "I", "dsack_dups reord_seen rcv_ooopack snd_wnd"),
    ):
        names = names.split()
        o.update(zip(names, struct.unpack_from(f"<{len(names)}{code}", b, offset)))
    del o["-"]
    return o


def timeouts(s, seconds):
    """Bounds every blocking call, so that a scenario that goes wrong ends."""
    tv = struct.pack("@ll", seconds, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, tv)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, tv)


class Sockets:
    """Mixed into Lab: needs `nsfd`, `conns`, `lock` and `extra`."""

    def sock(self, host, v=4, typ=socket.SOCK_STREAM, proto=0, tmo=30):
        """A socket born in the namespace of `host` ("c" or "s")."""
        if _libc.setns(self.nsfd[host], CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            s = socket.socket(socket.AF_INET if v == 4 else socket.AF_INET6, typ, proto)
        finally:
            _libc.setns(self.nsfd["0"], CLONE_NEWNET)
        if typ == socket.SOCK_STREAM:
            timeouts(s, tmo)
        return s

    def listen(self, port, host="s", v=4, backlog=256, cc=None, rcvbuf=0, pre=None):
        """A listening socket; `rcvbuf` bounds the window, `pre` may set further options."""
        s = self.sock(host, v)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if cc:
            s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, cc.encode())
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        if pre:
            pre(s)
        s.bind((IP[v][host], port))
        s.listen(backlog)
        return s

    def connect(self, port, host="c", to=None, v=4, lport=0, cc=None, pre=None, tag="", addr=None, tmo=30):
        """Connects and records how long the application waited. Returns (socket or None, record)."""
        addr = addr or IP[v][to or ("s" if host == "c" else "c")]
        s = self.sock(host, v, tmo=tmo)
        if cc:
            s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, cc.encode())
        if lport:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((IP[v][host], lport))
        if pre:
            pre(s)
        rec = {"opener": host, "tag": tag, "remote": [addr, port]}
        wall, mono = time.time_ns(), time.monotonic_ns()
        try:
            s.connect((addr, port))
            rec["result"] = "ok"
        except OSError as e:
            rec["result"] = errno.errorcode.get(e.errno, str(e.errno))
        rec["connect_start_ns"], rec["connect_ns"] = wall, time.monotonic_ns() - mono
        try:
            # A connect that failed has lost its source address, not its port.
            ip, lp = s.getsockname()[:2]
            rec["local"] = [IP[v][host] if ip in ("0.0.0.0", "::") else ip, lp]
        except OSError:
            rec["local"] = None
        with self.lock:
            self.conns.append(rec)
        if rec["result"] != "ok":
            s.close()
            return None, rec
        return s, rec

    def serve(self, ls, handler, n):
        """Accepts n connections in a thread; handler(socket, index) runs in a thread of its own. Returns join()."""
        workers = []

        def one(s, i, peer):
            try:
                handler(s, i)
            except OSError as e:
                self.extra.setdefault("server_errors", []).append(repr(e))
            finally:
                self.extra.setdefault("server_sockets", []).append({"peer": list(peer[:2]), "tcp_info": tcp_info(s)})
                s.close()

        def loop():
            for i in range(n):
                try:
                    s, peer = ls.accept()
                except OSError:
                    break
                timeouts(s, 30)
                t = threading.Thread(target=one, args=(s, i, peer), daemon=True)
                t.start()
                workers.append(t)

        acceptor = threading.Thread(target=loop, daemon=True)
        acceptor.start()

        def join(tmo=40):
            acceptor.join(tmo)
            end = time.time() + tmo
            for w in workers:
                w.join(max(0.1, end - time.time()))
            ls.close()

        return join

    def closing(self, s, rec):
        """Ends a client's sending, waits for the end of the other side's, notes the kernel's figures and closes."""
        s.shutdown(socket.SHUT_WR)
        drain(s)
        rec["tcp_info"] = tcp_info(s)
        rec["closed_first"] = "c"
        s.close()

    def each(self, n, fn, par=1):
        """Runs fn(0..n-1), `par` at a time; a socket error ends that one only and is recorded."""

        def guarded(i):
            try:
                fn(i)
            except OSError as e:
                self.extra.setdefault("client_errors", []).append(f"{i}: {e!r}")

        if par == 1:
            for i in range(n):
                guarded(i)
        else:
            with ThreadPoolExecutor(par) as pool:
                list(pool.map(guarded, range(n)))


def recvn(s, n):
    """Reads n bytes or until the end of the stream; returns how many came."""
    got = 0
    while got < n:
        b = s.recv(min(65536, n - got))
        if not b:
            break
        got += len(b)
    return got


def drain(s):
    """Reads to the end of the stream; returns how many bytes came."""
    n = 0
    while b := s.recv(65536):
        n += len(b)
    return n


def linger0(s):
    """From now on close() aborts: it sends RST instead of FIN."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def nodelay(s):
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def vanish(s):
    """Drops a socket without a word on the wire: close() under TCP_REPAIR sends neither FIN nor RST."""
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    s.close()
