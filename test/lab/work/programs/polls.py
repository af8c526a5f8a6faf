"""polls.py URL N SECONDS: N clients with a connection each: a question that is answered at once, then one long poll after the
other; leaves after so many seconds without closing anything."""

import http.client
import os
import sys
import threading
import time
from urllib.parse import urlsplit

url, n, seconds = urlsplit(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


def poll(i):
    time.sleep(i * 0.37)
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("GET", "/now")
    connection.getresponse().read()
    while True:
        connection.request("GET", url.path)
        connection.getresponse().read()


for i in range(n):
    threading.Thread(target=poll, args=(i,), daemon=True).start()
time.sleep(seconds)
os._exit(0)
