/** What an analysis tells of an input that comes as time passes: second by second, and of the sockets of this host. */
import { openEnds } from "./analysis-ends.js";
import { TrafficWatch } from "./analysis-traffic.js";
import type { Connections } from "./connection/connections.js";
import type { Scene } from "./connection/describe.js";
import type { Sockets } from "./report/socket.js";
import type { OpenEnds, SocketView } from "./report/socket-view.js";

export class LiveWatch {
  readonly traffic: TrafficWatch;
  readonly #connections: Connections;
  readonly #scene: Scene;
  #view: SocketView | null = null;

  constructor(connections: Connections, scene: Scene) {
    this.traffic = new TrafficWatch(connections);
    this.#connections = connections;
    this.#scene = scene;
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
