/**
 * Writes docs/rfc-map.md: each RFC that the source speaks of, section by section, and the files that do.
 *
 * The titles are written out here, so that a reference to a section or a document that does not exist has no title
 * and fails the test.
 */
import type { SourceFile } from "./source-files.js";

/** RFCs by number. */
export const TITLES: Readonly<Record<string, string>> = {
  768: "User Datagram Protocol",
  791: "Internet Protocol",
  792: "Internet Control Message Protocol",
  1035: "Domain Names: Implementation and Specification",
  1042: "IP over IEEE 802 Networks",
  1051: "IP over ARCNET (obsolete encapsulation)",
  1071: "Computing the Internet Checksum",
  1122: "Requirements for Internet Hosts",
  1191: "Path MTU Discovery",
  1201: "IP over ARCNET",
  1337: "TIME-WAIT Assassination Hazards in TCP",
  1390: "IP and ARP over FDDI",
  1661: "Point-to-Point Protocol",
  1662: "PPP in HDLC-like Framing",
  1701: "Generic Routing Encapsulation (first form)",
  1812: "Requirements for IP Version 4 Routers",
  1952: "GZIP File Format",
  1982: "Serial Number Arithmetic",
  2018: "TCP Selective Acknowledgment Options",
  2385: "TCP MD5 Signature Option",
  2427: "Multiprotocol Interconnect over Frame Relay",
  2460: "IPv6 (replaced by RFC 8200)",
  2516: "PPP over Ethernet",
  2625: "IP over Fibre Channel",
  2637: "Point-to-Point Tunneling Protocol",
  2661: "Layer Two Tunneling Protocol",
  2675: "IPv6 Jumbograms",
  2784: "Generic Routing Encapsulation",
  2883: "SACK Extension: Duplicate SACK",
  2890: "Key and Sequence Number Extensions to GRE",
  2923: "TCP Problems with Path MTU Discovery",
  3022: "Traditional IP Network Address Translator",
  3032: "MPLS Label Stack Encoding",
  3135: "Performance Enhancing Proxies",
  3168: "Explicit Congestion Notification",
  2647: "Benchmarking Terminology for Firewall Performance",
  3378: "EtherIP",
  3518: "PPP Bridging Control Protocol",
  3522: "The Eifel Detection Algorithm for TCP",
  3828: "UDP-Lite",
  4015: "The Eifel Response Algorithm for TCP",
  4180: "Comma-Separated Values",
  4302: "IP Authentication Header",
  4380: "Teredo",
  4391: "IP over InfiniBand",
  4443: "ICMPv6",
  4884: "Extended ICMP to Support Multi-Part Messages",
  4928: "Avoiding Equal Cost Multipath Treatment in MPLS Networks",
  4987: "TCP SYN Flooding Attacks and Common Mitigations",
  5246: "Transport Layer Security 1.2",
  5382: "NAT Behavioral Requirements for TCP",
  5415: "CAPWAP",
  5482: "TCP User Timeout Option",
  5681: "TCP Congestion Control",
  5682: "Forward RTO-Recovery (F-RTO)",
  5925: "TCP Authentication Option",
  5927: "ICMP Attacks against TCP",
  5952: "A Recommendation for IPv6 Address Text Representation",
  5961: "Improving TCP's Robustness to Blind In-Window Attacks",
  6066: "TLS Extensions: Extension Definitions",
  6191: "Reducing the TIME-WAIT State Using TCP Timestamps",
  6275: "Mobility Support in IPv6",
  6298: "Computing TCP's Retransmission Timer",
  6325: "TRILL Base Protocol",
  6528: "Defending against Sequence Number Attacks",
  6582: "The NewReno Modification to TCP's Fast Recovery Algorithm",
  6675: "SACK-Based Loss Recovery",
  6928: "Increasing TCP's Initial Window",
  6946: "Processing of IPv6 Atomic Fragments",
  6994: "Shared Use of Experimental TCP Options",
  7301: "TLS Application-Layer Protocol Negotiation",
  7323: "TCP Extensions for High Performance",
  7348: "VXLAN",
  7413: "TCP Fast Open",
  7510: "MPLS in UDP",
  8086: "GRE-in-UDP Encapsulation",
  8200: "Internet Protocol, Version 6",
  8201: "Path MTU Discovery for IP version 6",
  8300: "Network Service Header",
  8446: "Transport Layer Security 1.3",
  8684: "Multipath TCP",
  8701: "Applying GREASE to TLS Extensibility",
  8754: "IPv6 Segment Routing Header",
  8878: "Zstandard Compression",
  8899: "Packetization Layer Path MTU Discovery for Datagram Transports",
  8900: "IP Fragmentation Considered Fragile",
  8926: "Geneve",
  8985: "The RACK-TLP Loss Detection Algorithm",
  9293: "Transmission Control Protocol",
  9112: "HTTP/1.1",
  9438: "CUBIC for Fast and Long-Distance Networks",
  9768: "Accurate ECN Feedback in TCP",
};

