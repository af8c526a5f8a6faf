/**
 * Tells, by their first bytes, the files that are not pcap or pcapng, so that a refusal can name them and say what to do.
 *
 * The signatures are those of the formats' public descriptions. Nothing here reads such a file any further.
 */

/** Bytes that are looked at, where the file has that many. */
export const SIGNATURE_BYTES = 512;

interface Signature {
  readonly at: number;
  readonly bytes: readonly number[] | string;
  /** Continues "is …". */
  readonly name: string;
  /** What helps; where left out, Wireshark's editcap converts the format. */
  readonly advice?: string;
}

const DECOMPRESS = "decompress it first with";

const SIGNATURES: readonly Signature[] = [
  { at: 0, bytes: "snoop\0\0\0", name: "a Solaris snoop capture" },
  { at: 0, bytes: "btsnoop\0", name: "a btsnoop Bluetooth capture", advice: "it holds no TCP" },
  { at: 0, bytes: "RTSS", name: "a Microsoft Network Monitor 1 capture" },
  { at: 0, bytes: "GMBU", name: "a Microsoft Network Monitor 2 capture" },
  { at: 0, bytes: "XCP\0", name: "a NetXRay or Windows Sniffer capture" },
  { at: 0, bytes: "VL\0\0", name: "a NetXRay 1.0 capture" },
  { at: 0, bytes: "TRSNIFF data    \x1a", name: "a DOS Sniffer capture" },
  { at: 0, bytes: "iptrace 1.0", name: "an AIX iptrace 1 capture" },
  { at: 0, bytes: "iptrace 2.0", name: "an AIX iptrace 2 capture" },
  { at: 0, bytes: "\x7fver", name: "an OmniPeek (AiroPeek) capture" },
  { at: 0, bytes: [0xaa, 0xaa, 0xaa, 0xaa], name: "an Accellent 5Views capture" },
  { at: 0, bytes: "\x05VNF", name: "a Visual Networks capture" },
  { at: 0, bytes: "EyeSDN", name: "an EyeSDN capture", advice: "it holds no TCP" },
  { at: 0, bytes: "NetScaler V", name: "a NetScaler trace" },
  { at: 4, bytes: "NetScaler", name: "a NetScaler trace" },
  { at: 0, bytes: [0x54, 0x52, 0x00, 0x64, 0x00], name: "an HP-UX nettl trace" },
  { at: 0, bytes: [0x00, 0x00, 0x02, 0x00, 0x12, 0x05, 0x00, 0x10], name: "a Tektronix K12 capture" },
  { at: 0, bytes: "NetS", name: "a Network Instruments capture" },
  { at: 0, bytes: "ObserverPktBuffe", name: "a Network Instruments Observer capture" },
  {
    at: 0,
    bytes: [0xc3, 0xb2, 0xa1],
    name: "a pcap file that lacks its first byte",
    advice: "copy it again",
  },
  { at: 0, bytes: [0x1f, 0x8b], name: "compressed twice (gzip inside)", advice: `${DECOMPRESS}: gunzip` },
  {
    at: 0,
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    name: "compressed twice (zstd inside)",
    advice: `${DECOMPRESS}: zstd -d`,
  },
  {
    at: 0,
    bytes: [0x04, 0x22, 0x4d, 0x18],
    name: "compressed twice (lz4 inside)",
    advice: `${DECOMPRESS}: lz4 -d`,
  },
  {
    at: 0,
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    name: "compressed twice (xz inside)",
    advice: `${DECOMPRESS}: xz -d`,
  },
  { at: 0, bytes: "BZh", name: "compressed with bzip2", advice: `${DECOMPRESS}: bunzip2` },
  { at: 0, bytes: [0x1f, 0x9d], name: "compressed with compress", advice: `${DECOMPRESS}: uncompress` },
  { at: 0, bytes: "LZIP", name: "compressed with lzip", advice: `${DECOMPRESS}: lzip -d` },
  {
    at: 0,
    bytes: [0x5d, 0x00, 0x00],
    name: "compressed with lzma",
    advice: `${DECOMPRESS}: xz --format=lzma -d`,
  },
  { at: 0, bytes: "PK\x03\x04", name: "a ZIP archive", advice: "unpack it first" },
  { at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], name: "a 7-Zip archive", advice: "unpack it first" },
  { at: 257, bytes: "ustar", name: "a tar archive", advice: "unpack it first" },
  { at: 0, bytes: "<?xml", name: "an XML file", advice: "give the capture itself, not a description of it" },
  { at: 0, bytes: "\x7fELF", name: "a program", advice: "give a capture file" },
];

const CONVERT = "convert it with Wireshark's editcap: editcap -F pcap IN OUT";

/** Says in one sentence (that follows the file's name) what a file is that is neither pcap nor pcapng; null if unknown. */
export function describeOtherFormat(bytes: Uint8Array): string | null {
  for (const signature of SIGNATURES) {
    if (hasSignature(bytes, signature)) {
      return refusal(signature.name, signature.advice);
    }
  }
  if (isLanalyzer(bytes)) return refusal("a Novell LANalyzer capture");
  if (isErf(bytes)) return refusal("an Endace ERF capture");
  if (isText(bytes)) return refusal("a text file", "give a capture that tcpdump -w or Wireshark wrote");
  return null;
}

function refusal(name: string, advice: string = CONVERT): string {
  return `is ${name}, which is not read here; ${advice}`;
}

function hasSignature(bytes: Uint8Array, signature: Signature): boolean {
  const wanted = signature.bytes;
  if (bytes.length < signature.at + wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) {
    const byte = typeof wanted === "string" ? wanted.charCodeAt(index) : wanted[index];
    if (bytes[signature.at + index] !== byte) return false;
  }
  return true;
}

/** LANalyzer files are records of type and length (little-endian); the first is a header record of 0x1001 or 0x1007. */
function isLanalyzer(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const type = bytes[0]! | (bytes[1]! << 8);
  const length = bytes[2]! | (bytes[3]! << 8);
  return (type === 0x1001 || type === 0x1007) && length >= 4 && length < SIGNATURE_BYTES;
}

/** ERF has no mark: two records in a row must have a known type, a length that holds, and times that do not decrease. */
function isErf(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  let previousSeconds = 0;
  let records = 0;
  while (position + 16 <= bytes.length) {
    const seconds = view.getUint32(position + 4, true);
    const type = view.getUint8(position + 8) & 0x7f;
    const recordLength = view.getUint16(position + 10, false);
    const wireLength = view.getUint16(position + 14, false);
    if (type === 0 || type > 48 || recordLength < 16 || wireLength === 0 || seconds < previousSeconds)
      return false;
    previousSeconds = seconds;
    position += recordLength;
    records++;
  }
  return records > 1;
}

/** True for at least 16 bytes that are all printable ASCII, tabs or line ends. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  for (const byte of bytes) {
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte > 0x7e) return false;
  }
  return true;
}
