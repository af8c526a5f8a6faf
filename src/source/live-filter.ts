/**
 * The filter that the kernel applies, in libpcap's language: what the analysis can use of an interface, and no more.
 *
 * TCP and the ICMP messages that quote it, on IPv4 and IPv6. A header of IPv6 that may stand in front of TCP (hop-by-hop
 * 0, routing 43, fragment 44, destination options 60; RFC 8200 §4) is taken whatever follows it: a program in the kernel
 * has no loops. `vlan` moves all that stands behind it by one tag, so that a second one is the inner tag (IEEE 802.1Q).
 */

/** Quoted are the header and 8 bytes of what was sent (RFC 792, RFC 4443 §3): its protocol stands at byte 9 or 6. */
const TCP =
  "(ip proto 6 or (icmp and icmp[0] != 0 and icmp[0] != 8 and icmp[17] = 6)" +
  " or (ip6 and (ip6[6] = 6 or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60" +
  " or (ip6[6] = 58 and ip6[40] < 128 and (ip6[54] = 6 or ip6[54] = 0 or ip6[54] = 43 or ip6[54] = 44 or ip6[54] = 60)))))";

/** Words of the language that move what stands behind them: whoever writes one says where he looks. */
const MOVES = /\b(vlan|mpls|pppoes|geneve|vxlan)\b/;

/**
 * The filters to try, the first that the link type allows being meant: an interface without Ethernet knows no tags.
 * `narrower` is the user's own, or null. "" takes everything.
 */
export function kernelFilters(narrower: string | null, hasTunnels: boolean): readonly string[] {
  const own = narrower?.trim() ? `(${narrower.trim()})` : "";
  if (own !== "" && MOVES.test(own)) return [hasTunnels ? own : `${own} and ${TCP}`];
  const plain = hasTunnels ? own : own === "" ? TCP : `(${own} and ${TCP})`;
  return plain === "" ? [""] : [`${plain} or (vlan and (${plain} or (vlan and ${plain})))`, plain];
}

/** What may follow an incomplete filter, so that a part of one can be told from a wrong one. */
const COMPLETIONS = [
  "",
  " tcp",
  " 80",
  " 1.1.1.1",
  " ::1",
  " 1-2",
  " port 80",
  " host 1.1.1.1",
  " = 1",
  "= 1",
  " 1 = 1",
  "1] = 1",
  "] = 1",
];

/**
 * The column, from 1, at which a filter goes wrong: the first word that nothing completes to a filter that `compiles`,
 * or the place behind its end.
 */
export function wrongColumn(filter: string, compiles: (filter: string) => boolean): number {
  const words = [...filter.matchAll(/[A-Za-z0-9_.:/-]+|[^\s\w]/g)];
  for (const word of words) {
    const begun = filter.slice(0, word.index + word[0].length);
    const open = count(begun, "(") - count(begun, ")");
    const closing = ")".repeat(Math.max(0, open));
    if (!COMPLETIONS.some((completion) => compiles(`${begun}${completion}${closing}`))) return word.index + 1;
  }
  return filter.trimEnd().length + 1;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
