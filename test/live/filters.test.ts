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
