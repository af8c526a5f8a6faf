/**
 * Bulk transfers over a path that loses and overtakes segments, as a capture point between server and client sees them:
 * flights of full segments, acknowledgments with SACK blocks (RFC 2018 §4), fast retransmissions of what three blocks
 * stand above (RFC 6675 §4), timeouts of what nothing stands above (RFC 6298 §5).
 *
 * A transfer goes flight by flight: what becomes of each segment is drawn when the flight begins, from that follows who
 * sends what and when, and the packets are emitted in the order of time. Half of the losses lie in front of the capture
 * point: those segments stand in the trace once. A sender's flight grows by one segment, and is halved after a loss
 * (RFC 5681 §3.1). State lies in columns by slot, as in conversations.mjs.
 */
import { FLAGS, Frame, FULL_SEGMENT_BYTES } from "./frame.mjs";
import { CLIENTS, Hosts, SERVERS } from "./hosts.mjs";
import { runInTimeOrder } from "./timing-wheel.mjs";

const CLIENT = 0;
const SERVER = 1;
/** Most segments of a flight, and packets that one can lead to: each segment, its repeat, an ACK of each, two for FINs. */
const MOST_SEGMENTS = 64;
const MOST_PACKETS = 4 * MOST_SEGMENTS + 8;
const MOST_BLOCKS = 3;
/**
 * What is planned of a packet: who sends it, which segment it is or how many it acknowledges, of which kind it is, blocks,
 * whether it comes again, the millisecond of the other side's clock that it echoes and that in which it was sent, its IP ID.
 */
const WORDS = 8 + 2 * MOST_BLOCKS;
const [SIDE, NUMBER, KIND, BLOCKS, AGAIN, ECHO, SENT, ID, EDGES] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [DATA, ACK, SYN, SYN_ACK, FIRST_FIN, SECOND_FIN, LAST_ACK] = [0, 1, 2, 3, 4, 5, 6];

const [IN_ORDER, LOST_BEFORE, LOST_AFTER, OVERTAKEN] = [0, 1, 2, 3];
const REQUEST_BYTES = 120;
const WINDOW_OF_SYN = 64_240;
const WINDOW = 8_192;
const SEGMENT_SPACING_US = 12;
/** An overtaken segment lets two pass: no reason to repeat it. */
const OVERTAKEN_US = 2 * SEGMENT_SPACING_US + 5;
const TIMEOUT_FLOOR_US = 200_000;

/**
 * @typedef {object} TransferSettings
 * @property {number} connections how many in all
 * @property {number} concurrent how many at a time
 * @property {readonly [number, number]} segments full segments a transfer
 * @property {number} firstFlight segments of the first one
 * @property {number} lossChance of a segment, half in front of the capture point and half behind
 * @property {number} overtakenChance of a segment
 * @property {readonly [number, number]} gapUs from a slot's end to its next SYN
 * @property {number} rampUs within which all slots begin, below 4.1 s
 */

/** Runs all transfers of a trace. */
export class Transfers {
  /**
   * @param {TransferSettings} settings how they are
   * @param {import("./random.mjs").Random} random decides everything else
   * @param {{ write(timeUs: number, frame: Frame): void }} writer takes the packets
   * @param {import("./truth.mjs").Truth} truth counts them
   */
  constructor(settings, random, writer, truth) {
    this.settings = settings;
    this.random = random;
    this.writer = writer;
    this.truth = truth;
    this.hosts = new Hosts(random);
    this.frame = new Frame();
    const slots = Math.min(settings.concurrent, settings.connections);
    this.slots = slots;
    this.started = 0;
    this.client = new Uint16Array(slots);
    this.server = new Uint8Array(slots);
    this.clientPort = new Uint16Array(slots);
    this.serverPort = new Uint16Array(slots);
    this.segmentsLeft = new Int32Array(slots);
    this.flight = new Int32Array(slots);
    /** Segments of the flights before: where this one begins. */
    this.base = new Int32Array(slots);
    this.wasRepeated = new Uint8Array(slots);
    this.initial = new Int32Array(slots * 2);
    this.clockOffset = new Int32Array(slots * 2);
    /** Each side counts its packets of the connection. */
    this.identification = new Uint16Array(slots * 2);
    /** What each side echoes: the millisecond in which the other sent what it has in order (RFC 7323 §4.3). */
    this.recentMs = new Int32Array(slots * 2);
    /** The packets to come, in the order of time. */
    this.times = new Float64Array(slots * MOST_PACKETS);
    this.plans = new Int32Array(slots * MOST_PACKETS * WORDS);
    this.planned = new Int32Array(slots);
    this.next = new Int32Array(slots);
    // Of the flight that is being planned: what becomes of each segment, and when it arrives.
    this.arrivals = [];
    this.has = new Uint8Array(MOST_SEGMENTS);
  }

