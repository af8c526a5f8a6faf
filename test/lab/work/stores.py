"""Databases, caches and names."""

import time

from .daemons import PROGRAMS, pgbouncer, postgres
from .registry import PYTHON, SERVER, work

PG = f"-h {SERVER} -U postgres"


@work("psql", (20, "client"))
def _(desk):
    """psql asks seven things, each over a connection of its own, and a list of statements over one."""
    postgres(desk)
    for i in range(7):
        desk.run("c", f"psql {PG} -Atc 'select count(*) from pgbench_accounts where aid < {i * 1000}'")
    desk.run("c", f"(for i in 1 2 3 4 5; do echo 'select * from pgbench_accounts limit 40;'; sleep 0.7; done) | psql {PG}")


@work("pgbench", (0, "server"), (20, "client"))
def _(desk):
    """pgbench: four clients of ten transactions each, over connections that they keep; then twelve transactions over a
    connection each."""
    postgres(desk)
    desk.run("c", f"pgbench -n -c 4 -j 2 -t 10 {PG} postgres")
    desk.run("c", f"pgbench -n -S -C -c 2 -t 6 {PG} postgres")


@work("pool", (20, "client"))
def _(desk):
    """Six clients of ten transactions each, through pgbouncer, which keeps four connections to PostgreSQL; at the end
    they are still open."""
    postgres(desk)
    pgbouncer(desk)
    desk.run("c", "pgbench -n -c 6 -t 10 -h 127.0.0.1 -p 6432 -U postgres postgres")


@work("long-query", (20, "client"))
def _(desk):
    """psql waits twelve seconds for one answer, since the statement takes that long."""
    postgres(desk)
    desk.run("c", f"psql {PG} -Atc 'select pg_sleep(12)'")


def redis(desk):
    desk.serve("s", f"redis-server --bind {SERVER} --port 6379 --protected-mode no --save '' --dir {desk.dir}", 6379)


@work("redis", (0, "client"), (20, "server"))
def _(desk):
    """redis-cli sets and gets; redis-benchmark asks 400 times over five connections, then 400 times in batches of 16."""
    redis(desk)
    for i in range(4):
        desk.run("c", f"redis-cli -h {SERVER} set key{i} value && redis-cli -h {SERVER} get key{i}")
    desk.run("c", f"redis-benchmark -q -h {SERVER} -c 5 -n 200 -t get,set")
    desk.run("c", f"redis-benchmark -q -h {SERVER} -c 5 -n 400 -P 16 -t get")


@work("redis-pool", (20, "client"))
def _(desk):
    """A program with a pool of connections to Redis: six threads ask at random times, and two listen: one for messages
    of a channel, one for the next piece of a queue (BLPOP with a limit of four seconds)."""
    redis(desk)
    desk.run("c", f"{PYTHON} {PROGRAMS}/redis_pool.py {SERVER}")


@work("dns", (20, "client"))
def _(desk):
    """dig asks over TCP: eight names over a connection each, and four over one that it keeps."""
    settings = f"--no-resolv --no-hosts --conf-file=/dev/null --pid-file={desk.path('pid')} --user=root --log-facility=-"
    names = f"--address=/work.test/192.0.2.7 --listen-address={SERVER} --bind-interfaces"
    desk.serve("s", f"dnsmasq --keep-in-foreground {settings} {names}", 53)
    for i in range(8):
        desk.run("c", f"dig +tcp @{SERVER} host{i}.work.test")
        time.sleep(0.2)
    desk.run("c", f"dig +tcp +keepopen @{SERVER} a.work.test b.work.test c.work.test d.work.test")


@work("mariadb", (20, "server"))
def _(desk):
    """MariaDB, whose server speaks first: six commands over a connection each, then statements over one with pauses."""
    data = desk.path("mariadb")
    own = f"--no-defaults --user=root --datadir={data}"
    desk.run("s", f"mariadb-install-db {own} --auth-root-authentication-method=normal >/dev/null")
    desk.serve("s", f"mariadbd {own} --socket={data}/socket --bind-address={SERVER} --port=3306 --skip-name-resolve", 3306)
    setup = "create user a@'%' identified by ''; grant all on *.* to a@'%'; create database work"
    desk.run("s", f'mariadb --no-defaults -u root -S {data}/socket -e "{setup}"')
    for i in range(6):
        desk.run("c", f"mariadb --no-defaults -h {SERVER} -u a work -e 'select {i}, now()'")
    desk.run("c", f"(for i in 1 2 3 4 5; do echo \"select repeat('x', 4000);\"; sleep 0.7; done) | mariadb --no-defaults -h {SERVER} -u a work")
