/**
 * TCP options (RFC 9293 §3.2), read into the segment.
 *
 * Kinds: MSS (RFC 9293 §3.7.1), window scale and timestamps (RFC 7323 §2, RFC 7323 §3), SACK (RFC 2018), MD5 (RFC 2385),
 * authentication (RFC 5925), user timeout (RFC 5482), MPTCP (RFC 8684), Fast Open (RFC 7413), AccECN (RFC 9768) and the
 * experimental kinds with an identifier (RFC 6994). An option of a known kind with an impossible length is not read.
 * Nothing here decides what an option means for a connection.
 */
import type { Segment } from "./segment.js";

const END_OF_LIST = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const MD5_SIGNATURE = 19;
const USER_TIMEOUT = 28;
const AUTHENTICATION = 29;
const MULTIPATH = 30;
const FAST_OPEN = 34;
const ACC_ECN_ORDER_0 = 172;
const ACC_ECN_ORDER_1 = 174;
const EXPERIMENT_1 = 253;
const EXPERIMENT_2 = 254;

/** Experiment identifiers (RFC 6994) as IANA lists them. */
const EXPERIMENT_FAST_OPEN = 0xf989;
const EXPERIMENT_ACC_ECN_ORDER_0 = 0xacc0;
const EXPERIMENT_ACC_ECN_ORDER_1 = 0xacc1;
const EXPERIMENT_ACC_ECN = 0xacce;

const WINDOW_SCALE_MAX = 14;
const SACK_BLOCKS_MAX = 4;

/** Sets every option of the segment to "not there". */
export function clearOptions(segment: Segment): void {
  segment.hasTimestamps = false;
  segment.tsVal = 0;
  segment.tsEcr = 0;
  segment.mss = 0;
  segment.windowScale = -1;
  segment.isSackPermitted = false;
  segment.sackBlocks = 0;
  segment.fastOpenCookieLength = -1;
  segment.mptcpSubtype = -1;
  segment.hasMd5 = false;
  segment.hasAuthentication = false;
  segment.hasAccEcnOption = false;
  segment.userTimeout = -1;
  segment.hasBadOptions = false;
}

/**
 * Reads the options that stand from `at` up to `headerEnd`, of which the bytes before `end` were captured. An option
 * that the capture cut is left out and is no error; one that reaches beyond `headerEnd` is (`hasBadOptions`).
 */
export function readOptions(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  headerEnd: number,
  end: number,
  segment: Segment,
): void {
  const readable = Math.min(headerEnd, end);
  while (at < readable) {
    const kind = bytes[at];
    if (kind === END_OF_LIST) return;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    if (at + 1 >= readable) {
      if (at + 1 >= headerEnd) segment.hasBadOptions = true;
      return;
    }
    const length = bytes[at + 1];
    const next = at + length;
    if (length < 2 || next > headerEnd) {
      segment.hasBadOptions = true;
      return;
    }
    if (next > readable) return;
    if (!readOption(bytes, view, kind, at, length, segment)) segment.hasBadOptions = true;
    at = next;
  }
}

/** Reads one option that was captured whole; false when its length is not one its kind can have. */
function readOption(
  bytes: Uint8Array,
  view: DataView,
  kind: number,
  at: number,
  length: number,
  segment: Segment,
): boolean {
  switch (kind) {
    case MAXIMUM_SEGMENT_SIZE:
      if (length !== 4) return false;
      segment.mss = view.getUint16(at + 2);
      return true;
    case WINDOW_SCALE: {
      if (length !== 3) return false;
      const shift = bytes[at + 2];
      segment.windowScale = Math.min(shift, WINDOW_SCALE_MAX);
      return true;
    }
    case SACK_PERMITTED:
      if (length !== 2) return false;
      segment.isSackPermitted = true;
      return true;
    case SACK:
      return readSack(view, at, length, segment);
    case TIMESTAMPS:
      if (length !== 10) return false;
      segment.hasTimestamps = true;
      segment.tsVal = view.getInt32(at + 2);
      segment.tsEcr = view.getInt32(at + 6);
      return true;
    case MD5_SIGNATURE:
      if (length !== 18) return false;
      segment.hasMd5 = true;
      return true;
    case USER_TIMEOUT:
      if (length !== 4) return false;
      segment.userTimeout = view.getUint16(at + 2);
      return true;
    case AUTHENTICATION:
      if (length < 4) return false;
      segment.hasAuthentication = true;
      return true;
    case MULTIPATH:
      if (length < 3) return false;
      // A segment can carry several; the first one says what the segment is there for.
      if (segment.mptcpSubtype < 0) segment.mptcpSubtype = bytes[at + 2] >> 4;
      return true;
    case FAST_OPEN:
      segment.fastOpenCookieLength = length - 2;
      return true;
    case ACC_ECN_ORDER_0:
    case ACC_ECN_ORDER_1:
      segment.hasAccEcnOption = true;
      return true;
    case EXPERIMENT_1:
    case EXPERIMENT_2:
      return readExperiment(view, at, length, segment);
    default:
      return true;
  }
}

function readSack(view: DataView, at: number, length: number, segment: Segment): boolean {
  const blocks = (length - 2) >> 3;
  if (length !== 2 + (blocks << 3) || blocks === 0 || blocks > SACK_BLOCKS_MAX) return false;
  const edges = segment.sackEdges;
  for (let edge = 0; edge < blocks << 1; edge++) edges[edge] = view.getInt32(at + 2 + (edge << 2));
  segment.sackBlocks = blocks;
  return true;
}

function readExperiment(view: DataView, at: number, length: number, segment: Segment): boolean {
  // Old experiments carry no identifier, so a short option is not an error.
  if (length < 4) return true;
  const identifier = view.getUint16(at + 2);
  if (identifier === EXPERIMENT_FAST_OPEN) segment.fastOpenCookieLength = length - 4;
  else if (
    identifier === EXPERIMENT_ACC_ECN_ORDER_0 ||
    identifier === EXPERIMENT_ACC_ECN_ORDER_1 ||
    identifier === EXPERIMENT_ACC_ECN
  )
    segment.hasAccEcnOption = true;
  return true;
}
