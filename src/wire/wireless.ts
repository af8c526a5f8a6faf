/**
 * IEEE 802.11 data frames, and the headers that capturing puts before them: radiotap, PPI, Prism and AVS.
 *
 * Unencrypted data frames lead to 802.2 LLC; management, control, encrypted and aggregated frames are refused by name.
 * Frames are not decrypted and not reassembled: the first fragment is used, as with IP.
 */
import type { Segment } from "./segment.js";
import {
  A_MSDU,
  BAD_LINK_HEADER,
  CUT_IN_LINK_HEADER,
  ENCRYPTED_WLAN,
  WLAN_FRAGMENT,
  WLAN_MANAGEMENT,
  WLAN_NO_DATA,
} from "./skip-reasons.js";
import { LINK, LLC_FRAME, type Walk, WLAN } from "./walk.js";

const TYPE_DATA = 2;
const SUBTYPE_NO_DATA = 4;
const SUBTYPE_QOS = 8;
const TO_DS = 0x01;
const FROM_DS = 0x02;
const MORE_FRAGMENTS = 0x04;
const PROTECTED = 0x40;
const ORDER = 0x80;

const AVS_MAGIC = 0x80211000;
const RADIOTAP_TSFT = 1;
const RADIOTAP_FLAGS = 2;
const RADIOTAP_MORE = 0x80000000 | 0;
const RADIOTAP_PADDED = 0x20;

/** Decodes an 802.11 header (IEEE 802.11 §9.3.2.1). */
export function wlan(walk: Walk, segment: Segment): number {
  return dataFrame(walk, segment, false);
}

function dataFrame(walk: Walk, segment: Segment, isPadded: boolean): number {
  const { bytes, view, at } = walk;
  if (at + 2 > walk.end) return ~CUT_IN_LINK_HEADER;
  let control = bytes[at];
  let flags = bytes[at + 1];
  let sequenceControlAt = at + 22;
  // CAPWAP controllers swap the bytes of frame and sequence control: the first byte then holds direction bits where the
  // version's zeros belong.
  if ((control & 3) !== 0 && (flags & 0x0f) === TYPE_DATA << 2) {
    control = flags;
    flags = bytes[at];
    sequenceControlAt++;
  }
  if ((control & 3) !== 0) return ~BAD_LINK_HEADER;
  if (((control >> 2) & 3) !== TYPE_DATA) return ~WLAN_MANAGEMENT;
  const subtype = control >> 4;
  let length = 24;
  if ((flags & (TO_DS | FROM_DS)) === (TO_DS | FROM_DS)) length += 6;
  const qosAt = at + length;
  if ((subtype & SUBTYPE_QOS) !== 0) length += (flags & ORDER) !== 0 ? 6 : 2;
  if ((subtype & SUBTYPE_NO_DATA) !== 0) return ~WLAN_NO_DATA;
  if ((flags & PROTECTED) !== 0) return ~ENCRYPTED_WLAN;
  if (at + length > walk.end) return ~CUT_IN_LINK_HEADER;
  // Sequence control is little-endian; its low four bits number the fragment.
  if ((bytes[sequenceControlAt] & 0x0f) !== 0) return ~WLAN_FRAGMENT;
  if ((flags & MORE_FRAGMENTS) !== 0) segment.isFragment = true;
  if ((subtype & SUBTYPE_QOS) !== 0 && (view.getUint16(qosAt, true) & 0x80) !== 0) return ~A_MSDU;
  walk.at = at + (isPadded ? (length + 3) & ~3 : length);
  return LLC_FRAME;
}

/** Passes over a radiotap header (radiotap.org), whose length is little-endian. */
export function radiotap(walk: Walk, segment: Segment): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
  const length = view.getUint16(at + 2, true);
  if (bytes[at] !== 0 || length < 8) return ~BAD_LINK_HEADER;
  if (at + length > walk.end) return ~CUT_IN_LINK_HEADER;
  const isPadded = (radiotapFlags(walk, at + length) & RADIOTAP_PADDED) !== 0;
  walk.at = at + length;
  return dataFrame(walk, segment, isPadded);
}

/** The flags field, or 0: it follows the words of presence bits and, aligned to 8 bytes, the TSF timestamp. */
function radiotapFlags(walk: Walk, headerEnd: number): number {
  const { bytes, view, at } = walk;
  const present = view.getInt32(at + 4, true);
  if ((present & RADIOTAP_FLAGS) === 0) return 0;
  let next = at + 8;
  let word = present;
  while ((word & RADIOTAP_MORE) !== 0) {
    if (next + 4 > headerEnd) return 0;
    word = view.getInt32(next, true);
    next += 4;
  }
  if ((present & RADIOTAP_TSFT) !== 0) next = at + ((next - at + 7) & ~7) + 8;
  return next < headerEnd ? bytes[next] : 0;
}

/** Passes over a PPI header, which names the link type behind it. */
export function ppi(walk: Walk): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
  const length = view.getUint16(at + 2, true);
  if (bytes[at] !== 0 || length < 8) return ~BAD_LINK_HEADER;
  walk.linkType = view.getInt32(at + 4, true);
  walk.at = at + length;
  return LINK;
}

/** Passes over a Prism header (its length in the capturing host's order), or an AVS one in its place. */
export function prism(walk: Walk): number {
  const { view, at } = walk;
  if (at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
  if ((view.getInt32(at) & ~0xff) === (AVS_MAGIC | 0)) return avs(walk);
  const length = view.getUint32(at + 4, true);
  return behindHeader(walk, length > 0xffff ? view.getUint32(at + 4) : length);
}

/** Passes over an AVS header: version and length, both big-endian. */
export function avs(walk: Walk): number {
  if (walk.at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
  return behindHeader(walk, walk.view.getUint32(walk.at + 4));
}

function behindHeader(walk: Walk, length: number): number {
  if (length < 8 || length > 0xffff) return ~BAD_LINK_HEADER;
  walk.at += length;
  return WLAN;
}
