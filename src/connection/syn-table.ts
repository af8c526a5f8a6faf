/**
 * SYNs of which nothing came but themselves, 64 bytes each: what a SYN flood (RFC 4987) costs while it goes on.
 *
 * A row holds all that a plain SYN says, so that it can be read back as the segment that it was. Rows stand in a ring in
 * the order of their coming: the oldest is always at hand. One that is taken out leaves a gap; when the ring is full the
 * gaps are closed, or it doubles. Found by the four-tuple's hash, from either direction, over chains of rows. IPv6
 * addresses stand in a pool beside. Nothing here knows a connection.
 */
import { ACK, FIN, RST, type Segment, SYN, URG } from "../wire/segment.js";

/** Integers of a row: addresses, ports, sequence, acknowledgment, TSval, IP ID with window, VLAN with TTL, rest. */
const WORDS = 11;
const SOURCE = 0;
const DESTINATION = 1;
const PORTS = 2;
const SEQUENCE = 3;
const ACKNOWLEDGMENT = 4;
const TSVAL = 5;
const ID_AND_WINDOW = 6;
const VLAN_AND_TTL = 7;
const INTERFACE_AND_MSS = 8;
const REST = 9;
/** The row before it in its chain + 1, 0 none. */
const LINK = 10;
/** Doubles of a row: time, and the packet's number with that of its file above it. */
const WIDES = 2;
const FRAMES = 2 ** 33;

// ---- the rest: flags, then one above the window scale, then what is true or not. A gap is 0: every row has SYN.
const FLAGS = 0x1ff;
const SCALE_AT = 9;
const SCALE = 0xf;
const ECN_AT = 13;
const HAS_TIMESTAMPS = 1 << 15;
const IS_SACK_PERMITTED = 1 << 16;
/** Both addresses stand in the pool: SOURCE is their place. */
const IS_IPV6 = 1 << 17;

/** Words of a place in the pool: two IPv6 addresses. */
const ADDRESSES = 8;
const LEAST = 1024;

export class SynTable {
  /** Rows in use. */
  count = 0;

  #capacity = LEAST;
  #ints = new Int32Array(LEAST * WORDS);
  #wides = new Float64Array(LEAST * WIDES);
  /** Of each chain the newest row + 1, 0 for none: one chain a row. */
  #heads = new Int32Array(LEAST);
  /** Serial numbers of the oldest and of the next to come; the place in the ring is the remainder. */
  #first = 0;
  #next = 0;
  #addresses = new Int32Array(0);
  #addressCount = 0;
  readonly #freeAddresses: number[] = [];

  /** Whether a row can hold all that the segment says: a SYN without payload or any rare option. */
  static isPlain(segment: Segment): boolean {
    return (
      (segment.flags & (SYN | ACK | RST | FIN | URG)) === SYN &&
      segment.payloadLength === 0 &&
      segment.overlayId === 0 &&
      segment.tsEcr === 0 &&
      segment.sackBlocks === 0 &&
      segment.fastOpenCookieLength < 0 &&
      segment.mptcpSubtype < 0 &&
      segment.userTimeout < 0 &&
      segment.interfaceId <= 0xffff &&
      !segment.isFragment &&
      !segment.hasMd5 &&
      !segment.hasAuthentication &&
      !segment.hasAccEcnOption &&
      !segment.hasBadOptions &&
      !segment.isHeaderCut &&
      !isToItself(segment)
    );
  }

