/** Serves the figures of a capture under `/metrics`, to whoever may reach the address. */
import { once } from "node:events";
import { createServer } from "node:http";
import { CannotServe } from "./cannot-serve.js";
import { type Measured, Metrics } from "./metrics.js";

export interface MetricsAddress {
  readonly address: string;
  readonly port: number;
}

/** Nobody who asks keeps more than so many connections, and none without asking. */
const MOST_CONNECTIONS = 16;
const PATIENCE_MS = 5000;

/** Begins to serve; done when it listens. It ends when it is called. Throws `CannotServe`. */
export async function serveMetrics(
  measured: Measured,
  { address, port }: MetricsAddress,
): Promise<() => void> {
  const metrics = new Metrics(measured);
  const server = createServer(
    { requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS },
    (request, response) => {
      const isFound =
        request.url?.split("?")[0] === "/metrics" && (request.method === "GET" || request.method === "HEAD");
      if (!isFound) {
        response.writeHead(404, { "content-type": "text/plain" }).end("the figures are under /metrics\n");
        return;
      }
      metrics.text().then(
        (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CannotServe(SENTENCES[code ?? ""] ?? `the metrics cannot be served there (${message})`);
  }
  server.unref();
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

const SENTENCES: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there already; choose another port for --metrics",
  EACCES: "ports below 1024 need root; choose another one for --metrics",
  EADDRNOTAVAIL: "this host has no such address; --metrics needs one of its own",
};
