/** The lab's recordings (test/lab/recorded): what closes and used-again ports lead to, seen from one end. */
import { expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";

const FOLDER = new URL("../lab/recorded", import.meta.url).pathname;
const WATCHED =
  /^(fin-(lost|ack|un)|last-ack|port-reuse|reconnect|keep-alive-(race|late)|idle-timeout|heartbeat)/;

// biome-ignore format: a row a line, to be read as a table
it.each<[recording: string, ...expected: (readonly [id: string, connections: number])[]]>([
  ["fin1_lost/client", ["fin-lost", 12]],
  // Of 12: in the others the server's own FIN, which acknowledged it too, was on its way when the client repeated its own;
  // a pure ACK of four of them shows that the FIN was sent, and was lost.
  ["fin1_ack_lost/client", ["fin-ack-lost", 4], ["fin-lost", 4]],
  ["last_ack_lost/client", ["last-ack-lost", 12]],
  // The second FIN carried the acknowledgment of the first one: both FINs came twice.
  ["fin2_lost/server", ["fin-ack-lost", 12], ["fin-lost", 12]],
  ["half_close/client"],
  ["simultaneous_close/client"],
  ["time_wait_isn_below/client", ["port-reuse-dropped", 8]],
  ["time_wait_isn_above/client"],
  ["port_reuse_server_tw/client"],
  ["refused/client"],
  ["syn_blackhole/client"],
  ["peer_killed/client"],
  ["vanish_retries2/client"],
  ["plain_rtt20/client"],
  ["plain_rtt20/server"],
])("%s", async (recording, ...expected) => {
  const analysis = await openAnalysis([`${FOLDER}/${recording}.pcap.zst`]);
  await analysis.run();
  const told = analysis.summary().findings.filter(({ id }) => WATCHED.test(id));
  expect(told.map(({ id, connections }) => [id, connections]).sort()).toEqual(expected);
});
