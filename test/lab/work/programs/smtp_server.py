"""smtp_server.py PORT: takes mails and forgets them."""

import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

Controller(Sink(), hostname="", port=int(sys.argv[1])).start()
time.sleep(3600)
