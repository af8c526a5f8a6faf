/** The ends of open connections, for whoever joins them to sockets. */
import { addressText } from "./connection/addresses.js";
import { STRIDE } from "./connection/columns.js";
import type { Connections } from "./connection/connections.js";
import { nameOf } from "./connection/packet-names.js";
import type { OpenEnds } from "./report/socket-view.js";
import { STATE_NAMES } from "./tcp/states.js";

export function openEnds(connections: Connections): OpenEnds {
  const address = (connection: number, side: number): string =>
    addressText(
      connections.ipVersion(connection),
      connections.addressWord(connection, side, 0),
      connections.addressWord(connection, side, 1),
      connections.addressWord(connection, side, 2),
      connections.addressWord(connection, side, 3),
    );
  return {
    count: connections.alive,
    forEach: (ports, visit) =>
      connections.forEach((connection) => {
        for (const side of [0, 1] as const) {
          const localPort = connections.port(connection, side);
          // What goes through a tunnel of another network is no socket of this host.
          if (!ports.has(localPort) || connections.overlay(connection) > 0) continue;
          visit({
            name: nameOf(connections.columns, connection),
            side,
            localAddress: address(connection, side),
            localPort,
            remoteAddress: address(connection, 1 - side),
            remotePort: connections.port(connection, 1 - side),
            state: STATE_NAMES[connections.endpoints.state[connection + side * STRIDE]!]!,
          });
        }
      }),
  };
}
