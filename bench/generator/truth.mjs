/**
 * What a generated trace holds, counted while it is written: what an analyser's report can be held against.
 * Nothing is read back from the file.
 */
import { EPOCH_SECONDS } from "./capture-writer.mjs";

/** Smallest, largest and mean of a time in microseconds. */
class Span {
  constructor() {
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = 0;
  }

  add(us) {
    this.count++;
    this.sum += us;
    if (us < this.min) this.min = us;
    if (us > this.max) this.max = us;
  }

  toJSON() {
    if (this.count === 0) return null;
    return { count: this.count, min: this.min, mean: this.sum / this.count, max: this.max };
  }
}

/** The counters of one trace. All of them count packets or connections as written, both sides together. */
export class Truth {
  constructor() {
    this.packets = 0;
    this.frameBytes = 0;
    this.payloadBytes = 0;
    this.dataSegments = 0;
    this.retransmittedSegments = 0;
    this.retransmittedBytes = 0;
    this.retransmittedByClients = 0;
    this.connectionsWithRetransmission = 0;
    this.connections = 0;
    this.loneSyns = 0;
    this.completedHandshakes = 0;
    this.resetsByClient = 0;
    this.resetsByServer = 0;
    this.gracefulClosedFirstByClient = 0;
    this.gracefulClosedFirstByServer = 0;
    this.finSegments = 0;
    this.open = 0;
    this.peakOpen = 0;
    this.lastUs = 0;
    this.firstUs = -1;
    this.serverLegUs = new Span();
    this.clientLegUs = new Span();
  }

  /** Counts a connection that begins. */
  opened() {
    this.connections++;
    this.open++;
    if (this.open > this.peakOpen) this.peakOpen = this.open;
  }

  /** Counts one that is over. */
  ended(wasRepeated) {
    this.open--;
    if (wasRepeated) this.connectionsWithRetransmission++;
  }

  /** Counts a packet that is written at `timeUs`. */
  count(timeUs, frame) {
    this.packets++;
    this.frameBytes += frame.length;
    this.payloadBytes += frame.payloadBytes;
    if (frame.payloadBytes > 0) this.dataSegments++;
    if (this.firstUs < 0) this.firstUs = timeUs;
    this.lastUs = timeUs;
  }

  /** The document written beside the trace. Payload bytes include those sent again. */
  toJSON() {
    return {
      packets: this.packets,
      frameBytes: this.frameBytes,
      firstPacketUs: EPOCH_SECONDS * 1e6 + Math.max(0, this.firstUs),
      lastPacketUs: EPOCH_SECONDS * 1e6 + this.lastUs,
      connections: this.connections,
      loneSyns: this.loneSyns,
      peakOpenConnections: this.peakOpen,
      completedHandshakes: this.completedHandshakes,
      handshakeLegsUs: { server: this.serverLegUs, client: this.clientLegUs },
      dataSegments: this.dataSegments,
      payloadBytes: this.payloadBytes,
      retransmissions: {
        segments: this.retransmittedSegments,
        bytes: this.retransmittedBytes,
        byClient: this.retransmittedByClients,
        byServer: this.retransmittedSegments - this.retransmittedByClients,
        connections: this.connectionsWithRetransmission,
      },
      resets: {
        connections: this.resetsByClient + this.resetsByServer,
        byClient: this.resetsByClient,
        byServer: this.resetsByServer,
      },
      gracefulCloses: {
        connections: this.gracefulClosedFirstByClient + this.gracefulClosedFirstByServer,
        closedFirstByClient: this.gracefulClosedFirstByClient,
        closedFirstByServer: this.gracefulClosedFirstByServer,
      },
      finSegments: this.finSegments,
    };
  }
}
