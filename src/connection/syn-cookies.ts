/**
 * SYN cookies of Linux, told by the server's own clock (RFC 4987 §3.6, RFC 7323 §4).
 *
 * A cookie keeps the client's options in the last six bits of the SYN-ACK's TSval and rounds the clock down to make room:
 * the SYN-ACK says that it was made up to 64 ms ago. Where that is before its SYN was captured, no honest clock says so.
 * What the kernel adds to all TSvals of a connection hides the six bits themselves, and leaves this. Without timestamps
 * a cookie has no room: nothing is granted.
 */
import { distance } from "../tcp/sequence.js";
import { MARK_HAS_TIMESTAMPS, OFFER_SACK, OFFER_TIMESTAMPS, OFFERS_CUT, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";

/** Linux counts milliseconds; its cookies round down to so many, and the clock reads to one. */
const MOST_ROUNDED_NS = 66e6;
/** Less may be a clock that goes on in steps. */
const LEAST_ROUNDED_NS = 16e6;
const READING_NS = 2e6;
/** Over a shorter time a clock of smaller ticks is not told from one of milliseconds; over a longer one clocks drift. */
const SHORTEST_NS = MOST_ROUNDED_NS;
const LONGEST_NS = 10e9;

/** What is seen of a handshake: no timestamps to judge by, a clock that is kept to, a cookie; or no option granted at all. */
export const [UNCLOCKED, CLOCKED, COOKIE, WITHOUT_OPTIONS] = [0, 1, 2, 3];

/** Which of those the completed handshake is; `legNs`: from the SYN that was answered to the SYN-ACK, NaN where unknown. */
export function answerOf({ endpoints: e }: Connections, client: number, legNs: number): number {
  const server = client + STRIDE;
  // A cookie is sent once for each SYN; with several it is uncertain which is which.
  if (e.synCount[client] !== 1 || e.synCount[server] !== 1) return UNCLOCKED;
  const [offered, granted] = [e.options[client]!, e.options[server]!];
  if ((offered | granted) & OFFERS_CUT) return UNCLOCKED;
  if (!(offered & OFFER_TIMESTAMPS)) {
    const asks = (offered & OFFER_SACK) !== 0 || e.offeredScale[client]! >= 0;
    const gets = (granted & OFFER_SACK) !== 0 || e.offeredScale[server]! >= 0;
    return asks && !gets ? WITHOUT_OPTIONS : UNCLOCKED;
  }
  if (!(granted & OFFER_TIMESTAMPS) || !(e.marks[server]! & MARK_HAS_TIMESTAMPS)) return UNCLOCKED;
  const passedNs = e.lastAt[server]! - e.synAt[server]!;
  if (!(passedNs >= SHORTEST_NS && passedNs <= LONGEST_NS && legNs === legNs)) return UNCLOCKED;
  const roundedNs = distance(e.tsVal[server]!, e.synTsVal[server]!) * 1e6 - passedNs;
  if (roundedNs > MOST_ROUNDED_NS) return UNCLOCKED;
  return roundedNs > LEAST_ROUNDED_NS && roundedNs > legNs + READING_NS ? COOKIE : CLOCKED;
}
