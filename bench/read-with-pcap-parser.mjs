/**
 * Reads a capture with the npm package pcap-parser and counts its packets, nothing else: a peer for reading alone.
 * Ends with status 1 when the package reports an error or finds no packet.
 */
import pcapParser from "pcap-parser";

let packets = 0;
const parser = pcapParser.parse(process.argv[2]);
parser.on("packet", () => {
  packets++;
});
parser.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
parser.on("end", () => {
  console.log(packets);
  if (packets === 0) process.exitCode = 1;
});
