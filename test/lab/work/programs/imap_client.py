"""imap_client.py ADDRESS FOLDER: reads what is there, waits for new mail by IDLE, while a mail is put into the folder."""

import imaplib
import os
import sys
import threading
import time

address, folder = sys.argv[1:]
imap = imaplib.IMAP4(address)
imap.login("a", "a")
imap.select()
for n in range(1, 21):
    imap.fetch(str(n), "(RFC822)")


def deliver():
    time.sleep(14)
    with open(f"{folder}/tmp/2000.a", "w") as f:
        f.write("From: b@work.test\nSubject: new\n\ntext\n")
    os.chown(f"{folder}/tmp/2000.a", 65534, 65534)
    os.rename(f"{folder}/tmp/2000.a", f"{folder}/new/2000.a")


threading.Thread(target=deliver).start()
imap.send(b"z1 IDLE\r\n")
while b"EXISTS" not in imap.readline():
    pass
imap.send(b"DONE\r\n")
while not imap.readline().startswith(b"z1"):
    pass
imap.logout()