  /** Writes the whole trace. */
  run() {
    runInTimeOrder(
      this.slots,
      (slot) => {
        const firstUs = this.random.below(Math.max(1, this.settings.rampUs));
        this.open(slot, firstUs);
        return firstUs;
      },
      (slot, timeUs) => this.step(slot, timeUs),
    );
  }

  /** Gives the slot a new connection, which begins at `timeUs`. */
  open(slot, timeUs) {
    const { random, hosts, settings } = this;
    this.started++;
    const client = random.below(CLIENTS);
    this.client[slot] = client;
    this.server[slot] = random.below(SERVERS);
    this.clientPort[slot] = hosts.takePort(client);
    this.serverPort[slot] = hosts.chooseServerPort();
    this.segmentsLeft[slot] = random.within(settings.segments);
    this.flight[slot] = settings.firstFlight;
    this.base[slot] = 0;
    this.wasRepeated[slot] = 0;
    for (let row = slot * 2; row < slot * 2 + 2; row++) {
      this.initial[row] = random.next();
      this.clockOffset[row] = random.next();
      this.identification[row] = random.next();
      this.recentMs[row] = 0;
    }
    this.planned[slot] = 0;
    this.next[slot] = 0;
    const synAckUs = timeUs + this.serverTrip(slot);
    const ackUs = synAckUs + this.clientTrip(slot);
    this.plan(slot, timeUs, CLIENT, SYN, 0);
    this.recentMs[slot * 2 + SERVER] = Math.floor(timeUs / 1000);
    this.plan(slot, synAckUs, SERVER, SYN_ACK, 0);
    this.recentMs[slot * 2 + CLIENT] = Math.floor(synAckUs / 1000);
    this.plan(slot, ackUs, CLIENT, ACK, 0);
    this.plan(slot, ackUs + 40, CLIENT, DATA, 0);
    this.recentMs[slot * 2 + SERVER] = Math.floor((ackUs + 40) / 1000);
    this.planFlight(slot, ackUs + 40 + this.serverTrip(slot));
    this.sortPlan(slot);
    this.truth.serverLegUs.add(synAckUs - timeUs);
    this.truth.clientLegUs.add(ackUs - synAckUs);
  }

  /** Sends what is due; @returns {number} microseconds until the next packet, 0 for none */
  step(slot, timeUs) {
    const at = slot * MOST_PACKETS + this.next[slot]++;
    this.send(slot, timeUs, at * WORDS);
    if (this.next[slot] < this.planned[slot]) return Math.max(1, this.times[at + 1] - timeUs);
    if (this.segmentsLeft[slot] > 0) {
      this.clearPlan(slot);
      this.planFlight(slot, timeUs + this.serverTrip(slot));
      this.sortPlan(slot);
      return Math.max(1, this.times[slot * MOST_PACKETS] - timeUs);
    }
    return this.ended(slot, timeUs);
  }

  ended(slot, timeUs) {
    this.truth.ended(this.wasRepeated[slot] === 1);
    if (this.started >= this.settings.connections) return 0;
    const gapUs = 1 + this.random.within(this.settings.gapUs);
    this.open(slot, timeUs + gapUs);
    return gapUs;
  }

