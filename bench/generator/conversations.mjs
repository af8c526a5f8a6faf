/**
 * Ordinary TCP conversations as a capture point between client and server sees them: handshake, some turns of
 * request and response, close by FIN or by RST (RFC 9293 §3.5, §3.6; TSval and TSecr by RFC 7323 §4).
 * What is sent again was lost behind the capture point, so that both copies are in the trace, the second with a new
 * TSval and IP ID after the sender's timeout. State lives in columns by slot: a slot is one running conversation and
 * takes the next one when it ends. No object is made for a packet or a connection.
 */
import { FLAGS, Frame, FULL_SEGMENT_BYTES } from "./frame.mjs";
import { CLIENTS, Hosts, SERVERS } from "./hosts.mjs";
import { runInTimeOrder } from "./timing-wheel.mjs";

const CLIENT = 0;
const SERVER = 1;

const STEP = {
  SYN: 0,
  SYN_ACK: 1,
  HANDSHAKE_ACK: 2,
  REQUEST: 3,
  REQUEST_AGAIN: 4,
  REQUEST_ACK: 5,
  RESPONSE: 6,
  RESPONSE_AGAIN: 7,
  RESPONSE_ACK: 8,
  RESET: 9,
  FIRST_FIN: 10,
  ACK_OF_FIN: 11,
  SECOND_FIN: 12,
  LAST_ACK: 13,
};

/** 64,240 in the SYN; afterwards 502 * 2^7 = 64,256. */
const WINDOW_OF_SYN = 64_240;
const WINDOW = 502;
/** Least retransmission timeout of Linux; RFC 6298 §2.4 would have one second. */
const TIMEOUT_FLOOR_US = 200_000;
/** One full-size segment at 1 Gbit/s. */
const SEGMENT_SPACING_US = 12;

/**
 * How a trace's conversations are. Ranges are inclusive; times in microseconds; chances 0 to 1.
 * @typedef {object} ConversationSettings
 * @property {number} connections how many in all
 * @property {number} concurrent how many at a time
 * @property {readonly [number, number]} turns requests a connection
 * @property {readonly [number, number]} requestBytes at most one full segment
 * @property {readonly [number, number]} responseBytes sent as full segments and a rest
 * @property {number} requestAckChance that the server acknowledges a request before it answers
 * @property {number} repeatChance that a request, or a response of one segment, is lost and sent again
 * @property {number} resetChance that a connection ends by RST
 * @property {readonly [number, number]} processingUs server's time for a response
 * @property {readonly [number, number]} thinkUs client's time between turns
 * @property {readonly [number, number]} gapUs from a slot's end to its next SYN
 * @property {readonly import("./wraps.mjs").Wrap[]} [wraps] what carries the conversations, by turns
 * @property {number} rampUs within which all slots begin, below 4.1 s
 */

