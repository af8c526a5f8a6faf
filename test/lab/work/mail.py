"""Mail, where the server speaks first."""

import os

from .daemons import PROGRAMS, python
from .registry import PYTHON, SERVER, work


@work("smtp", (20, "client"), (80, "server"))
def _(desk):
    """A client sends three mails over a connection each, then two over one, one of them of 60 kB."""
    python(desk, "s", "smtp_server", 2525)
    desk.run("c", f"{PYTHON} {PROGRAMS}/smtp_client.py {SERVER} 2525")


@work("imap", (20, "client"))
def _(desk):
    """A client logs in to Dovecot, reads 20 mails and waits for new ones (IDLE); one comes after 14 s, and it leaves."""
    folder = desk.path("imap")
    for part in ("new", "cur", "tmp"):
        os.makedirs(f"{folder}/mail/{part}")
    for i in range(20):
        desk.write(f"imap/mail/cur/{1000 + i}.a:2,S", f"From: a@work.test\nSubject: {i}\n\n{'text ' * 300}\n")
    desk.write("imap/users", "a:{PLAIN}a:65534:65534::/nonexistent\n")
    desk.write(
        "imap/dovecot.conf",
        f"base_dir = {folder}/run\nlog_path = {folder}/log\nprotocols = imap\nlisten = {SERVER}\nssl = no\ndisable_plaintext_auth = no\n"
        f"mail_location = maildir:{folder}/mail\npassdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
        f"userdb {{\n driver = passwd-file\n args = {folder}/users\n}}\nfirst_valid_uid = 1\nmailbox_idle_check_interval = 2 secs\n",
    )
    desk.run("s", f"chmod 755 {desk.dir}; chown -R nobody:nogroup {folder}/mail")
    desk.serve("s", f"dovecot -F -c {folder}/dovecot.conf", 143)
    desk.run("c", f"{PYTHON} {PROGRAMS}/imap_client.py {SERVER} {folder}/mail")