/** Sections of RFC 9293, the document that this program follows. */
export const SECTIONS_OF_9293: Readonly<Record<string, string>> = {
  "3.1": "Header Format",
  "3.2": "Specific Option Definitions",
  "3.3.1": "Key Connection State Variables",
  "3.3.2": "State Machine Overview",
  "3.4": "Sequence Numbers",
  "3.4.1": "Initial Sequence Number Selection",
  "3.4.2": "Knowing When to Keep Quiet",
  "3.4.3": "The TCP Quiet Time Concept",
  "3.5": "Establishing a Connection",
  "3.5.1": "Half-Open Connections and Other Anomalies",
  "3.5.2": "Reset Generation",
  "3.5.3": "Reset Processing",
  "3.6": "Closing a Connection",
  "3.6.1": "Half-Closed Connections",
  "3.7": "Segmentation",
  "3.7.1": "Maximum Segment Size Option",
  "3.7.4": "Nagle Algorithm",
  "3.7.2": "Path MTU Discovery",
  "3.8": "Data Communication",
  "3.8.1": "Retransmission Timeout",
  "3.8.2": "TCP Congestion Control",
  "3.8.3": "TCP Connection Failures",
  "3.8.4": "TCP Keep-Alives",
  "3.8.5": "The Communication of Urgent Information",
  "3.8.6": "Managing the Window",
  "3.8.6.1": "Zero-Window Probing",
  "3.8.6.3": "Delayed Acknowledgments - When to Send an ACK Segment",
  "3.9.2.2": "ICMP Messages",
  "3.10": "Event Processing",
  "3.10.1": "OPEN Call",
  "3.10.2": "SEND Call",
  "3.10.3": "RECEIVE Call",
  "3.10.4": "CLOSE Call",
  "3.10.5": "ABORT Call",
  "3.10.7": "SEGMENT ARRIVES",
  "3.10.7.1": "CLOSED State",
  "3.10.7.2": "LISTEN State",
  "3.10.7.3": "SYN-SENT State",
  "3.10.7.4": "Other States",
  "3.10.8": "Timeouts",
};

export interface Reference {
  readonly rfc: string;
  /** "3.10.7.4", or "" where the whole document is meant. */
  readonly section: string;
  readonly path: string;
}

/** An RFC and its sections: `RFC 9293`, `RFC 9293 §3.1`, `RFC 9293 §3.8.4, §3.8.6.1`. */
const REFERENCE = /\bRFC (\d+)((?:(?:,| and)? §\d+(?:\.\d+)*)*)/g;

/** Text in which a reference that goes over the end of a comment's line stands in one piece. */
function joined(text: string): string {
  return text.replace(/\n\s*(?:\*|\/\/) ?/g, " ");
}

