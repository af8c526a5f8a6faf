"""smtp_client.py ADDRESS PORT: three mails over a connection each, then a small and a large one over one."""

import smtplib
import sys
import time

where = (sys.argv[1], int(sys.argv[2]))
small = "From: a@work.test\nSubject: small\n\ntext\n"
for _ in range(3):
    with smtplib.SMTP(*where) as smtp:
        smtp.sendmail("a@work.test", ["b@work.test"], small)
    time.sleep(0.5)
with smtplib.SMTP(*where) as smtp:
    smtp.sendmail("a@work.test", ["b@work.test"], small)
    smtp.sendmail("a@work.test", ["b@work.test", "c@work.test"], small + "line of the text\n" * 3500)
