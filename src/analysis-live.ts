/** What an analysis tells of an input that comes as time passes: second by second, and of the sockets of this host. */
import { openEnds } from "./analysis-ends.js";
import type { PacketFigures } from "./analysis-packets.js";
import { TrafficWatch } from "./analysis-traffic.js";
import type { Connections } from "./connection/connections.js";
import type { Scene } from "./connection/describe.js";
import type { Sockets } from "./report/socket.js";
import type { OpenEnds, SocketView } from "./report/socket-view.js";
import type { Traffic } from "./report/traffic.js";

export class LiveWatch {
  readonly #traffic: TrafficWatch;
  readonly #packets: PacketFigures;
  readonly #dropped: () => number;
  readonly #connections: Connections;
  readonly #scene: Scene;
  #view: SocketView | null = null;

  /** `dropped`: packets that the capturing system dropped so far. */
  constructor(connections: Connections, scene: Scene, packets: PacketFigures, dropped: () => number) {
    this.#traffic = new TrafficWatch(connections);
    this.#packets = packets;
    this.#dropped = dropped;
    this.#connections = connections;
    this.#scene = scene;
  }

  /** Takes what has been counted until now. */
  tick(): void {
    const { packets, wireBytes } = this.#packets;
    const connections = this.#connections.begun;
    this.#traffic.tick({ packets, wireBytes, connections, droppedPackets: this.#dropped() });
  }

  /** Second by second; `goesOn`: until now. */
  traffic(goesOn: boolean): Traffic {
    if (goesOn) this.tick();
    return this.#traffic.traffic();
  }

  sockets(): Sockets | null {
    return this.#view?.sockets() ?? null;
  }

  /** The ends of open connections, to be joined to sockets. */
  openEnds(): OpenEnds {
    return openEnds(this.#connections);
  }

  /** From now on records tell what the kernel of this host says of its sockets. */
  watchSockets(view: SocketView): void {
    this.#view = view;
    this.#scene.socketOf = (name, side) => view.of(name, side);
  }
}
