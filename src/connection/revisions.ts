/** Who is told of what is found out about an earlier packet: of the endpoint at `row`, with the number `frame`. */
export interface Revisions {
  /** It was a retransmission, and needless: its bytes had arrived or were about to. */
  spurious(row: number, frame: number): void;
  /** It was a retransmission for this cause (CAUSES): its original came later. */
  revealed(row: number, frame: number, cause: number): void;
}