  /** Draws what becomes of a flight that passes from `startUs` on, and plans all packets that follow from it. */
  planFlight(slot, startUs) {
    const { random, settings, arrivals } = this;
    const count = Math.min(this.segmentsLeft[slot], this.flight[slot], MOST_SEGMENTS);
    this.segmentsLeft[slot] -= count;
    arrivals.length = 0;
    let lost = 0;
    for (let i = 0; i < count; i++) {
      const fate = this.fate(settings, random);
      const sentUs = startUs + i * SEGMENT_SPACING_US;
      const passesUs = sentUs + (fate === OVERTAKEN ? OVERTAKEN_US : 0);
      if (fate === LOST_BEFORE) this.identification[slot * 2 + SERVER]++;
      else this.plan(slot, passesUs, SERVER, DATA, i, 0, sentUs);
      if (fate === LOST_BEFORE || fate === LOST_AFTER) lost++;
      else arrivals.push({ segment: i, us: passesUs });
    }
    arrivals.sort((a, b) => a.us - b.us);
    const lastUs = this.planAcks(slot, count, startUs);
    if (lost > 0) this.flight[slot] = Math.max(settings.firstFlight, count >> 1);
    else this.flight[slot] = Math.min(MOST_SEGMENTS, count + 1);
    if (this.segmentsLeft[slot] === 0) this.planClose(slot, count, lastUs + 200);
  }

  fate({ lossChance, overtakenChance }, random) {
    if (random.chance(lossChance)) return random.chance(0.5) ? LOST_BEFORE : LOST_AFTER;
    return random.chance(overtakenChance) ? OVERTAKEN : IN_ORDER;
  }

  /** The receiver's answers, and the repeats that they call for; @returns {number} when the last one passes */
  planAcks(slot, count, startUs) {
    const { arrivals, has } = this;
    has.fill(0);
    let inOrder = 0;
    let unacknowledged = 0;
    let lastUs = startUs;
    const repeated = new Set();
    for (let i = 0; i < arrivals.length; i++) {
      const { segment, us } = arrivals[i];
      has[segment] = 1;
      const before = inOrder;
      if (segment === before) this.recentMs[slot * 2 + CLIENT] = Math.floor(us / 1000);
      while (inOrder < count && has[inOrder] === 1) inOrder++;
      unacknowledged += inOrder - before;
      const hasHole = this.highest(count) > inOrder;
      if (!hasHole && before + 1 === inOrder && unacknowledged < 2 && inOrder < count) continue;
      unacknowledged = 0;
      const ackUs = us + this.tripUs(slot);
      lastUs = Math.max(lastUs, ackUs);
      this.plan(slot, ackUs, CLIENT, ACK, inOrder, count);
      this.repeatLost(slot, count, inOrder, repeated, ackUs + this.serverUs(slot));
      if (i === arrivals.length - 1 && inOrder < count) this.timeOut(slot, count, inOrder, repeated, ackUs);
    }
    if (arrivals.length === 0) this.timeOut(slot, count, 0, repeated, startUs);
    return Math.max(
      lastUs,
      arrivals.length > 0 ? arrivals[arrivals.length - 1].us + this.tripUs(slot) : lastUs,
    );
  }

  /** Segments with three above them that arrived come again, once. */
  repeatLost(slot, count, inOrder, repeated, us) {
    let above = 0;
    for (let segment = count - 1; segment >= inOrder; segment--) {
      if (this.has[segment] === 1) above++;
      else if (above >= 3 && !repeated.has(segment)) this.repeat(slot, segment, repeated, us);
    }
  }

  /** What is missing and was not repeated so far, nor is on its way. */
  timeOut(slot, count, inOrder, repeated, ackUs) {
    let us = ackUs + TIMEOUT_FLOOR_US + this.tripUs(slot) + this.serverUs(slot);
    for (let segment = inOrder; segment < count; segment++) {
      if (this.has[segment] === 1 || repeated.has(segment)) continue;
      this.repeat(slot, segment, repeated, us);
      us += SEGMENT_SPACING_US;
    }
  }

