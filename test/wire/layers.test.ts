/**
 * Every layer, with packets assembled by hand: the segment that is found, and what happens when the packet is cut at
 * each of its bytes or damaged. A byte outside of what was captured never matters.
 */
import { describe, expect, it } from "vitest";
import { decode, decodeLayers, SEGMENT, SKIPPED } from "../../src/wire/decode.js";
import { DECODED_LINK_TYPES } from "../../src/wire/link-types.js";
import { Segment } from "../../src/wire/segment.js";
import { SKIP_REASONS } from "../../src/wire/skip-reasons.js";
import { layerCases } from "./layer-cases.js";
import { packetOf } from "./packet-builder.js";
import { address } from "./segment-text.js";

/** TCP header with timestamps, and payload, of every case. */
const TCP_BYTES = 32 + 5;

const reasonOf = (segment: Segment): string => SKIP_REASONS[segment.skipReason].name;

/** What decoding says, whole: the result and every field of the segment. */
function said(linkType: number, content: readonly number[], captured: number, fill: number): unknown {
  const segment = new Segment();
  const result = decode(packetOf(linkType, content, captured, fill), segment);
  return { result, ...segment, bytes: null, sackEdges: [...segment.sackEdges] };
}

it("has a case for every link type", () => {
  expect([...new Set(layerCases.map((layerCase) => layerCase.linkType))].sort((a, b) => a - b)).toEqual([
    ...DECODED_LINK_TYPES,
  ]);
});

describe.each(layerCases)("$name (link type $linkType)", (layerCase) => {
  const { linkType, content } = layerCase;
  const segment = new Segment();

  it("finds the segment", () => {
    const packet = packetOf(linkType, content);
    expect(decode(packet, segment) === SEGMENT ? "segment" : reasonOf(segment)).toBe("segment");
    const version6 = segment.ipVersion === 6;
    expect({
      source: address(segment, "source"),
      destination: address(segment, "destination"),
      ttl: segment.ttl,
      ecn: segment.ecn,
      ipId: segment.ipId,
      vlan: segment.vlan,
      overlayId: segment.overlayId,
      isFragment: segment.isFragment,
    }).toEqual({
      source: version6 ? "2001:db8::1" : "10.0.0.1",
      destination: version6 ? "2001:db8::2" : "10.0.0.2",
      ttl: version6 ? 62 : 61,
      ecn: version6 ? 2 : 1,
      ipId: version6 ? 0 : 0x4242,
      vlan: layerCase.vlan ?? 0,
      overlayId: layerCase.overlayId ?? 0,
      isFragment: layerCase.isFragment ?? false,
    });
    expect(segment).toMatchObject({
      timeNs: 1.5,
      number: 3,
      file: 1,
      interfaceId: 2,
      offset: 99,
      sourcePort: 1000,
      destinationPort: 80,
      sequence: 0x81020304 | 0,
      acknowledgment: 0x0a0b0c0d,
      flags: 0x18,
      window: 0x1234,
      checksum: 0xbeef,
      urgentPointer: 7,
      payloadLength: 5,
      length: 5,
      payloadStart: packet.end - 5,
      payloadCaptured: 5,
      hasTimestamps: true,
      tsVal: 0x11223344,
      tsEcr: 0x55667788,
      isHeaderCut: false,
      hasBadOptions: false,
    });
  });

  it("stays right when the capture cuts it at any byte", () => {
    const tcpAt = content.length - TCP_BYTES;
    for (let captured = 0; captured < content.length; captured++) {
      const packet = packetOf(linkType, content, captured);
      const result = decode(packet, segment);
      if (captured < tcpAt + 14) {
        expect(result, `${captured} bytes`).toBe(SKIPPED);
        expect(reasonOf(segment), `${captured} bytes`).toMatch(/^(cut-in-.*|udp|mpls-other)$/);
      } else {
        expect(result, `${captured} bytes`).toBe(SEGMENT);
        expect(segment).toMatchObject({
          sequence: 0x81020304 | 0,
          flags: 0x18,
          payloadLength: 5,
          isHeaderCut: captured < tcpAt + 32,
          hasTimestamps: captured >= tcpAt + 32,
          window: captured >= tcpAt + 16 ? 0x1234 : 0,
          payloadCaptured: Math.max(0, captured - tcpAt - 32),
        });
      }
      expect(said(linkType, content, captured, 0)).toEqual(said(linkType, content, captured, 0xff));
    }
  });

  it("leaves out what stands behind the packet", () => {
    const padded = [...content, ...new Array<number>(9).fill(0xee)];
    expect(decode(packetOf(linkType, padded), segment)).toBe(SEGMENT);
    expect(segment).toMatchObject({ payloadLength: 5, payloadCaptured: 5 });
  });
});

it("reads damaged packets without throwing, without looking beyond their end, and by name", () => {
  let state = 20250314;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  };
  const seen = new Set<string>();
  const segment = new Segment();
  for (let round = 0; round < 40_000; round++) {
    const { linkType, content } = layerCases[random(layerCases.length)];
    const damaged = [...content];
    for (let count = 1 + random(3); count > 0; count--) damaged[random(damaged.length)] = random(256);
    const captured = random(4) === 0 ? random(damaged.length + 1) : damaged.length;
    const packet = packetOf(linkType, damaged, captured, 0);
    const result = decode(packet, segment);
    if (result === SKIPPED) seen.add(reasonOf(segment));
    const told = () => JSON.stringify({ result, ...segment, bytes: null });
    const first = told();
    expect(decode(packetOf(linkType, damaged, captured, 0xff), segment)).toBe(result);
    expect(told()).toBe(first);
    expect(decodeLayers(packet, segment)).toBe(result);
    expect(told()).toBe(first);
    if (result !== SKIPPED) {
      expect(segment.payloadStart).toBeGreaterThanOrEqual(packet.start);
      expect(segment.payloadStart + segment.payloadCaptured).toBeLessThanOrEqual(packet.end);
      expect(segment.payloadCaptured).toBeGreaterThanOrEqual(0);
      expect(segment.payloadLength).toBeGreaterThanOrEqual(0);
    }
  }
  for (const name of ["bad-ip-header", "bad-data-offset", "ip-fragment", "other-ip-protocol"])
    expect(seen).toContain(name);
});
