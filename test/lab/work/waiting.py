"""Connections on which long silences are meant."""

from .daemons import PROGRAMS, python
from .registry import PYTHON, SERVER, work


@work("long-poll", (20, "client"), (80, "server"))
def _(desk):
    """Four clients ask for what is new, over connections that they keep: each answer comes after 25 s, but for those of a
    first question, which comes at once; when half of the second question's wait is over, the capture ends."""
    python(desk, "s", "events", 8080)
    desk.run("c", f"{PYTHON} {PROGRAMS}/polls.py http://{SERVER}:8080/poll 4 37")


@work("fresh-poll", (20, "client"))
def _(desk):
    """Clients ask for what is new over a connection each: eight answers come after 12 s, and two more are still waited
    for, for 11 s, when the capture ends."""
    python(desk, "s", "events", 8080)
    desk.run("c", f"for i in 1 2 3 4 5 6 7 8; do curl -sS http://{SERVER}:8080/poll?12 & sleep 0.3; done; wait")
    for _ in range(2):
        desk.serve("c", f"curl -sS http://{SERVER}:8080/poll?12")
    desk.run("c", "sleep 11")


@work("events", (80, "client"))
def _(desk):
    """Two readers of server-sent events: a line of 30 bytes every two seconds, to one of them nothing for eight seconds
    in between; after 24 s they leave."""
    python(desk, "s", "events", 8080)
    desk.run("c", f"curl -sSN --max-time 24 http://{SERVER}:8080/events & curl -sSN --max-time 24 http://{SERVER}:8080/events?pause & wait", must=False)


@work("websocket", (20, "client"), (80, "server"))
def _(desk):
    """Three WebSockets with pings of the server every four seconds and messages of the client at random, closed by the
    client after 24 s."""
    python(desk, "s", "websocket_server", 8765)
    desk.run("c", f"{PYTHON} {PROGRAMS}/websocket_client.py ws://{SERVER}:8765 3 24")


@work("scrape", (20, "server"))
def _(desk):
    """A monitor fetches a page of figures every two seconds over a connection that it keeps, 14 times."""
    python(desk, "s", "events", 8080)
    desk.run("c", f"{PYTHON} {PROGRAMS}/asks.py http://{SERVER}:8080/now {','.join(['0'] + ['2'] * 13)}")
