/** TLS connections for the tests: records in segments, and what is told of them. */
import { expect } from "vitest";
import type { ConnectionRecord } from "../../src/report/record.js";
import type { TlsRecord } from "../../src/report/tls-record.js";
import type { Bytes } from "../wire/packet-builder.js";
import { c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";
import { CHANGE, clientHello, encrypted, FINISHED_13, message, record, serverHello } from "./tls-messages.js";

export const NAME = "www.example.org";
export const HELLO = record(
  22,
  clientHello({ name: NAME, protocols: ["h2", "http/1.1"], versions: [0x0304, 0x0303] }),
  0x0301,
);
export const HELLO_12 = record(22, clientHello({ name: NAME, protocols: ["h2"] }), 0x0301);
/** TLS 1.3: a flight of the server's, its certificate among it. */
export const FLIGHT_13 = [
  ...record(22, serverHello({ version: 0x0304 })),
  ...CHANGE,
  ...encrypted(30),
  ...encrypted(2500),
  ...FINISHED_13,
];
export const FLIGHT_12 = [
  ...record(22, serverHello({ cipher: 0xc02f, protocol: "h2" })),
  ...record(
    22,
    message(
      11,
      Array.from({ length: 1800 }, () => 5),
    ),
  ),
  ...record(22, message(14, [])),
];
export const END_12 = [...CHANGE, ...encrypted(40, 22)];

export async function read(steps: readonly Step[], options: Options = {}): Promise<ConnectionRecord> {
  const [general] = await recordsOf(steps, { ...options, predictsHeaders: false });
  const [plain] = await recordsOf(steps, options);
  expect(general!.tls).toEqual(plain!.tls);
  return plain!;
}

export const tlsOf = async (steps: readonly Step[], options: Options = {}): Promise<TlsRecord | null> =>
  (await read([...HANDSHAKE, ...steps], options)).tls;

/** Segments of at most `size` bytes, the first after `after`, 1 ms apart. */
export function segments(side: typeof c, bytes: Bytes, size = 1460, after = 10): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; at += size)
    steps.push(side("PSH ACK", { payload: bytes.slice(at, at + size), after: at === 0 ? after : 1 }));
  return steps;
}

export const WHOLE_13 = [
  ...segments(c, HELLO),
  ...segments(s, FLIGHT_13, 1460, 20),
  c("PSH ACK", { payload: [...CHANGE, ...FINISHED_13], after: 5 }),
  c("PSH ACK", { payload: encrypted(300), after: 2 }),
  s("PSH ACK", { payload: encrypted(250), after: 20 }),
];
