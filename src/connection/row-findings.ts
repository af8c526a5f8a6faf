/** What is found out about rows of a ladder after they were made: needless repeats, and originals that come late. */
import { CAUSES, LABEL_RETRANSMISSION, LABELS } from "../report/labels.js";
import type { LadderRow } from "../report/view.js";
import type { Segment } from "../wire/segment.js";
import { STRIDE } from "./columns.js";
import type { Revisions } from "./connections.js";
import { frameOf, packetName } from "./packet-names.js";

export class RowFindings implements Revisions {
  /** The segment that is observed, whose row is still to come, is a needless repeat. */
  isSpurious = false;
  readonly #rows: LadderRow[];
  readonly #fileNames: readonly string[];
  #file = 0;
  #current = 0;

  constructor(rows: LadderRow[], fileNames: readonly string[]) {
    this.#rows = rows;
    this.#fileNames = fileNames;
  }

  begin(segment: Segment): void {
    this.#file = segment.file;
    this.#current = segment.number;
    this.isSpurious = false;
  }

  spurious(row: number, frame: number): void {
    if (frame === this.#current) this.isSpurious = true;
    else this.#change(row, frame, { isSpurious: true });
  }

  revealed(row: number, frame: number, cause: number): void {
    this.#change(row, frame, { label: LABELS[LABEL_RETRANSMISSION]!.name, cause: CAUSES[cause]!.name });
  }

  #change(row: number, frame: number, change: Partial<LadderRow>): void {
    const from = row & STRIDE ? "server" : "client";
    const name = frameOf(this.#fileNames, packetName(this.#file, frame));
    const at = this.#rows.findLastIndex((one) => one.frame === name && one.from === from);
    if (at >= 0) this.#rows[at] = { ...this.#rows[at]!, ...change };
  }
}
