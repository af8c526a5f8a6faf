/** TCP checksums for the tests, 16 bits after 16 bits, as RFC 1071 §4.1 writes them. */

/** Sum of the words, carries added in again; an odd last byte is the higher one of its word. */
function onesSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i]! << 8) + (bytes[i + 1] ?? 0);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

/** The pseudo-header of an Ethernet frame that holds IPv4 or IPv6 without extension, and where its TCP header begins. */
function parts(frame: Uint8Array): { pseudo: number[]; from: number; end: number } {
  const isV4 = frame[12] === 0x08;
  const from = isV4 ? 34 : 54;
  const end = isV4 ? 14 + (frame[16]! << 8) + frame[17]! : 54 + (frame[18]! << 8) + frame[19]!;
  const addresses = [...frame.subarray(isV4 ? 26 : 22, from)];
  return { pseudo: [...addresses, 0, 6, (end - from) >> 8, (end - from) & 255], from, end };
}

/** The frame with the checksum that its sender writes. */
export function withChecksum(frame: Uint8Array): Uint8Array {
  const { pseudo, from, end } = parts(frame);
  const copy = withField(frame, 0);
  return withField(copy, ~onesSum([...pseudo, ...copy.subarray(from, end)]) & 0xffff);
}

/** The frame as a host leaves it whose network card computes the rest. */
export function withPseudoSum(frame: Uint8Array): Uint8Array {
  return withField(frame, onesSum(parts(frame).pseudo));
}

export function withField(frame: Uint8Array, checksum: number): Uint8Array {
  const copy = frame.slice();
  const { from } = parts(frame);
  copy[from + 16] = checksum >> 8;
  copy[from + 17] = checksum & 255;
  return copy;
}