  repeat(slot, segment, repeated, us) {
    repeated.add(segment);
    this.plan(slot, us, SERVER, DATA, segment);
    const at = (slot * MOST_PACKETS + this.planned[slot] - 1) * WORDS;
    this.plans[at + AGAIN] = 1;
    this.arrivals.push({ segment, us });
    this.arrivals.sort((a, b) => a.us - b.us);
  }

  /** One more than the highest segment that arrived. */
  highest(count) {
    let highest = count;
    while (highest > 0 && this.has[highest - 1] === 0) highest--;
    return highest;
  }

  planClose(slot, count, us) {
    const secondUs = us + this.clientTrip(slot);
    this.plan(slot, us, SERVER, FIRST_FIN, count);
    this.plan(slot, secondUs, CLIENT, SECOND_FIN, count);
    this.plan(slot, secondUs + this.serverTrip(slot), SERVER, LAST_ACK, count);
  }

  // ---- plans

  clearPlan(slot) {
    // Segments are counted within a flight, and flights within the transfer.
    this.base[slot] += this.flightSize(slot);
    this.planned[slot] = 0;
    this.next[slot] = 0;
  }

  /** Segments of the flight that is planned: one above the highest of its data. */
  flightSize(slot) {
    let size = 0;
    for (let i = 0; i < this.planned[slot]; i++) {
      const at = (slot * MOST_PACKETS + i) * WORDS;
      const isData = this.plans[at + KIND] === DATA && this.plans[at + SIDE] === SERVER;
      if (isData) size = Math.max(size, this.plans[at + NUMBER] + 1);
    }
    return size;
  }

  /** `count`: segments of the flight, where its SACK blocks are to be told; `sentUs`: when it would have passed, had nothing overtaken it. */
  plan(slot, us, side, kind, number, count = 0, sentUs = us) {
    const index = slot * MOST_PACKETS + this.planned[slot]++;
    const at = index * WORDS;
    this.times[index] = us;
    this.plans[at + SIDE] = side;
    this.plans[at + KIND] = kind;
    this.plans[at + NUMBER] = number;
    this.plans[at + AGAIN] = 0;
    this.plans[at + SENT] = Math.floor(sentUs / 1000);
    this.plans[at + ID] = this.identification[slot * 2 + side]++;
    this.plans[at + ECHO] = this.recentMs[slot * 2 + side];
    this.plans[at + BLOCKS] = 0;
    let blocks = 0;
    for (let end = count; end > number && blocks < MOST_BLOCKS; ) {
      while (end > number && this.has[end - 1] === 0) end--;
      let start = end;
      while (start > number && this.has[start - 1] === 1) start--;
      if (start >= end) break;
      this.plans[at + EDGES + 2 * blocks] = start;
      this.plans[at + EDGES + 2 * blocks + 1] = end;
      blocks++;
      end = start;
    }
    this.plans[at + BLOCKS] = blocks;
  }

  /** Puts the slot's packets into the order of time; those of one time keep theirs. */
  sortPlan(slot) {
    const first = slot * MOST_PACKETS;
    const words = new Int32Array(WORDS);
    for (let i = first + 1; i < first + this.planned[slot]; i++) {
      const time = this.times[i];
      let to = i;
      words.set(this.plans.subarray(i * WORDS, (i + 1) * WORDS));
      while (to > first && this.times[to - 1] > time) {
        this.times[to] = this.times[to - 1];
        this.plans.copyWithin(to * WORDS, (to - 1) * WORDS, to * WORDS);
        to--;
      }
      this.times[to] = time;
      this.plans.set(words, to * WORDS);
    }
  }

  clientTrip(slot) {
    return this.hosts.clientTrip(this.client[slot]);
  }

  serverTrip(slot) {
    return this.hosts.serverTrip(this.server[slot]);
  }