/** Runs all conversations of a trace. */
export class Conversations {
  /**
   * @param {ConversationSettings} settings how they are
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
    this.slots = Math.min(settings.concurrent, settings.connections);
    this.started = 0;
    const slots = this.slots;
    this.next = new Uint8Array(slots);
    this.client = new Uint16Array(slots);
    this.server = new Uint8Array(slots);
    this.clientPort = new Uint16Array(slots);
    this.serverPort = new Uint16Array(slots);
    /** What carries it, by its number among the settings' wraps. */
    this.wrap = new Uint8Array(slots);
    this.turnsLeft = new Uint8Array(slots);
    this.closer = new Uint8Array(slots);
    this.wasRepeated = new Uint8Array(slots);
    this.responseLeft = new Int32Array(slots);
    /** Response bytes that the client has not acknowledged yet, and the size of the segment sent last. */
    this.unacknowledged = new Int32Array(slots);
    this.lastBytes = new Int32Array(slots);
    this.lastAtUs = new Float64Array(slots);
    // By row = slot * 2 + side; the peer is row ^ 1.
    this.sequence = new Int32Array(slots * 2);
    this.initialSequence = new Int32Array(slots * 2);
    this.clockOffset = new Int32Array(slots * 2);
    this.timestampSent = new Int32Array(slots * 2);
  }

  /** Writes the whole trace. */
  run() {
    runInTimeOrder(
      this.slots,
      (slot) => {
        this.open(slot);
        return this.random.below(Math.max(1, this.settings.rampUs));
      },
      (slot, timeUs) => this.step(slot, timeUs),
    );
  }

  /** Gives the slot a new connection. */
  open(slot) {
    const { random, hosts, settings } = this;
    if (settings.wraps) this.wrap[slot] = this.started % settings.wraps.length;
    this.started++;
    const client = random.below(CLIENTS);
    this.client[slot] = client;
    this.server[slot] = random.below(SERVERS);
    this.clientPort[slot] = hosts.takePort(client);
    this.serverPort[slot] = hosts.chooseServerPort();
    this.turnsLeft[slot] = random.within(settings.turns);
    this.wasRepeated[slot] = 0;
    this.unacknowledged[slot] = 0;
    for (let side = CLIENT; side <= SERVER; side++) {
      const row = slot * 2 + side;
      this.sequence[row] = random.next();
      this.initialSequence[row] = this.sequence[row];
      this.clockOffset[row] = random.next();
      this.timestampSent[row] = 0;
    }
    this.next[slot] = STEP.SYN;
  }

  /** Sends the slot's next packet; @returns {number} microseconds until the one after it, 0 for none */
  step(slot, timeUs) {
    switch (this.next[slot]) {
      case STEP.SYN:
      case STEP.SYN_ACK:
      case STEP.HANDSHAKE_ACK:
        return this.shakeHands(slot, timeUs);
      case STEP.REQUEST:
      case STEP.REQUEST_AGAIN:
      case STEP.REQUEST_ACK:
        return this.request(slot, timeUs);
      case STEP.RESPONSE:
      case STEP.RESPONSE_AGAIN:
      case STEP.RESPONSE_ACK:
        return this.respond(slot, timeUs);
      default:
        return this.close(slot, timeUs);
    }
  }

  shakeHands(slot, timeUs) {
    const { truth } = this;
    if (this.next[slot] === STEP.SYN) {
      truth.opened();
      this.send(slot, timeUs, CLIENT, FLAGS.SYN, 0);
      this.lastAtUs[slot] = timeUs;
      this.next[slot] = STEP.SYN_ACK;
      return this.serverTrip(slot);
    }
    const legUs = timeUs - this.lastAtUs[slot];
    this.lastAtUs[slot] = timeUs;
    if (this.next[slot] === STEP.SYN_ACK) {
      truth.serverLegUs.add(legUs);
      this.send(slot, timeUs, SERVER, FLAGS.SYN | FLAGS.ACK, 0);
      this.next[slot] = STEP.HANDSHAKE_ACK;
      return this.clientTrip(slot);
    }
    truth.clientLegUs.add(legUs);
    truth.completedHandshakes++;
    this.send(slot, timeUs, CLIENT, FLAGS.ACK, 0);
    this.next[slot] = STEP.REQUEST;
    return this.random.within([20, 300]);
  }

  request(slot, timeUs) {
    const { random, settings } = this;
    const step = this.next[slot];
    if (step === STEP.REQUEST_ACK) {
      this.send(slot, timeUs, SERVER, FLAGS.ACK, 0);
      this.next[slot] = STEP.RESPONSE;
      return 1 + random.within(settings.processingUs);
    }
    if (step === STEP.REQUEST) {
      this.responseLeft[slot] = random.within(settings.responseBytes);
      this.send(slot, timeUs, CLIENT, FLAGS.PSH | FLAGS.ACK, random.within(settings.requestBytes));
      if (random.chance(settings.repeatChance)) {
        this.next[slot] = STEP.REQUEST_AGAIN;
        return this.timeout(slot);
      }
    } else {
      this.sendAgain(slot, timeUs, CLIENT);
    }
    if (random.chance(settings.requestAckChance)) {
      this.next[slot] = STEP.REQUEST_ACK;
      return this.serverTrip(slot);
    }
    this.next[slot] = STEP.RESPONSE;
    return this.serverTrip(slot) + random.within(settings.processingUs);
  }

  respond(slot, timeUs) {
    const { random } = this;
    const step = this.next[slot];
    if (step === STEP.RESPONSE_ACK) {
      // Every second full segment is acknowledged at once, the end of the response too.
      this.unacknowledged[slot] = Math.max(0, this.unacknowledged[slot] - 2 * FULL_SEGMENT_BYTES);
      this.send(slot, timeUs, CLIENT, FLAGS.ACK, 0);
      return this.unacknowledged[slot] > 0 ? 2 * SEGMENT_SPACING_US : this.afterTurn(slot);
    }
    if (step === STEP.RESPONSE_AGAIN) {
      this.sendAgain(slot, timeUs, SERVER);
      this.next[slot] = STEP.RESPONSE_ACK;
      return this.clientTrip(slot);
    }
    const bytes = Math.min(FULL_SEGMENT_BYTES, this.responseLeft[slot]);
    this.responseLeft[slot] -= bytes;
    const isLast = this.responseLeft[slot] === 0;
    const isOnly = isLast && this.unacknowledged[slot] === 0;
    this.send(slot, timeUs, SERVER, isLast ? FLAGS.PSH | FLAGS.ACK : FLAGS.ACK, bytes);
    this.unacknowledged[slot] += bytes;
    if (!isLast) return SEGMENT_SPACING_US;
    if (isOnly && random.chance(this.settings.repeatChance)) {
      this.next[slot] = STEP.RESPONSE_AGAIN;
      return this.timeout(slot);
    }
    this.next[slot] = STEP.RESPONSE_ACK;
    return this.clientTrip(slot);
  }

  /** Decides what follows a turn; @returns {number} microseconds until it */
  afterTurn(slot) {
    const { random, settings } = this;
    if (--this.turnsLeft[slot] > 0) {
      this.next[slot] = STEP.REQUEST;
    } else {
      this.closer[slot] = random.chance(0.6) ? CLIENT : SERVER;
      this.next[slot] = random.chance(settings.resetChance) ? STEP.RESET : STEP.FIRST_FIN;
    }
    return 1 + random.within(settings.thinkUs);
  }

  close(slot, timeUs) {
    const { truth, random } = this;
    const first = this.closer[slot];
    const second = first ^ 1;
    switch (this.next[slot]) {
      case STEP.RESET:
        if (first === CLIENT) truth.resetsByClient++;
        else truth.resetsByServer++;
        this.send(slot, timeUs, first, FLAGS.RST | FLAGS.ACK, 0);
        return this.ended(slot);
      case STEP.FIRST_FIN:
        if (first === CLIENT) truth.gracefulClosedFirstByClient++;
        else truth.gracefulClosedFirstByServer++;
        this.send(slot, timeUs, first, FLAGS.FIN | FLAGS.ACK, 0);
        this.next[slot] = random.chance(0.5) ? STEP.ACK_OF_FIN : STEP.SECOND_FIN;
        return this.trip(slot, second);
      case STEP.ACK_OF_FIN:
        this.send(slot, timeUs, second, FLAGS.ACK, 0);
        this.next[slot] = STEP.SECOND_FIN;
        return random.within([30, 2_000]);
      case STEP.SECOND_FIN:
        this.send(slot, timeUs, second, FLAGS.FIN | FLAGS.ACK, 0);
        this.next[slot] = STEP.LAST_ACK;
        return this.trip(slot, first);
      default:
        this.send(slot, timeUs, first, FLAGS.ACK, 0);
        return this.ended(slot);
    }
  }

  /** Ends the slot's connection and begins the next one; @returns {number} microseconds until its SYN, 0 for none */
  ended(slot) {
    this.truth.ended(this.wasRepeated[slot] === 1);
    if (this.started >= this.settings.connections) return 0;
    this.open(slot);
    return 1 + this.random.within(this.settings.gapUs);
  }

  clientTrip(slot) {
    return this.hosts.clientTrip(this.client[slot]);
  }

  serverTrip(slot) {
    return this.hosts.serverTrip(this.server[slot]);
  }

  trip(slot, side) {
    return side === CLIENT ? this.clientTrip(slot) : this.serverTrip(slot);
  }

  /** The whole path's round trip with the least timeout on top, as RFC 6298 §2.3 adds them. */
  timeout(slot) {
    return TIMEOUT_FLOOR_US + this.clientTrip(slot) + this.serverTrip(slot);
  }

  /** Sends a segment and moves its sender's sequence number over it. */
  send(slot, timeUs, side, flags, payloadBytes) {
    const row = slot * 2 + side;
    this.emit(slot, timeUs, side, flags, payloadBytes, this.sequence[row]);
    this.sequence[row] += payloadBytes + (flags & (FLAGS.SYN | FLAGS.FIN) ? 1 : 0);
    if (payloadBytes > 0) this.lastBytes[slot] = payloadBytes;
    if (flags & FLAGS.FIN) this.truth.finSegments++;
  }

  /** Sends the side's last data segment once more. */
  sendAgain(slot, timeUs, side) {
    const { truth } = this;
    const bytes = this.lastBytes[slot];
    this.emit(slot, timeUs, side, FLAGS.PSH | FLAGS.ACK, bytes, (this.sequence[slot * 2 + side] - bytes) | 0);
    truth.retransmittedSegments++;
    truth.retransmittedBytes += bytes;
    if (side === CLIENT) truth.retransmittedByClients++;
    this.wasRepeated[slot] = 1;
  }

  emit(slot, timeUs, side, flags, payloadBytes, sequence) {
    const { frame, hosts, truth } = this;
    const row = slot * 2 + side;
    const client = this.client[slot];
    const server = this.server[slot];
    if (this.settings.wraps) frame.wrap = this.settings.wraps[this.wrap[slot]];
    frame.side = side;
    frame.flags = flags;
    frame.sequence = sequence;
    frame.payloadBytes = payloadBytes;
    frame.stream = (sequence - this.initialSequence[row]) | 0;
    // The client has not acknowledged a response's later segments yet; nothing else is ever outstanding.
    const outstanding = side === CLIENT ? this.unacknowledged[slot] : 0;
    frame.acknowledgment = flags & FLAGS.ACK ? (this.sequence[row ^ 1] - outstanding) | 0 : 0;
    frame.window = flags & FLAGS.SYN ? WINDOW_OF_SYN : WINDOW;
    // One tick a millisecond. A burst leaves its sender as one piece and carries one TSval.
    const isInBurst = side === SERVER && payloadBytes > 0 && this.unacknowledged[slot] > 0;
    if (!isInBurst || sequence !== this.sequence[row]) {
      this.timestampSent[row] = (this.clockOffset[row] + Math.floor(timeUs / 1000)) | 0;
    }
    frame.timestampValue = this.timestampSent[row];
    frame.timestampEcho = flags === FLAGS.SYN ? 0 : this.timestampSent[row ^ 1];
    hosts.address(frame, client, this.clientPort[slot], server, this.serverPort[slot]);
    frame.identification =
      side === CLIENT ? hosts.clientIdentification[client]++ : hosts.serverIdentification[server]++;
    truth.count(timeUs, frame);
    this.writer.write(timeUs, frame);
  }
}