/** Every reference to an RFC in `text`. */
export function referencesIn(path: string, text: string): Reference[] {
  return [...joined(text).matchAll(REFERENCE)].flatMap(([, rfc, list]) => {
    const sections = [...list!.matchAll(/§([\d.]*\d)/g)].map(([, section]) => section!);
    return (sections.length > 0 ? sections : [""]).map((section) => ({ rfc: rfc!, section, path }));
  });
}

/** Ways to write a reference that nothing finds again. */
const MISSHAPEN = [/\bRFC-?\d/g, /\brfc[ -]?\d/g, /\bRFC \d+,? (?:section|sect\.|sec\.|chapter)/gi];
/** What may stand before a section's sign, other than an RFC: other bodies' documents. */
const OTHER_DOCUMENTS = /\b(?:IEEE [\d.]+|TS [\d.]+|draft-[\w-]+)(?:,? §[\d.]+)*/g;

/** References that are not written as `RFC 9293 §3.1`, each with a few words around it. */
export function misshapenIn(text: string): string[] {
  // A function of a library is called so.
  const whole = joined(text).replaceAll("toRFC5952String", " ");
  const withoutReferences = whole.replace(REFERENCE, " ").replace(OTHER_DOCUMENTS, " ");
  return [
    ...MISSHAPEN.flatMap((shape) => [...whole.matchAll(shape)].map((match) => around(whole, match.index))),
    ...[...withoutReferences.matchAll(/§/g)].map((match) => around(withoutReferences, match.index)),
  ];
}

function around(text: string, index: number): string {
  return text.slice(Math.max(0, index - 20), index + 20).trim();
}

function compareSections(a: string, b: string): number {
  const [x, y] = [a, b].map((section) => section.split(".").map(Number));
  for (let i = 0; i < Math.max(x!.length, y!.length); i++) {
    const difference = (x![i] ?? -1) - (y![i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The page, from the source files as they are. */
export function rfcMapPage(files: readonly SourceFile[]): string {
  const references = files.flatMap(({ path, text }) => referencesIn(path, text));
  const rfcs = [...new Set(references.map((one) => one.rfc))].sort((a, b) => Number(a) - Number(b));
  const filesOf = (rfc: string, section: string) =>
    [
      ...new Set(
        references.filter((one) => one.rfc === rfc && one.section === section).map((one) => one.path),
      ),
    ]
      .sort()
      .map((path) => `\`${path}\``)
      .join(", ");
  const sectionsOf = (rfc: string) =>
    [...new Set(references.filter((one) => one.rfc === rfc).map((one) => one.section))].sort(compareSections);
  const others = rfcs.filter((rfc) => rfc !== "9293");
  return [
    "# Where the RFCs are in the code",
    "",
    "Each reference in `src/` to an RFC, by section, and the files that make it; paths are below `src/`. A reference is",
    "always written `RFC 9293 §3.10.7.4`. This page is made from the source: `UPDATE_DOCS=1 npx vitest run",
    "test/architecture/rfc-map.test.ts` writes it anew.",
    "",
    "## RFC 9293, Transmission Control Protocol",
    "",
    "| section | title | files |",
    "| --- | --- | --- |",
    ...sectionsOf("9293").map(
      (section) =>
        `| ${section ? `§${section}` : "the whole"} | ${section ? (SECTIONS_OF_9293[section] ?? "?") : ""} | ${filesOf("9293", section)} |`,
    ),
    "",
    "## The others",
    "",
    "| RFC | title | section | files |",
    "| --- | --- | --- | --- |",
    ...others.flatMap((rfc) =>
      sectionsOf(rfc).map(
        (section, index) =>
          `| ${index === 0 ? rfc : ""} | ${index === 0 ? (TITLES[rfc] ?? "?") : ""} | ${section ? `§${section}` : ""} | ${filesOf(rfc, section)} |`,
      ),
    ),
    "",
  ].join("\n");
}
