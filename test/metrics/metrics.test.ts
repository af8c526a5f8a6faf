/** What Prometheus reads of a capture: the figures of its summary, in the text format, and nothing that strangers choose. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { Metrics } from "../../src/metrics/metrics.js";
import { serveMetrics } from "../../src/metrics/serve.js";
import { makeSummary } from "../report/record-fixture.js";

const traffic = {
  packets: [1, 2],
  wireBytes: [1, 2],
  connections: [0, 1],
  droppedPackets: [0, 0],
  states: { ESTABLISHED: [4, 5], CLOSE_WAIT: [0, 2] },
  open: 6,
};

async function measured(name = "eth0") {
  const analysis = await openAnalysis([new URL("../../captures/loss.pcap", import.meta.url).pathname]);
  await analysis.run();
  const summary = makeSummary();
  const interfaces = [{ ...summary.interfaces[0]!, name, droppedPackets: 7 }];
  return {
    summary,
    view: {
      progress: () => ({ ...analysis.progress(), packets: 1_000, connections: 12 }),
      summary: () => ({ ...summary, interfaces }),
      traffic: () => traffic,
    },
  };
}

describe("the figures", () => {
  it("are those of the summary and of the last second", async () => {
    const { view, summary } = await measured();
    const lines = (await new Metrics(view).text()).split("\n");
    expect(lines).toContain("tcpflow_packets_total 1000");
    expect(lines).toContain("tcpflow_connections_total 12");
    expect(lines).toContain('tcpflow_dropped_packets_total{interface="eth0"} 7');
    expect(lines).toContain('tcpflow_connections{state="CLOSE_WAIT"} 2');
    expect(lines).toContain('tcpflow_connections{state="SYN_SENT"} 0');
    expect(lines).toContain("tcpflow_open_connections 6");
    expect(lines).toContain(`tcpflow_outcomes{outcome="refused"} ${summary.outcomes.refused}`);
    expect(lines).toContain(`tcpflow_closes{close="reset"} ${summary.closes.reset}`);
    expect(lines).toContain("# TYPE tcpflow_connect_time_seconds histogram");
    const { counts } = summary.connectTimes;
    const all = counts.reduce((sum, count) => sum + count, 0);
    expect(lines).toContain(`tcpflow_connect_time_seconds_bucket{le="+Inf"} ${all}`);
    expect(lines).toContain(`tcpflow_connect_time_seconds_count ${all}`);
  });

  it("are the same when they are asked for again, and add up within a histogram", async () => {
    const metrics = new Metrics((await measured()).view);
    const first = await metrics.text();
    expect(await metrics.text()).toBe(first);
    const buckets = [...first.matchAll(/^tcpflow_server_leg_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)];
    const values = buckets.map(([, , value]) => Number(value));
    expect(values.length).toBeGreaterThan(3);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });

  it("have labels that cannot break out of their quotes", async () => {
    const text = await new Metrics((await measured('e"th\\0\nx 1')).view).text();
    expect(text).toContain('tcpflow_dropped_packets_total{interface="e\\"th\\\\0\\nx 1"} 7');
    // Each line is a comment, or a name, labels and a number.
    for (const line of text.split("\n").filter((one) => one !== ""))
      expect(line).toMatch(/^(#.*|[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"\})? [\d.e+-]+)$/);
  });
});

describe("their server", () => {
  it("answers under /metrics and nowhere else, and ends", async () => {
    const { view } = await measured();
    const port = await freePort();
    const end = await serveMetrics(view, { address: "127.0.0.1", port });
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    expect(await answer.text()).toContain("tcpflow_packets_total 1000");
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST" })).status).toBe(404);
    await expect(serveMetrics(view, { address: "127.0.0.1", port })).rejects.toThrow(
      "--metrics: something else listens there already; choose another port",
    );
    end();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
