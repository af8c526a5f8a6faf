/** Compares the records of recorded connections with what the two kernels say of them, field by field. */
import { type ConnectionRecord, openAnalysis } from "../../../src/index.js";
import {
  blindSpot,
  type ConnectionField,
  FIELD_NAMES,
  FIELDS,
  type Passed,
  sidesOf,
} from "./connection-rules.js";
import { entry } from "./label-score.js";
import { REPEATS, type Recording, type TrueConnection, trueConnections, trueFrames } from "./recordings.js";

const FIN_FLAG = 1;
const RST_FLAG = 4;

export interface Agreement {
  agree: number;
  /** Connections that can tell; those that cannot are in `blind`. */
  all: number;
  blind: number;
}

export interface Disagreement {
  readonly field: ConnectionField | "connection";
  readonly recording: Recording;
  /** The kernel's number of the connection, and the record's id. */
  readonly connection: string;
  readonly kernel: string;
  readonly record: string;
  /** Why the capture cannot show it; null where it can. */
  readonly blind: string | null;
}

/** Agreement over any number of recordings. */
export class ConnectionScore {
  /** By field and capture point, as "outcome client". */
  readonly agreements = new Map<string, Agreement>();
  readonly disagreements: Disagreement[] = [];
  /** Connections of which the analysis has no record. */
  missing = 0;

  add(
    recording: Recording,
    kernel: TrueConnection,
    record: ConnectionRecord,
    passed: Passed,
    whole?: Passed,
  ): void {
    for (const field of FIELD_NAMES) {
      const pair = FIELDS[field](kernel, record, sidesOf(record), recording.point);
      if (!pair) continue;
      const agreement = entry(this.agreements, `${field} ${recording.point}`, () => ({
        agree: 0,
        all: 0,
        blind: 0,
      }));
      const isSame = pair[0] === pair[1];
      const blind = isSame ? null : blindSpot(field, kernel, passed, whole);
      if (blind !== null) agreement.blind++;
      else agreement.all++;
      if (isSame) agreement.agree++;
      else
        this.disagreements.push({
          field,
          recording,
          connection: `${kernel.id} (${record.id})`,
          kernel: pair[0],
          record: pair[1],
          blind,
        });
    }
  }

  addMissing(recording: Recording, kernel: TrueConnection): void {
    this.missing++;
    this.disagreements.push({
      field: "connection",
      recording,
      connection: kernel.id!,
      kernel: "present",
      record: "none",
      blind: null,
    });
  }
}

/** Adds the connections of one recording that passed its capture point. */
export async function scoreConnections(
  score: ConnectionScore,
  folder: string,
  recording: Recording,
): Promise<void> {
  const { scenario } = recording;
  const analysis = await openAnalysis([recording.path]);
  await analysis.run();
  const byTuple = new Map<string, ConnectionRecord[]>();
  for (const record of analysis.worst("all"))
    entry(byTuple, `${endName(record.client)} ${endName(record.server)}`, () => []).push(record);
  const passed = passedAt(folder, scenario, recording);
  const uncut = scenario.replace(/^cut_[a-z0-9]+(_only)?_/, "");
  const whole = uncut === scenario ? null : passedAt(folder, uncut, recording);
  for (const kernel of trueConnections(folder, scenario)) {
    const seen = passed.get(Number(kernel.id));
    if (!seen) continue;
    const record = recordOf(kernel, byTuple);
    if (record) score.add(recording, kernel, record, seen, whole?.get(Number(kernel.id)));
    else score.addMissing(recording, kernel);
  }
}

function endName({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The record of a kernel's connection: by tuple and ISN, or by tuple where the beginning was not captured. */
function recordOf(
  kernel: TrueConnection,
  byTuple: ReadonlyMap<string, readonly ConnectionRecord[]>,
): ConnectionRecord | undefined {
  const candidates = [
    ...(byTuple.get(`${kernel.client} ${kernel.server}`) ?? []),
    ...(byTuple.get(`${kernel.server} ${kernel.client}`) ?? []),
  ];
  return (
    candidates.find((r) => String(r.client.isn) === kernel.isn || String(r.server.isn) === kernel.isn) ??
    (candidates.length === 1 ? candidates[0] : candidates.find((r) => r.client.isn === null))
  );
}

function passedAt(folder: string, scenario: string, { point }: Recording): Map<number, Passed> {
  const nothing = () => ({ frames: 0, hasFin: false, hasRst: false, hasRepeat: false });
  const passed = new Map<number, Passed>();
  for (const { connection, sender, flags, kind } of trueFrames(folder, scenario, point)) {
    const host = entry(passed, connection, () => ({ c: nothing(), s: nothing() }))[sender];
    host.frames++;
    host.hasFin ||= (flags & FIN_FLAG) !== 0;
    host.hasRst ||= (flags & RST_FLAG) !== 0;
    host.hasRepeat ||= REPEATS.has(kind);
  }
  return passed;
}
