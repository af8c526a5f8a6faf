"""Servers of Debian's packages, each set up in the recording's own folder."""

import os
import struct
import subprocess
import textwrap
import zlib

from .registry import HERE, PYTHON, SERVER

PROGRAMS = os.path.join(HERE, "programs")
POSTGRES = "/usr/lib/postgresql/15/bin"


def picture(size):
    """A PNG of grey noise, of about so many bytes: a browser breaks off what it cannot draw."""
    side = int(size**0.5)
    rows = b"".join(b"\0" + os.urandom(side) for _ in range(side))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def files(desk):
    """A site of some files, as pages have them: a page, two styles, six scripts and eight pictures of 2 to 40 kB."""
    root = desk.path("www")
    os.makedirs(root, exist_ok=True)
    os.chmod(desk.dir, 0o755)
    names = [f"style{i}.css" for i in range(2)] + [f"code{i}.js" for i in range(6)] + [f"picture{i}.png" for i in range(8)]
    for i, name in enumerate(names):
        size = 2000 + (i * 9973) % 38000
        body = picture(size)
        if name.endswith("js"):
            body = f"window.part{i} = 1; //{'x' * size}\n".encode()
        elif name.endswith("css"):
            body = f"body {{ margin: {i}px }} /*{'x' * size}*/\n".encode()
        with open(f"{root}/{name}", "wb") as f:
            f.write(body)
    tags = [f'<link rel="stylesheet" href="/{n}">' for n in names if n.endswith("css")]
    tags += [f'<script src="/{n}"></script>' for n in names if n.endswith("js")]
    tags += [f'<img src="/{n}">' for n in names if n.endswith("png")]
    with open(f"{root}/index.html", "w") as f:
        f.write("<!doctype html><title>page</title>" + "\n".join(tags))
    return root


def nginx(desk, host, servers, *, port, more=""):
    """nginx with the given server blocks."""
    desk.nginx = getattr(desk, "nginx", 0) + 1
    folder = desk.path(f"nginx{desk.nginx}")
    os.makedirs(folder)
    os.chmod(desk.dir, 0o755)
    conf = f"""
        daemon off; user www-data; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 512; }}
        http {{
          include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on; gzip off;
          client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
          fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
          {more}
          {servers}
        }}"""
    desk.write(f"nginx{desk.nginx}/nginx.conf", textwrap.dedent(conf))
    desk.serve(host, f"nginx -c {folder}/nginx.conf", port)


def certificate(desk):
    """A certificate that its own key signed; returns nginx's directives for it."""
    key, crt = desk.path("key.pem"), desk.path("crt.pem")
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=work.test -keyout {key} -out {crt}", shell=True, check=True, capture_output=True
    )
    return f"ssl_certificate {crt}; ssl_certificate_key {key};"


def python(desk, host, name, port, *args):
    """A small server of programs/."""
    return desk.serve(host, f"{PYTHON} {PROGRAMS}/{name}.py {port} {' '.join(args)}", port)


def sshd(desk):
    """An SSH server, and the options with which a client gets in."""
    os.makedirs("/run/sshd", exist_ok=True)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", desk.path(key)], check=True)
    settings = [
        f"Port 22\nHostKey {desk.path('host')}\nAuthorizedKeysFile {desk.path('user.pub')}",
        "StrictModes no\nPidFile none\nUseDNS no\nUsePAM no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
    ]
    desk.write("sshd_config", "\n".join(settings))
    desk.serve("s", f"/usr/sbin/sshd -D -e -f {desk.path('sshd_config')}", 22)
    return f"-i {desk.path('user')} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"


def postgres(desk):
    """PostgreSQL with pgbench's tables, made over its UNIX socket."""
    folder = f"/tmp/work-postgres-{os.getpid()}"
    if not os.path.exists(folder):
        as_postgres = "setpriv --reuid=postgres --regid=postgres --clear-groups"
        make = f"install -d -o postgres {folder} && {as_postgres} {POSTGRES}/initdb -D {folder}/data -A trust"
        subprocess.run(make, shell=True, check=True, capture_output=True)
        with open(f"{folder}/data/pg_hba.conf", "a") as f:
            f.write("host all all 10.77.0.0/24 trust\n")
    settings = f"-c listen_addresses=* -c unix_socket_directories={folder} -c fsync=off"
    desk.serve("s", f"{POSTGRES}/postgres -D {folder}/data {settings}", 5432, "postgres")
    desk.run("s", f"{POSTGRES}/pgbench -q -i -h {folder} -U postgres postgres")


def pgbouncer(desk):
    """A pool of connections in front of PostgreSQL, on the client's host."""
    conf = f"[databases]\npostgres = host={SERVER} port=5432 user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = 6432\nauth_type = any\n"
    conf += "pool_mode = transaction\ndefault_pool_size = 4\nignore_startup_parameters = extra_float_digits\n"
    desk.write("pool.ini", conf)
    os.chmod(desk.dir, 0o755)
    desk.serve("c", f"/usr/sbin/pgbouncer {desk.path('pool.ini')}", 6432, "postgres")
