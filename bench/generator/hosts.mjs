/**
 * The hosts of the generated traces: clients and servers in the benchmarking range 198.18.0.0/15 (RFC 2544 §C.2.2),
 * each with its distance from the capture point, its own IP ID counter and, for a client, its own run of ports.
 * A four-tuple comes back only when a client has opened 28,232 connections: no trace here goes that far.
 */

export const CLIENTS = 5_000;
export const SERVERS = 50;
/** Numbers that no protocol is registered for by default in the usual dissectors. */
const SERVER_PORTS = [7411, 7412, 7413, 7414];

const FIRST_CLIENT = (198 << 24) | (18 << 16);
const FIRST_SERVER = (198 << 24) | (19 << 16);
const FIRST_EPHEMERAL = 32_768;
const EPHEMERAL = 28_232;

/** Addresses, counters and distances of all hosts, in columns by host number. */
export class Hosts {
  /** @param {import("./random.mjs").Random} random decides distances and where counters begin */
  constructor(random) {
    this.random = random;
    this.clientAddress = new Int32Array(CLIENTS);
    this.serverAddress = new Int32Array(SERVERS);
    this.clientIdentification = new Uint16Array(CLIENTS);
    this.serverIdentification = new Uint16Array(SERVERS);
    this.clientTimeToLive = new Uint8Array(CLIENTS);
    this.serverTimeToLive = new Uint8Array(SERVERS);
    this.ephemeral = new Uint16Array(CLIENTS);
    /** Microseconds from the capture point to the host and back. */
    this.clientTripUs = new Int32Array(CLIENTS);
    this.serverTripUs = new Int32Array(SERVERS);
    for (let i = 0; i < CLIENTS; i++) {
      this.clientAddress[i] = FIRST_CLIENT + Math.floor(i / 250) * 256 + 1 + (i % 250);
      this.clientIdentification[i] = random.next();
      this.clientTimeToLive[i] = (i % 3 === 0 ? 128 : 64) - random.within([4, 16]);
      this.ephemeral[i] = random.below(EPHEMERAL);
      this.clientTripUs[i] = random.within([1_000, 40_000]);
    }
    for (let i = 0; i < SERVERS; i++) {
      this.serverAddress[i] = FIRST_SERVER + 1 + i;
      this.serverIdentification[i] = random.next();
      this.serverTimeToLive[i] = 64 - random.within([1, 3]);
      this.serverTripUs[i] = random.within([150, 1_500]);
    }
  }

  /** Takes the client's next port; @returns {number} 32,768 to 60,999 */
  takePort(client) {
    const port = FIRST_EPHEMERAL + this.ephemeral[client];
    this.ephemeral[client] = (this.ephemeral[client] + 1) % EPHEMERAL;
    return port;
  }

  /** @returns {number} microseconds to the client and back this time: up to a sixteenth longer than it takes at least */
  clientTrip(client) {
    const tripUs = this.clientTripUs[client];
    return tripUs + this.random.below(1 + (tripUs >> 4));
  }

  /** @returns {number} the like of the server: up to a quarter longer */
  serverTrip(server) {
    const tripUs = this.serverTripUs[server];
    return tripUs + this.random.below(1 + (tripUs >> 2));
  }

  /**
   * Fills in from whom the frame comes and to whom it goes, and its time to live.
   * @param {import("./frame.mjs").Frame} frame the packet, whose `side` says who sends it
   */
  address(frame, client, clientPort, server, serverPort) {
    const isFromClient = frame.side === 0;
    frame.sourceAddress = isFromClient ? this.clientAddress[client] : this.serverAddress[server];
    frame.destinationAddress = isFromClient ? this.serverAddress[server] : this.clientAddress[client];
    frame.sourcePort = isFromClient ? clientPort : serverPort;
    frame.destinationPort = isFromClient ? serverPort : clientPort;
    frame.timeToLive = isFromClient ? this.clientTimeToLive[client] : this.serverTimeToLive[server];
  }

  /** @returns {number} one of the servers' ports */
  chooseServerPort() {
    return SERVER_PORTS[this.random.below(SERVER_PORTS.length)];
  }
}
