"""asks.py URL PAUSES: GETs the URL after each of these pauses (seconds, commas between), over a connection that it keeps and
opens again where the server has closed it."""

import http.client
import select
import sys
import time
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.netloc)
for pause in sys.argv[2].split(","):
    time.sleep(float(pause))
    # Pools look before they use a connection again: readable means that the server has closed it.
    if connection.sock and select.select([connection.sock], [], [], 0)[0]:
        connection.close()
    connection.request("GET", url.path)
    connection.getresponse().read()
connection.close()
