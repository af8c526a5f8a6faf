"""Shells and files over SSH."""

import os
import pty
import select
import subprocess
import time

from lab import NS

from .daemons import sshd
from .registry import SERVER, work


def type_into(desk, command, lines):
    """Runs a program on the client's host at a terminal and types the lines, key by key, as people do."""
    master, slave = pty.openpty()
    words = ["ip", "netns", "exec", NS["c"], "bash", "-c", command]
    pr = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    desk.programs.append(pr)

    def read(seconds):
        end = time.time() + seconds
        while (left := end - time.time()) > 0:
            if select.select([master], [], [], left)[0]:
                try:
                    if not os.read(master, 65536):
                        return
                except OSError:
                    return

    read(2)
    for line in lines:
        for key in line:
            os.write(master, key.encode())
            read(desk.random.uniform(0.05, 0.3))
        os.write(master, b"\r")
        read(desk.random.uniform(0.8, 2.0))
    pr.wait(20)
    os.close(master)


@work("ssh-typing", (80, "client"), (20, "server"))
def _(desk):
    """Somebody logs in by SSH, types five commands, one of which takes three seconds, and leaves."""
    options = sshd(desk)
    type_into(desk, f"ssh -tt {options} root@{SERVER} bash --norc", ["ls /etc | head -50", "cat /etc/passwd", "sleep 3; date", "uptime", "exit"])


@work("ssh-idle", (20, "client"))
def _(desk):
    """A session by SSH that nobody touches for 25 s, while its client asks every three seconds whether the server is
    there (ServerAliveInterval); then a command and the end."""
    options = sshd(desk)
    desk.run("c", f"(sleep 25; echo date; sleep 1; echo exit) | ssh -T -o ServerAliveInterval=3 {options} root@{SERVER} bash")


@work("scp", (20, "client"), (80, "server"), snap=80)
def _(desk):
    """scp copies 600 kB to the server and 600 kB back."""
    options = sshd(desk)
    with open(desk.path("sent"), "wb") as f:
        f.write(os.urandom(600_000))
    there = f"root@{SERVER}:{desk.path('kept')}"
    desk.run("c", f"scp -q {options} {desk.path('sent')} {there} && scp -q {options} {there} {desk.path('back')}")


@work("git", (20, "server"), snap=80)
def _(desk):
    """git clones a repository by SSH, commits, and pushes."""
    options = sshd(desk)
    there, here = desk.path("there.git"), desk.path("here")
    who = "-c user.name=a -c user.email=a@work.test"
    desk.run("s", f"git init -q --bare {there}")
    desk.run(
        "c",
        f"export GIT_SSH_COMMAND='ssh {options}'; git clone -q root@{SERVER}:{there} {here} && cd {here} && cp /usr/share/common-licenses/* . "
        f"&& git add . && git {who} commit -qm one && git push -q origin HEAD && cd / && rm -rf {here} && git clone -q root@{SERVER}:{there} {here}",
    )
