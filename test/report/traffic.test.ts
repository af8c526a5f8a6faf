/** A capture second by second: rates, states, and seconds in which nobody asked. */
import { expect, it } from "vitest";
import { TrafficWatch } from "../../src/analysis-traffic.js";
import { Connections } from "../../src/connection/connections.js";
import { TRAFFIC_SECONDS } from "../../src/report/traffic.js";

const counts = (packets: number, connections = 0, droppedPackets = 0) => ({
  packets,
  wireBytes: packets * 100,
  connections,
  droppedPackets,
});

it("tells whole seconds, each of those in which nobody asked an equal part", () => {
  const watch = new TrafficWatch(new Connections(), 0);
  watch.tick(counts(0), 400);
  expect(watch.traffic().packets).toEqual([]);
  watch.tick(counts(100, 3), 1_000);
  watch.tick(counts(130), 1_500);
  watch.tick(counts(400, 3, 30), 4_000);
  expect(watch.traffic()).toMatchObject({
    packets: [100, 100, 100, 100],
    wireBytes: [10_000, 10_000, 10_000, 10_000],
    connections: [3, 0, 0, 0],
    droppedPackets: [0, 10, 10, 10],
    states: {},
    open: 0,
  });
});

it("remembers so many seconds", () => {
  const watch = new TrafficWatch(new Connections(), 0);
  watch.tick(counts(1_000), 1_000);
  watch.tick(counts(1_000), 1_000_000);
  const { packets } = watch.traffic();
  expect([packets.length, Math.max(...packets)]).toEqual([TRAFFIC_SECONDS, 0]);
});
