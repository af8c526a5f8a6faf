"""tls_server.py PORT CERTIFICATE KEY: files of the certificate's folder over TLS."""

import os
import ssl
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

port, certificate, key = sys.argv[1:]
os.chdir(os.path.dirname(certificate))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = ThreadingHTTPServer(("", int(port)), SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
