/**
 * What an ICMP destination-unreachable code says, in words (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1, RFC 4443 §3.1).
 */
const V4 = [
  "network unreachable",
  "host unreachable",
  "protocol unreachable",
  "port unreachable",
  "fragmentation needed",
  "source route failed",
  "network unknown",
  "host unknown",
  "source host isolated",
  "network administratively prohibited",
  "host administratively prohibited",
  "network unreachable for this type of service",
  "host unreachable for this type of service",
  "communication administratively prohibited",
  "host precedence violation",
  "precedence cutoff",
];

const V6 = [
  "no route to destination",
  "communication administratively prohibited",
  "beyond the scope of the source address",
  "address unreachable",
  "port unreachable",
  "source address failed policy",
  "reject route to destination",
  "error in source routing header",
];

export function unreachableReason(ipVersion: number, code: number): string {
  return (ipVersion === 4 ? V4 : V6)[code] ?? `destination unreachable, code ${code}`;
}
