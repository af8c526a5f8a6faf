/**
 * Reads the parts of pcapng blocks that come once in a while: options, statistics and name resolution records
 * (draft-ietf-opsawg-pcapng §3.5, §4.5, §4.6). Nothing here runs for a packet.
 *
 * Every read stays inside the block that it was given; an option that claims more than its block holds ends the list.
 */
import type { InterfaceTable } from "./interface-table.js";

const OPTION_END = 0;
const OPTION_IF_NAME = 2;
const OPTION_IF_TSRESOL = 9;
const OPTION_IF_TSOFFSET = 14;
const OPTION_ISB_IFDROP = 5;
const OPTION_ISB_OSDROP = 7;
const NAME_END = 0;
const NAME_IPV4 = 1;
const NAME_IPV6 = 2;
/** "Unknown" in the drop counters of some writers. */
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
/** Longest interface or host name that is kept, in bytes. */
const NAME_BYTES_MAX = 256;

const decoder = new TextDecoder();

/** Calls `visit` with code, offset and length of each option between `from` and `to` (exclusive). */
function eachOption(
  view: DataView,
  from: number,
  to: number,
  isLittleEndian: boolean,
  visit: (code: number, offset: number, length: number) => void,
): void {
  let position = from;
  while (position + 4 <= to) {
    const code = view.getUint16(position, isLittleEndian);
    const length = view.getUint16(position + 2, isLittleEndian);
    if (code === OPTION_END || position + 4 + length > to) return;
    visit(code, position + 4, length);
    position += 4 + ((length + 3) & ~3);
  }
}

/** What an interface description block says in its options. */
export interface InterfaceOptions {
  name: string | null;
  /** The if_tsresol octet, or null where it is left out. */
  resolution: number | null;
  offsetSeconds: bigint;
}

export function readInterfaceOptions(
  view: DataView,
  from: number,
  to: number,
  isLittleEndian: boolean,
): InterfaceOptions {
  const options: InterfaceOptions = { name: null, resolution: null, offsetSeconds: 0n };
  eachOption(view, from, to, isLittleEndian, (code, offset, length) => {
    if (code === OPTION_IF_NAME && options.name === null) options.name = readText(view, offset, length);
    else if (code === OPTION_IF_TSRESOL && length >= 1) options.resolution = view.getUint8(offset);
    else if (code === OPTION_IF_TSOFFSET && length >= 8) {
      options.offsetSeconds = view.getBigInt64(offset, isLittleEndian);
    }
  });
  return options;
}

/** Packets that an interface statistics block counts as dropped (by interface and by system), or null. */
export function readDroppedPackets(
  view: DataView,
  from: number,
  to: number,
  isLittleEndian: boolean,
): number | null {
  let dropped: number | null = null;
  eachOption(view, from, to, isLittleEndian, (code, offset, length) => {
    if ((code !== OPTION_ISB_IFDROP && code !== OPTION_ISB_OSDROP) || length < 8) return;
    const count = view.getBigUint64(offset, isLittleEndian);
    if (count !== ALL_ONES) dropped = (dropped ?? 0) + Number(count);
  });
  return dropped;
}

/** Takes the host names of a name resolution block into the table; IPv6 addresses as eight groups in hexadecimal. */
export function readNames(
  view: DataView,
  from: number,
  to: number,
  isLittleEndian: boolean,
  table: InterfaceTable,
): void {
  eachOption(view, from, to, isLittleEndian, (code, offset, length) => {
    const addressBytes = code === NAME_IPV4 ? 4 : code === NAME_IPV6 ? 16 : NAME_END;
    if (addressBytes === 0 || length <= addressBytes) return;
    let end = offset + addressBytes;
    while (end < offset + length && view.getUint8(end) !== 0) end++;
    const name = readText(view, offset + addressBytes, end - offset - addressBytes);
    if (name !== "") table.addName(addressText(view, offset, addressBytes), name);
  });
}

function addressText(view: DataView, offset: number, addressBytes: number): string {
  const parts: string[] = [];
  if (addressBytes === 4) {
    for (let byte = 0; byte < 4; byte++) parts.push(String(view.getUint8(offset + byte)));
    return parts.join(".");
  }
  for (let group = 0; group < 8; group++) parts.push(view.getUint16(offset + 2 * group, false).toString(16));
  return parts.join(":");
}

function readText(view: DataView, offset: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, Math.min(length, NAME_BYTES_MAX));
  return decoder.decode(bytes).replace(/\0+$/, "");
}