  /** Takes in a plain SYN under its tuple's hash. */
  add(segment: Segment, hash: number, hashOf: (place: number) => number): void {
    if (this.#next - this.#first === this.#capacity) this.#makeRoom(hashOf);
    const place = this.#next++ & (this.#capacity - 1);
    const [ints, at] = [this.#ints, place * WORDS];
    this.#wides[place * WIDES] = segment.timeNs;
    this.#wides[place * WIDES + 1] = segment.file * FRAMES + segment.number;
    const isV6 = segment.ipVersion === 6;
    ints[at + SOURCE] = isV6 ? this.#addAddresses(segment) : segment.source0;
    ints[at + DESTINATION] = isV6 ? 0 : segment.destination0;
    ints[at + PORTS] = (segment.sourcePort << 16) | segment.destinationPort;
    ints[at + SEQUENCE] = segment.sequence;
    ints[at + ACKNOWLEDGMENT] = segment.acknowledgment;
    ints[at + TSVAL] = segment.tsVal;
    ints[at + ID_AND_WINDOW] = (segment.ipId << 16) | segment.window;
    ints[at + VLAN_AND_TTL] = (segment.vlan << 8) | segment.ttl;
    ints[at + INTERFACE_AND_MSS] = (segment.interfaceId << 16) | segment.mss;
    ints[at + REST] =
      segment.flags |
      ((segment.windowScale + 1) << SCALE_AT) |
      (segment.ecn << ECN_AT) |
      (segment.hasTimestamps ? HAS_TIMESTAMPS : 0) |
      (segment.isSackPermitted ? IS_SACK_PERMITTED : 0) |
      (isV6 ? IS_IPV6 : 0);
    this.#enter(place, hash);
    this.count++;
  }

  /** The row of the tuple of `segment`, whoever sent that; -1 where there is none. */
  find(segment: Segment, hash: number): number {
    const sent = (segment.sourcePort << 16) | segment.destinationPort;
    const answered = (segment.destinationPort << 16) | segment.sourcePort;
    for (
      let place = this.#heads[hash & (this.#capacity - 1)]! - 1;
      place >= 0;
      place = this.#ints[place * WORDS + LINK]! - 1
    ) {
      const ports = this.#ints[place * WORDS + PORTS];
      if (ports === sent && this.#isBetween(place, segment, true)) return place;
      if (ports === answered && this.#isBetween(place, segment, false)) return place;
    }
    return -1;
  }

  /** Fills `segment` with what the row holds: all that was there when it was added. */
  read(place: number, segment: Segment): void {
    const [ints, at] = [this.#ints, place * WORDS];
    const rest = ints[at + REST]!;
    const name = this.#wides[place * WIDES + 1]!;
    segment.timeNs = this.#wides[place * WIDES]!;
    segment.file = Math.floor(name / FRAMES);
    segment.number = name % FRAMES;
    segment.interfaceId = ints[at + INTERFACE_AND_MSS]! >>> 16;
    segment.ipVersion = rest & IS_IPV6 ? 6 : 4;
    this.#readAddresses(at, segment);
    segment.sourcePort = ints[at + PORTS]! >>> 16;
    segment.destinationPort = ints[at + PORTS]! & 0xffff;
    segment.sequence = ints[at + SEQUENCE]!;
    segment.acknowledgment = ints[at + ACKNOWLEDGMENT]!;
    segment.tsVal = ints[at + TSVAL]!;
    segment.ipId = ints[at + ID_AND_WINDOW]! >>> 16;
    segment.window = ints[at + ID_AND_WINDOW]! & 0xffff;
    segment.vlan = ints[at + VLAN_AND_TTL]! >>> 8;
    segment.ttl = ints[at + VLAN_AND_TTL]! & 0xff;
    segment.mss = ints[at + INTERFACE_AND_MSS]! & 0xffff;
    segment.flags = rest & FLAGS;
    segment.length = 1;
    segment.windowScale = ((rest >> SCALE_AT) & SCALE) - 1;
    segment.ecn = (rest >> ECN_AT) & 3;
    segment.hasTimestamps = (rest & HAS_TIMESTAMPS) !== 0;
    segment.isSackPermitted = (rest & IS_SACK_PERMITTED) !== 0;
  }

  /** Takes the row out, which stands under `hash`. */
  remove(place: number, hash: number): void {
    const [ints, at] = [this.#ints, place * WORDS];
    const chain = hash & (this.#capacity - 1);
    if (this.#heads[chain] === place + 1) this.#heads[chain] = ints[at + LINK]!;
    else {
      let before = this.#heads[chain]! - 1;
      while (ints[before * WORDS + LINK] !== place + 1) before = ints[before * WORDS + LINK]! - 1;
      ints[before * WORDS + LINK] = ints[at + LINK]!;
    }
    if (ints[at + REST]! & IS_IPV6) this.#freeAddresses.push(ints[at + SOURCE]!);
    ints[at + REST] = 0;
    this.count--;
    while (this.#first < this.#next && this.#isGap(this.#first)) this.#first++;
  }

  /** The row that came first, -1 where there is none; when it came, in nanoseconds, Infinity without one. */
  get oldest(): number {
    return this.count === 0 ? -1 : this.#first & (this.#capacity - 1);
  }

  get oldestAt(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.timeNs(this.oldest);
  }

  timeNs(place: number): number {
    return this.#wides[place * WIDES]!;
  }

  /** All rows in the order of their SYNs: by time, then by file and packet. */
  inOrder(): Int32Array {
    const places = new Int32Array(this.count);
    const wides = this.#wides;
    const order = (a: number, b: number) =>
      wides[a * WIDES]! - wides[b * WIDES]! || wides[a * WIDES + 1]! - wides[b * WIDES + 1]!;
    let rows = 0;
    let isSorted = true;
    for (let serial = this.#first; serial < this.#next; serial++) {
      if (this.#isGap(serial)) continue;
      places[rows] = serial & (this.#capacity - 1);
      if (rows > 0 && order(places[rows - 1]!, places[rows]!) > 0) isSorted = false;
      rows++;
    }
    return isSorted ? places : places.sort(order);
  }

  #isGap(serial: number): boolean {
    return this.#ints[(serial & (this.#capacity - 1)) * WORDS + REST] === 0;
  }

  #enter(place: number, hash: number): void {
    const chain = hash & (this.#capacity - 1);
    this.#ints[place * WORDS + LINK] = this.#heads[chain]!;
    this.#heads[chain] = place + 1;
  }

  #isBetween(place: number, segment: Segment, isFromOpener: boolean): boolean {
    const [ints, at] = [this.#ints, place * WORDS];
    const isV6 = (ints[at + REST]! & IS_IPV6) !== 0;
    if (isV6 !== (segment.ipVersion === 6) || segment.overlayId !== 0) return false;
    const { source0, destination0 } = segment;
    if (!isV6)
      return isFromOpener
        ? ints[at + SOURCE] === source0 && ints[at + DESTINATION] === destination0
        : ints[at + SOURCE] === destination0 && ints[at + DESTINATION] === source0;
    const from = ints[at + SOURCE]! * ADDRESSES;
    const [own, other] = isFromOpener ? [from, from + 4] : [from + 4, from];
    const words = this.#addresses;
    return (
      words[own + 3] === segment.source3 &&
      words[other + 3] === segment.destination3 &&
      words[own + 2] === segment.source2 &&
      words[other + 2] === segment.destination2 &&
      words[own + 1] === segment.source1 &&
      words[other + 1] === segment.destination1 &&
      words[own] === source0 &&
      words[other] === destination0
    );
  }

  #addAddresses(segment: Segment): number {
    const place = this.#freeAddresses.pop() ?? this.#addressCount++;
    const at = place * ADDRESSES;
    if (at === this.#addresses.length) {
      const words = new Int32Array(Math.max(LEAST, 2 * at));
      words.set(this.#addresses);
      this.#addresses = words;
    }
    const words = this.#addresses;
    words[at] = segment.source0;
    words[at + 1] = segment.source1;
    words[at + 2] = segment.source2;
    words[at + 3] = segment.source3;
    words[at + 4] = segment.destination0;
    words[at + 5] = segment.destination1;
    words[at + 6] = segment.destination2;
    words[at + 7] = segment.destination3;
    return place;
  }

  #readAddresses(at: number, segment: Segment): void {
    const isV6 = segment.ipVersion === 6;
    const words = isV6 ? this.#addresses : this.#ints;
    const from = isV6 ? this.#ints[at + SOURCE]! * ADDRESSES : at + SOURCE;
    const to = isV6 ? from + 4 : at + DESTINATION;
    segment.source0 = words[from]!;
    segment.source1 = isV6 ? words[from + 1]! : 0;
    segment.source2 = isV6 ? words[from + 2]! : 0;
    segment.source3 = isV6 ? words[from + 3]! : 0;
    segment.destination0 = words[to]!;
    segment.destination1 = isV6 ? words[to + 1]! : 0;
    segment.destination2 = isV6 ? words[to + 2]! : 0;
    segment.destination3 = isV6 ? words[to + 3]! : 0;
  }

  /** Closes the gaps where a quarter of the ring is gaps, else doubles it; `hashOf` gives the hash of a row's tuple. */
  #makeRoom(hashOf: (place: number) => number): void {
    const [ints, wides, capacity] = [this.#ints, this.#wides, this.#capacity];
    const hashes = new Int32Array(this.count);
    let rows = 0;
    for (let serial = this.#first; serial < this.#next; serial++)
      if (!this.#isGap(serial)) hashes[rows++] = hashOf(serial & (capacity - 1));
    if (this.count > (capacity * 3) / 4) {
      this.#capacity *= 2;
      this.#ints = new Int32Array(this.#capacity * WORDS);
      this.#wides = new Float64Array(this.#capacity * WIDES);
      this.#heads = new Int32Array(this.#capacity);
    } else this.#heads.fill(0);
    const mask = this.#capacity - 1;
    const first = this.#first;
    for (let serial = first; serial < this.#next; serial++) {
      const from = serial & (capacity - 1);
      if (ints[from * WORDS + REST] === 0) continue;
      // Never behind where it stood: in the same ring nothing is overwritten that is still to be moved.
      const to = (first + this.count - rows) & mask;
      for (let word = 0; word < WORDS; word++) this.#ints[to * WORDS + word] = ints[from * WORDS + word]!;
      for (let wide = 0; wide < WIDES; wide++) this.#wides[to * WIDES + wide] = wides[from * WIDES + wide]!;
      this.#enter(to, hashes[this.count - rows]!);
      rows--;
    }
    this.#next = first + this.count;
  }
}

/** Whether both ends have one address and port, as far as a look at a part of them tells. */
function isToItself(segment: Segment): boolean {
  return segment.sourcePort === segment.destinationPort && segment.source0 === segment.destination0;
}
