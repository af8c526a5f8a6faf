/** What the kernel is asked to filter, and at which column a wrong filter goes wrong; with libpcap itself. */
import { describe, expect, it } from "vitest";
import { kernelFilters, wrongColumn } from "../../src/source/live-filter.js";
import { Libpcap } from "../../src/source/live-libpcap.js";

const pcap = Libpcap.available();
if (pcap === null) console.log("left out: filters as libpcap reads them, which is not installed");

const ETHERNET = 1;
const RAW_IP = 12;

/** Whether libpcap takes a filter for packets of that link type. */
function compiles(filter: string, linkType = ETHERNET): boolean {
  const { call } = pcap!;
  const program = pcap!.allocate(16);
  const handle = call.openDead(linkType, 2048);
  const isRight = call.compile(handle, program.at, filter, 1, 0xffff_ffff) === 0;
  if (isRight) call.freeProgram(program.at);
  call.close(handle);
  pcap!.free(program.at);
  return isRight;
}

/** A SYN-like frame to port `port` over IPv4 (or another protocol's), under so many tags. */
function frame(tags: number, port: number, protocol = 6): Uint8Array {
  const head = [...Array(12).fill(2), ...Array(tags).fill([0x81, 0, 0, 7]).flat(), 8, 0];
  const ip = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
  return Uint8Array.from([
    ...head,
    ...ip,
    0x9c,
    0x40,
    port >> 8,
    port & 255,
    ...Array(8).fill(0),
    0x50,
    2,
    ...Array(6).fill(0),
  ]);
}

/** Whether the filter takes the frame. */
function takes(filter: string, bytes: Uint8Array): boolean {
  const { call } = pcap!;
  const handle = call.openDead(ETHERNET, 2048);
  const program = pcap!.allocate(16);
  const header = pcap!.allocate(24);
  const packet = pcap!.allocate(bytes.length);
  new DataView(header.bytes.buffer).setUint32(16, bytes.length, true);
  new DataView(header.bytes.buffer).setUint32(20, bytes.length, true);
  packet.bytes.set(bytes);
  expect(call.compile(handle, program.at, filter, 1, 0xffff_ffff)).toBe(0);
  const isTaken = call.applyFilter(program.at, header.at, packet.at) !== 0;
  call.freeProgram(program.at);
  call.close(handle);
  return isTaken;
}

describe.skipIf(pcap === null)("the filters of the kernel", () => {
  it.each([
    [null, false],
    ["port 443", false],
    ["host 10.0.0.1 or host 10.0.0.2", false],
    ["vlan 7 and port 443", false],
    ["port 443", true],
  ])("for %j are filters", (own, hasTunnels) => {
    for (const filter of kernelFilters(own, hasTunnels)) expect(compiles(filter), filter).toBe(true);
  });

  it("have one that needs no Ethernet", () => {
    expect(kernelFilters(null, false).map((filter) => compiles(filter, RAW_IP))).toEqual([false, true]);
  });

  it.each([0, 1, 2])("take TCP under %i VLAN tags, and what the user's own filter names of it", (tags) => {
    const [all] = kernelFilters(null, false);
    const [narrowed] = kernelFilters("port 443", false);
    expect([takes(all!, frame(tags, 80)), takes(all!, frame(tags, 80, 17))]).toEqual([true, false]);
    expect([takes(narrowed!, frame(tags, 443)), takes(narrowed!, frame(tags, 80))]).toEqual([true, false]);
    expect(takes(narrowed!, frame(tags, 443, 17))).toBe(false);
  });

  it("take everything where tunnels are asked for and nothing narrows it", () => {
    expect(kernelFilters(null, true)).toEqual([""]);
    expect(kernelFilters("  ", true)).toEqual([""]);
  });

  it.each([
    ["tcp and prot 80", 9],
    ["host 1.1.1.1 and port", 22],
    ["(tcp port 80", 13],
    ["tcp[13] & 2 !== 0", 15],
    ["port 99999", 6],
    ["host 1.1.1.1 ) and tcp", 14],
    ["udp nonsense here", 5],
  ])("%j goes wrong at column %i", (filter, column) => {
    expect(compiles(filter)).toBe(false);
    expect(wrongColumn(filter, compiles)).toBe(column);
  });
});
