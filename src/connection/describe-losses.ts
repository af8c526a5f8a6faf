/**
 * Which packet of a handshake was lost, and by which frames that shows.
 *
 * The first SYN, SYN-ACK and ACK stand in the log of transitions, repeats in the rare columns: a few of each kind, for
 * a series may be long. Where a packet was lost is told from this capture point: one that was captured was lost behind
 * it, one that must have been sent and never came by was lost before it.
 */
import type { Frame } from "../report/frame.js";
import type { HandshakeLoss, HandshakeLossRecord } from "../report/record.js";
import { EVENT } from "../tcp/transitions.js";
import { MARK_HANDSHAKE_ACK_LOST, MARK_SYN_ACK_LOST, MARK_SYN_LOST, STRIDE } from "./columns.js";
import type { DescribeContext } from "./describe.js";
import type { HandshakeFacts } from "./describe-handshake.js";
import { frameOf } from "./packet-names.js";

/** Frames told of each kind. */
const MOST_FRAMES = 4;

/** Names of packets (packet-names.ts) that the log of transitions tells; 0 for none. */
interface Logged {
  syn: number;
  synAck: number;
  ack: number;
  /** SYN-ACKs that came though the ACK had been captured, and the ACK that answered them. */
  readonly doubted: number[];
  secondAck: number;
}

function logged(context: DescribeContext, connection: number): Logged {
  const { columns, log } = context.connections;
  const found: Logged = { syn: 0, synAck: 0, ack: 0, doubted: [], secondAck: 0 };
  const visit = (_at: number, name: number, side: number, event: number): void => {
    if (side === 0) {
      if (event === EVENT.sentSyn) found.syn ||= name;
      else if (event === EVENT.receivedSynAck) found.ack ||= name;
    } else if (event === EVENT.passiveOpen) found.synAck ||= name;
    else if (event === EVENT.retractedAckOfSyn) found.doubted.push(name);
    else if (event === EVENT.receivedAckOfSyn && found.doubted.length > 0) found.secondAck = name;
  };
  log.forEach(columns.firstTransition[connection]!, columns.transitions[connection]!, visit);
  return found;
}

/** Which packets of the handshake were lost, in the order of the handshake. */
export function lossesOf(
  context: DescribeContext,
  connection: number,
  facts: HandshakeFacts,
): HandshakeLoss[] {
  const { marks } = context.connections.endpoints;
  const losses: HandshakeLoss[] = [];
  if (marks[connection]! & MARK_SYN_LOST) losses.push("syn-lost");
  if (marks[connection + STRIDE]! & MARK_SYN_ACK_LOST || isLostBefore(context, connection, facts))
    losses.push("syn-ack-lost");
  if (marks[connection + STRIDE]! & MARK_HANDSHAKE_ACK_LOST) losses.push("handshake-ack-lost");
  return losses;
}

/** The first SYN was echoed, yet no SYN-ACK came before its repeat: the answer was lost before the capture point. */
function isLostBefore(context: DescribeContext, connection: number, facts: HandshakeFacts): boolean {
  return facts.isAmbiguous && !(context.connections.endpoints.marks[connection]! & MARK_SYN_LOST);
}

/** The evidence for each of `losses`. */
export function lossRecords(
  context: DescribeContext,
  connection: number,
  losses: readonly HandshakeLoss[],
): HandshakeLossRecord[] {
  if (losses.length === 0) return [];
  const found = logged(context, connection);
  return losses.map((loss) => {
    if (loss === "syn-lost") return synLost(context, connection, found);
    if (loss === "syn-ack-lost") return synAckLost(context, connection, found);
    return {
      loss,
      where: "after-capture",
      frames: framesOf(context, [found.ack]),
      repeatFrames: framesOf(context, found.doubted),
      answerFrame: frameOf(context.scene.fileNames, found.secondAck),
    };
  });
}

/** The SYNs that led to nothing; the one that was answered, where that is known; its answer. */
function synLost(context: DescribeContext, client: number, found: Logged): HandshakeLossRecord {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[client]!;
  const answered = rare.answeredSyn[at]!;
  return {
    loss: "syn-lost",
    where: "after-capture",
    frames: framesOf(
      context,
      synsBeforeAnswer(context, client, found).filter((name) => name !== answered),
    ),
    repeatFrames: framesOf(context, [answered]),
    answerFrame: frameOf(context.scene.fileNames, found.synAck),
  };
}

/** The SYN-ACKs that came by before the SYN was sent again; that SYN; the SYN-ACK that was acknowledged at last. */
function synAckLost(context: DescribeContext, client: number, found: Logged): HandshakeLossRecord {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[client]!;
  const peer = e.rareRow[client + STRIDE]!;
  const isCaptured = (e.marks[client + STRIDE]! & MARK_SYN_ACK_LOST) !== 0;
  const answered = rare.answeredSynAck[peer]! || rare.lastSyn[peer]! || (isCaptured ? 0 : found.synAck);
  const again = isCaptured ? [rare.synAfterAnswer[at]!] : synsBeforeAnswer(context, client, found).slice(1);
  const lost = [found.synAck, rare.secondSyn[peer]!, rare.thirdSyn[peer]!].slice(0, rare.synAcksBefore[at]!);
  return {
    loss: "syn-ack-lost",
    where: isCaptured ? "after-capture" : "before-capture",
    frames: framesOf(context, isCaptured ? lost.filter((name) => name !== answered) : []),
    repeatFrames: framesOf(context, again),
    answerFrame: frameOf(context.scene.fileNames, answered),
  };
}

/**
 * The first SYNs, as far as they came before the SYN-ACK was captured. Told by their places among each other: names of
 * packets in several files are not in the order of time.
 */
function synsBeforeAnswer({ connections }: DescribeContext, client: number, found: Logged): number[] {
  const { endpoints, rare } = connections;
  const at = endpoints.rareRow[client]!;
  const syns = [found.syn, rare.secondSyn[at]!, rare.thirdSyn[at]!];
  const after = rare.synAfterAnswer[at]!;
  const first = after > 0 ? syns.indexOf(after) : -1;
  return first < 0 ? syns : syns.slice(0, first);
}

function framesOf(context: DescribeContext, names: readonly number[]): Frame[] {
  return names
    .map((name) => frameOf(context.scene.fileNames, name))
    .filter((frame) => frame !== null)
    .slice(0, MOST_FRAMES);
}
