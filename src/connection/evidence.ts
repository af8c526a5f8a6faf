/**
 * What the cause of a repeat is decided from (cause.ts): one object, filled again for each repeat. Times in nanoseconds.
 */
export class Evidence {
  /** The repeat: where it begins and ends, when it was sent, when its bytes were last sent before. */
  start = 0;
  end = 0;
  sent = 0.5;
  previousSent = 0.5;
  /** That is not known any more: `previousSent` is when its sender last sent anything. */
  isForgotten = false;
  /** Nothing was sent since. */
  isLast = false;
  /** When its timer began to run last: then, or with the last ACK of something new. */
  restarted = 0.5;
  fullRtt = 0.5;
  /** Shortest silence after which its timer is shown to run out sooner than Linux's (sender-timer.ts); 0 none. */
  shownTimeout = 0.5;
  sinceAck = 0.5;
  sinceData = 0.5;
  /** It stands at the oldest byte not acknowledged; it ends at the newest. */
  isHead = false;
  isTail = false;
  isSilent = false;
  /** Something sent later was delivered. */
  isOvertaken = false;
  /** SACK tells of bytes above it; duplicate ACKs heard. */
  hasSackAbove = false;
  duplicates = 0;
  /** SACK above it, three duplicate ACKs, recovery, or the above. */
  isLossKnown = false;
  /** The same bytes were sent again before. */
  isAgain = false;
  /** It lies below the repeat before it. */
  goesBack = false;
  /** The retransmission timer can have run out. */
  isTimerDue = false;
  /** SACK, or without it three duplicates, long ago: the sender acted on them already. */
  isStale = false;
  /** The timer sent it before, and can have run out once more. */
  isDueAgain = false;
  isProbeLost = false;
  /** Its first copy was overtaken and came late: for that long its receiver reported a loss. */
  hasComeLate = false;
  /** Its first copy precedes the capture. */
  isFromBefore = false;
  /** So far the sender's clock has gone on since its last sending; 0 where it has none. */
  clockNs = 0.5;
  /** The peer was never captured; its clock, which the sender echoes, shows that the sender has just heard of it. */
  isOneWay = false;
  hasJustHeard = false;
}
