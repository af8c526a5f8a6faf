/** The fast path is a shortcut to what the general path says: packet by packet, the two are held against each other. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { decodeLayers, SEGMENT } from "../../src/wire/decode.js";
import { decodeFast, hashOfEnds, hashOfPlain } from "../../src/wire/fast-path.js";
import type { PacketBytes } from "../../src/wire/packet-bytes.js";
import { Segment } from "../../src/wire/segment.js";
import { readFrames } from "./capture-reader.js";
import { type Bytes, ethernet, hex, ipv4, packetOf, tcp } from "./packet-builder.js";

const folder = join(process.cwd(), "../shared/captures");

/** A segment whose every field differs from what decoding an ordinary packet gives, so that a forgotten field shows. */
function used(): Segment {
  const segment = new Segment();
  for (const name of Object.keys(segment) as (keyof Segment)[]) {
    if (typeof segment[name] === "number") Object.assign(segment, { [name]: 123 });
    if (typeof segment[name] === "boolean") Object.assign(segment, { [name]: true });
  }
  // Not a field of every packet: these keep their value unless a packet of their kind comes.
  return Object.assign(segment, {
    timeNs: 0,
    number: 0,
    file: 0,
    interfaceId: 0,
    offset: 0,
    isQuoted: false,
  });
}

/** Decodes both ways; true where the fast path took the packet. */
function agree(packet: PacketBytes): boolean {
  const fast = used();
  const general = used();
  const isTaken = decodeFast(packet, fast);
  const hash = hashOfPlain(packet);
  expect(hash).toBe(isTaken ? hashOfEnds(fast) : -1);
  if (!isTaken) {
    expect(fast).toEqual(used());
    return false;
  }
  expect(decodeLayers(packet, general)).toBe(SEGMENT);
  expect(JSON.stringify(fast)).toBe(JSON.stringify(general));
  return true;
}

const plain = ethernet(0x0800, ipv4(6, tcp({ options: [] })));
const stamped = ethernet(0x0800, ipv4(6, tcp()));

it("takes the packets it is for, and leaves the others alone", () => {
  const taken: Bytes[] = [
    plain,
    stamped,
    [...stamped, 0, 0, 0],
    ethernet(0x0800, ipv4(6, tcp(), { totalLength: 1500 })),
  ];
  for (const content of taken) expect(agree(packetOf(1, content))).toBe(true);
  const left: Bytes[] = [
    ethernet(0x0800, ipv4(6, tcp(), { totalLength: 0 })),
    ethernet(0x0800, ipv4(6, tcp(), { totalLength: 51 })),
    ethernet(0x0800, ipv4(6, tcp(), { fragment: 0x2000 })),
    ethernet(0x0800, ipv4(6, tcp(), { options: hex("01010101") })),
    ethernet(0x0800, ipv4(17, tcp())),
    ethernet(0x0800, ipv4(6, tcp({ options: hex("080a 00000001 00000002 0101") }))),
    ethernet(0x0800, ipv4(6, tcp({ dataOffset: 4 }))),
    ethernet(0x8100, hex("0001 0800")),
  ];
  for (const content of left) expect(agree(packetOf(1, content))).toBe(false);
});

it("agrees on cut and damaged packets", () => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  };
  let taken = 0;
  for (let round = 0; round < 20_000; round++) {
    const content = [...(random(2) === 0 ? plain : stamped)];
    content[random(content.length)] = random(256);
    if (agree(packetOf(1, content, random(3) === 0 ? random(content.length + 1) : content.length))) taken++;
  }
  expect(taken).toBeGreaterThan(5_000);
});

it.runIf(existsSync(folder))("agrees on every Ethernet packet of the public captures, and takes most", () => {
  let frames = 0;
  let taken = 0;
  for (const name of readdirSync(folder)) {
    const file = readFrames(join(folder, name));
    if (file === null) continue;
    for (const frame of file.frames) {
      if (frame.linkType !== 1) continue;
      const { bytes, view } = file;
      frames++;
      if (agree({ ...frame, bytes, view, timeNs: 0, file: 0, interfaceId: 0, offset: 0 })) taken++;
    }
  }
  expect(frames).toBeGreaterThan(40_000);
  expect(taken / frames).toBeGreaterThan(0.8);
});

it.runIf(!existsSync(folder))("without the public captures", () => {
  console.log("left out: fast path on the public captures (not there)");
});