  /** From the capture point to the client and back, alike for all segments of a flight: they do not pass one another. */
  tripUs(slot) {
    return this.hosts.clientTripUs[this.client[slot]];
  }

  serverUs(slot) {
    return this.hosts.serverTripUs[this.server[slot]];
  }

  // ---- packets

  send(slot, timeUs, at) {
    const { frame, truth, plans } = this;
    const side = plans[at + SIDE];
    const kind = plans[at + KIND];
    const isData = kind === DATA;
    if (kind === SYN) truth.opened();
    if (kind === DATA && side === CLIENT) truth.completedHandshakes++;
    frame.side = side;
    frame.flags = flagsOf(kind);
    frame.payloadBytes = isData ? (side === CLIENT ? REQUEST_BYTES : FULL_SEGMENT_BYTES) : 0;
    this.number(slot, at, side, kind);
    frame.sackBlocks = plans[at + BLOCKS];
    for (let i = 0; i < 2 * frame.sackBlocks; i++)
      frame.sackEdges[i] = this.serverSequence(slot, plans[at + EDGES + i]);
    frame.window = kind === SYN || kind === SYN_ACK ? WINDOW_OF_SYN : WINDOW;
    const row = slot * 2 + side;
    frame.timestampValue = (this.clockOffset[row] + plans[at + SENT]) | 0;
    frame.timestampEcho = kind === SYN ? 0 : (this.clockOffset[row ^ 1] + plans[at + ECHO]) | 0;
    if (plans[at + AGAIN] === 1) {
      truth.retransmittedSegments++;
      truth.retransmittedBytes += frame.payloadBytes;
      this.wasRepeated[slot] = 1;
    }
    if (kind === FIRST_FIN) truth.gracefulClosedFirstByServer++;
    if (kind === FIRST_FIN || kind === SECOND_FIN) truth.finSegments++;
    frame.identification = plans[at + ID];
    const { hosts, client, server } = this;
    hosts.address(frame, client[slot], this.clientPort[slot], server[slot], this.serverPort[slot]);
    truth.count(timeUs, frame);
    this.writer.write(timeUs, frame);
    frame.sackBlocks = 0;
  }

  /** Sequence and acknowledgment number of the packet that is planned at `at`. */
  number(slot, at, side, kind) {
    const { frame } = this;
    const number = this.plans[at + NUMBER];
    const client = this.initial[slot * 2];
    const isAfterRequest = this.base[slot] > 0 || number > 0 || kind >= FIRST_FIN;
    if (side === CLIENT) {
      const sent = isAfterRequest && kind !== DATA ? REQUEST_BYTES : 0;
      frame.sequence = kind === SYN ? client : (client + 1 + sent) | 0;
      const end = this.serverSequence(slot, number) + (kind === SECOND_FIN ? 1 : 0);
      frame.acknowledgment = kind === SYN ? 0 : end | 0;
      frame.stream = 1;
    } else {
      const isSynAck = kind === SYN_ACK;
      const last = kind === LAST_ACK ? 1 : 0;
      frame.sequence = isSynAck ? this.initial[slot * 2 + 1] : (this.serverSequence(slot, number) + last) | 0;
      frame.acknowledgment = (client + 1 + (isSynAck ? 0 : REQUEST_BYTES) + last) | 0;
      frame.stream = (frame.sequence - this.initial[slot * 2 + 1]) | 0;
    }
  }

  /** Sequence number of the flight's segment `number`. */
  serverSequence(slot, number) {
    return (this.initial[slot * 2 + 1] + 1 + (this.base[slot] + number) * FULL_SEGMENT_BYTES) | 0;
  }
}

function flagsOf(kind) {
  if (kind === SYN) return FLAGS.SYN;
  if (kind === SYN_ACK) return FLAGS.SYN | FLAGS.ACK;
  if (kind === FIRST_FIN || kind === SECOND_FIN) return FLAGS.FIN | FLAGS.ACK;
  return FLAGS.ACK;
}
