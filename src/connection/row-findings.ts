/** What is found out about rows of a ladder after they were made: needless repeats, and originals that come late. */
import { CAUSES, LABEL_RETRANSMISSION, LABELS } from "../report/labels.js";
import type { LadderRow } from "../report/view.js";
import { STRIDE } from "./columns.js";
import { PacketFindings } from "./packet-findings.js";
import { frameOf } from "./packet-names.js";

export class RowFindings extends PacketFindings {
  readonly #rows: LadderRow[];
  readonly #fileNames: readonly string[];

  constructor(rows: LadderRow[], fileNames: readonly string[]) {
    super();
    this.#rows = rows;
    this.#fileNames = fileNames;
  }

  protected foundSpurious(row: number, name: number): void {
    this.#change(row, name, { isSpurious: true });
  }

  protected foundCause(row: number, name: number, cause: number): void {
    this.#change(row, name, { label: LABELS[LABEL_RETRANSMISSION]!.name, cause: CAUSES[cause]!.name });
  }

  #change(row: number, name: number, change: Partial<LadderRow>): void {
    const from = row & STRIDE ? "server" : "client";
    const frame = frameOf(this.#fileNames, name);
    const at = this.#rows.findLastIndex((one) => one.frame === frame && one.from === from);
    if (at >= 0) this.#rows[at] = { ...this.#rows[at]!, ...change };
  }
}
