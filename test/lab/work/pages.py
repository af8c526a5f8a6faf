"""Pages, files and programming interfaces over HTTP."""

import os

from .daemons import PROGRAMS, certificate, files, nginx, python
from .registry import PYTHON, SERVER, work

BROWSER = "chromium --headless --no-sandbox --disable-gpu --ignore-certificate-errors --no-first-run --disable-extensions"


def browse(desk, *addresses):
    """Opens one page after the other in a browser that begins anew each time."""
    for i, address in enumerate(addresses):
        desk.run("c", f"{BROWSER} --user-data-dir={desk.path(f'profile{i}')} --dump-dom {address} | grep -c picture7")


@work("page-http1", (20, "client"), (80, "server"))
def _(desk):
    """A browser loads a page with two styles, six scripts and eight pictures over HTTP/1.1 from nginx, and ends."""
    nginx(desk, "s", f"server {{ listen 8080; root {files(desk)}; }}", port=8080)
    browse(desk, f"http://{SERVER}:8080/")


@work("page-tls", (20, "client"), snap=120)
def _(desk):
    """The same page over TLS and HTTP/1.1."""
    nginx(desk, "s", f"server {{ listen 8443 ssl; root {files(desk)}; {certificate(desk)} }}", port=8443)
    browse(desk, f"https://{SERVER}:8443/")


@work("page-http2", (80, "client"), snap=120)
def _(desk):
    """The same page over TLS and HTTP/2."""
    nginx(desk, "s", f"server {{ listen 8443 ssl http2; root {files(desk)}; {certificate(desk)} }}", port=8443)
    browse(desk, f"https://{SERVER}:8443/")


@work("tls-farewell", (20, "client"), snap=600)
def _(desk):
    """openssl s_client asks four times, in HTTP/1.0, a server that closes after its answer; the client takes leave (TLS's
    close_notify), which comes to a closed socket."""
    certificate(desk)
    python(desk, "s", "tls_server", 8443, desk.path("crt.pem"), desk.path("key.pem"))
    for _ in range(4):
        desk.run("c", f"printf 'GET /crt.pem HTTP/1.0\\r\\n\\r\\n' | timeout 5 openssl s_client -quiet -connect {SERVER}:8443 | grep -c CERT")


@work("parallel", (80, "client"))
def _(desk):
    """curl fetches 24 files, six at a time, over connections that it keeps."""
    nginx(desk, "s", f"server {{ listen 8080; root {files(desk)}; }}", port=8080)
    names = [f"picture{i}.png" for i in range(8)] * 3
    words = " ".join(f"-o /dev/null http://{SERVER}:8080/{n}" for n in names)
    desk.run("c", f"curl -sS --parallel --parallel-max 6 {words}")


@work("idle-closed", (20, "client"))
def _(desk):
    """A client asks four times over one connection, with pauses; nginx closes it after five seconds of silence, and the
    client, which asks again later, opens another one."""
    nginx(desk, "s", f"server {{ listen 8080; root {files(desk)}; keepalive_timeout 5; }}", port=8080)
    desk.run("c", f"{PYTHON} {PROGRAMS}/asks.py http://{SERVER}:8080/style0.css 0,1,2,1,8,1")


@work("download", (20, "client"), (80, "server"), snap=80, link={"both": {"rate_kbps": 50_000, "queue_bytes": 4_000_000}})
def _(desk):
    """curl fetches 1.2 MB over 50 Mbit/s, then as much again over the same connection."""
    root = files(desk)
    with open(os.path.join(root, "big"), "wb") as f:
        f.write(os.urandom(1_200_000))
    nginx(desk, "s", f"server {{ listen 8080; root {root}; }}", port=8080)
    desk.run("c", f"curl -sS -o /dev/null http://{SERVER}:8080/big -o /dev/null http://{SERVER}:8080/big")


@work("download-offloaded", (20, "server"), snap=80, offload=True)
def _(desk):
    """curl fetches 30 MB; both hosts hand over segments of up to 64 kB to their interfaces."""
    root = files(desk)
    with open(os.path.join(root, "big"), "wb") as f:
        f.write(os.urandom(30_000_000))
    nginx(desk, "s", f"server {{ listen 8080; root {root}; }}", port=8080)
    desk.run("c", f"curl -sS -o /dev/null http://{SERVER}:8080/big")


@work("upload", (80, "client"), snap=80)
def _(desk):
    """curl sends 1.5 MB to nginx, which keeps it (PUT, Expect: 100-continue), and fetches its head."""
    root = files(desk)
    os.chmod(root, 0o777)
    with open(desk.path("sent"), "wb") as f:
        f.write(os.urandom(1_500_000))
    nginx(desk, "s", f"server {{ listen 8080; root {root}; client_max_body_size 9m; location / {{ dav_methods PUT; }} }}", port=8080)
    desk.run("c", f"curl -sSf -T {desk.path('sent')} http://{SERVER}:8080/kept && curl -sSfI http://{SERVER}:8080/kept")


@work("proxy", (20, "server"))
def _(desk):
    """Sixty requests, four at a time, reach nginx through another nginx, which keeps its connections to it."""
    nginx(desk, "s", f"server {{ listen 8080; root {files(desk)}; }}", port=8080)
    kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
    nginx(
        desk,
        "c",
        f"server {{ listen 8000; location / {{ proxy_pass http://behind; {kept} }} }}",
        port=8000,
        more=f"upstream behind {{ server {SERVER}:8080; keepalive 8; }}",
    )
    desk.run("c", "ab -q -n 60 -c 4 http://127.0.0.1:8000/style0.css")


@work("one-request-each", (20, "client"))
def _(desk):
    """ab asks 30 times, two at a time, over a connection each (it does not keep them)."""
    nginx(desk, "s", f"server {{ listen 8080; root {files(desk)}; }}", port=8080)
    desk.run("c", f"ab -q -n 30 -c 2 http://{SERVER}:8080/style0.css")
