/** What fuzzing begins with: the samples and public captures that are small, packets of them, filters of the documents. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Target } from "./targets.js";

/** Where it is run: the project. */
const root = `${process.cwd()}/`;
const FOLDERS = [`${root}captures/`, `${root}../shared/captures/`];
const MOST_BYTES = 30_000;

function files(): Uint8Array[] {
  return FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(pcap|pcapng|cap|gz|zst|lz4|xz)/.test(entry.name))
      .map((entry) => new Uint8Array(readFileSync(`${entry.parentPath}/${entry.name}`)))
      .filter(({ length }) => length > 0 && length <= MOST_BYTES),
  );
}

/** Packets of the little-endian pcap files among them, each behind a byte for its link type and one for its cut. */
function packets(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const file of files()) {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    if (file.length < 40 || ![0xa1b2c3d4, 0xa1b23c4d].includes(view.getUint32(0, true))) continue;
    for (let at = 24; at + 16 <= file.length && found.length < 3000; ) {
      const length = view.getUint32(at + 8, true);
      if (at + 16 + length > file.length) break;
      // Ethernet stands second in the list of link types.
      found.push(new Uint8Array([1, 0, ...file.subarray(at + 16, at + 16 + length)]));
      at += 16 + length;
    }
  }
  return found;
}

function filters(): Uint8Array[] {
  const text = readFileSync(`${root}docs/filters.md`, "utf8");
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, filter]) => new TextEncoder().encode(filter));
}

function conversations(): Uint8Array[] {
  // A handshake, data both ways, a close; then the same with repeats and holes.
  const steps = [
    0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 3, 5, 1, 2, 0, 0, 3, 5, 1, 3, 5, 0, 2, 0, 1, 4, 0, 0, 4, 0, 1, 2, 0,
  ];
  return [0, 1, 2, 5, 6].map((style) => {
    const ops = steps.flatMap((kind, i) => [
      i & 1,
      kind,
      kind,
      i % 7 === 6 ? 6 : 0,
      0,
      i % 5,
      200,
      i % 9 === 8 ? 1 : 0,
    ]);
    return new Uint8Array([style, ...ops]);
  });
}

export function corpusOf(target: Target): readonly Uint8Array[] {
  return { capture: files, packet: packets, filter: filters, segments: conversations }[target]();
}
