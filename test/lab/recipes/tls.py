"""Samples with TLS: both versions in use, and a handshake that is broken off. Certificate and key are made for the recording."""

import os
import socket
import ssl
import subprocess
import time

from sockets import drain, recvn, tcp_info

from .registry import recipe

NAME = "www.example.org"
PORT = 8443


def certificate(L):
    """A self-signed certificate and its key in the folder of the recording, which is not published."""
    cert, key = L.path("cert.pem"), L.path("key.pem")
    if not os.path.exists(cert):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
            + ["-subj", f"/CN={NAME}", "-keyout", key, "-out", cert],
            check=True,
            capture_output=True,
        )
    return cert, key


def server_context(L, least=ssl.TLSVersion.TLSv1_2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(L))
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.minimum_version = least
    return context


def client_context(most):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.maximum_version = most
    return context


def exchange(L, versions, least=ssl.TLSVersion.TLSv1_2):
    """One connection for each version at most: a request of 200 bytes, an answer of 3,000 where the handshake succeeds."""
    context = server_context(L, least)

    def srv(s, i):
        try:
            with context.wrap_socket(s, server_side=True) as t:
                recvn(t, 200)
                t.sendall(b"r" * 3000)
                drain(t)
                t.unwrap()
        except ssl.SSLError:
            pass

    join = L.serve(L.listen(PORT), srv, len(versions))
    for most in versions:
        s, rec = L.connect(PORT)
        begun = time.monotonic_ns()
        try:
            with client_context(most).wrap_socket(s, server_hostname=NAME) as t:
                took = time.monotonic_ns() - begun
                rec["tls"] = {"version": t.version(), "cipher": t.cipher()[0], "alpn": t.selected_alpn_protocol(), "name": NAME, "handshakeNs": took}
                t.sendall(b"q" * 200)
                recvn(t, 3000)
                rec["tcp_info"] = tcp_info(t)
                # Both say close_notify; a close without it would leave the other's unread, and reset.
                t.unwrap().close()
        except ssl.SSLError as e:
            rec["tls"] = {"error": e.reason, "name": NAME}
            s.close()
        time.sleep(0.1)
    join()


@recipe(
    "tls",
    expect=("closed", "closed"),
    snap=1600,
    point="client",
    why="the client's own capture: hellos whole, and every record of the handshake",
    question="Which server is asked for, which versions of TLS were agreed on, and how long did the TLS handshakes take?",
    answer=lambda f: f"{NAME} on both. The first connection uses TLS 1.3 and its handshake takes one round trip (about 30 ms), the second TLS 1.2 "
    "with two (about 60 ms), in which the server chooses the protocol h2 in the clear.",
    must=[NAME, "TLS 1.3", "TLS 1.2", "one round trip", "two round trips"],
)
def _(L):
    """Two TLS connections to www.example.org, the first with TLS 1.3, the second with TLS 1.2; both ask for h2."""
    exchange(L, [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])


@recipe(
    "tls-alert",
    snap=1600,
    point="client",
    why="the alert arrives here in the clear",
    question="Why did the client get no answer from the application?",
    answer=lambda f: f"The TLS handshake failed: the client offers {NAME} nothing newer than TLS 1.2, the server wants TLS 1.3 and sends the fatal alert protocol_version.",
    must=["TLS handshake failed", "protocol_version", "from the server"],
)
def _(L):
    """A client that knows nothing newer than TLS 1.2 meets a server that wants TLS 1.3: a fatal alert, then the close."""
    exchange(L, [ssl.TLSVersion.TLSv1_2], least=ssl.TLSVersion.TLSv1_3)


SILENCE = 10.6
REFUSED, CLOSED, SILENT, PROMPT, LATE = "refused", "closed", "silent", "prompt", "late"
CASES = (
    (REFUSED, ssl.TLSVersion.TLSv1_3),
    (CLOSED, ssl.TLSVersion.TLSv1_2),
    (CLOSED, ssl.TLSVersion.TLSv1_3),
    (SILENT, ssl.TLSVersion.TLSv1_3),
    (PROMPT, ssl.TLSVersion.TLSv1_3),
    (LATE, ssl.TLSVersion.TLSv1_3),
)


def leave(t, first):
    """Closes without close_notify and without a reset: the side that leaves first reads what the other still sends."""
    raw = socket.socket(fileno=t.detach())
    raw.settimeout(30)
    if first:
        raw.shutdown(socket.SHUT_WR)
    drain(raw)
    raw.close()


def behind_tls(L):
    """A server that does with each connection, once TLS is up, what its case says; clients that ask and wait."""
    plain, strict = server_context(L), server_context(L)
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_verify_locations(certificate(L)[0])

    def srv(s, i):
        case = CASES[i][0]
        t = (strict if case == REFUSED else plain).wrap_socket(s, server_side=True, do_handshake_on_connect=False)
        try:
            t.do_handshake()
            if case == SILENT:
                time.sleep(SILENCE + 1)
            elif case != CLOSED:
                recvn(t, 200)
                time.sleep(SILENCE if case == LATE else 0)
                t.sendall(b"r" * 700)
        except ssl.SSLError:
            pass
        leave(t, first=case in (REFUSED, CLOSED))

    def cli(i):
        case, most = CASES[i]
        time.sleep(0.15 * i)
        s, rec = L.connect(PORT)
        t = client_context(most).wrap_socket(s, server_hostname=NAME)
        rec["tls"] = {"version": t.version(), "cipher": t.cipher()[0], "alpn": t.selected_alpn_protocol(), "name": NAME}
        try:
            if case in (SILENT, PROMPT, LATE):
                t.sendall(b"q" * 200)
            t.settimeout(SILENCE if case == SILENT else 30)
            rec["end"] = f"{recvn(t, 700)} bytes"
        except (TimeoutError, ssl.SSLError) as e:
            rec["end"] = getattr(e, "reason", None) or "timeout"
        leave(t, first=True)

    join = L.serve(L.listen(PORT), srv, len(CASES))
    L.each(len(CASES), cli, par=len(CASES))
    join()


@recipe(
    "tls-up-app-down",
    expect=("closed",) * len(CASES),
    check=lambda f: [c["applicationSaw"] for c in f.c]
    == ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "0 bytes", "0 bytes", "timeout", "700 bytes", "700 bytes"]
    and not f.resets()
    and not f.repeats(),
    snap=1600,
    point="client",
    why="the client's own capture: every record, and what came of each request",
    question="All six TLS handshakes succeed. On which connections did the application behind them not answer, and how did each of those end?",
    answer=lambda f: "On the first four. The first ends with an alert behind the handshake (in TLS 1.3 a server refuses a client without a certificate only then), "
    f"the second and third are closed by the server at once, on the fourth the server stays silent after the request until the client gives up after {SILENCE} s. The fifth is answered at once, the sixth after {SILENCE} s.",
    must=["first four", "alert", "closed at once", "silent for more than 10 s", "late answer on the sixth"],
)
def _(L):
    """Six TLS connections to one server: refused for want of a client certificate, twice closed behind the handshake, silent, answered, and answered late."""
    behind_tls(L)
