"""events.py PORT: an HTTP server that answers at once (/now), late (/poll?SECONDS), or bit by bit (/events)."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/events":
            return self.events(query == "pause")
        if path == "/poll":
            time.sleep(float(query or 25))
        body = b"x" * 900
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def events(self, pauses):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for i in range(60):
            try:
                self.wfile.write(f"data: {i:022d}\n\n".encode())
                self.wfile.flush()
            except OSError:
                break
            time.sleep(8 if pauses and i == 3 else 2)
        self.close_connection = True

    def log_message(self, *_):
        pass


ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
