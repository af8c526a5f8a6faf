/** The filter language: what each form selects, and what is said of a filter that is none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OFFERED_NAMES, withoutUnit } from "../../src/query/field-names.js";
import { compileFilter } from "../../src/query/filter.js";
import { QueryError } from "../../src/query/query-error.js";
import { FIELDS } from "../../src/report/fields.js";
import { makeRecord } from "../report/record-fixture.js";

const record = makeRecord({
  start: "2026-11-21T14:02:11.031000000Z",
  outcome: "completed",
  close: "reset",
  connectTimeMs: 140,
  initialRttMs: null,
  retransmissions: 5,
  bytes: 20_000,
  client: { address: "10.20.0.31", port: 51324, state: "FIN_WAIT_2", bytes: 3000, retransmissionShare: 0.02 },
  server: {
    address: "2001:db8::8",
    port: 443,
    state: "CLOSE_WAIT",
    bytes: 17_000,
    retransmissionShare: 0,
    timeouts: 2,
  },
  losses: ["syn-lost"],
  vlans: [7, 9],
  findings: ["close-wait-leak", "slow-server"],
  clientGuessed: false,
  synProxy: true,
});

describe("a filter", () => {
  it.each<[filter: string, isMatching: boolean]>([
    // A field of the connection, in any of its spellings.
    ["connectTimeMs > 100", true],
    ["connectTime > 100", true],
    ["connecttime > 100ms", true],
    ["handshake >= 0.14s", true],
    ["connectTime > 140ms", false],
    ["connectTime < 141000us", true],
    // A field of one side, and of either.
    ["server.state = CLOSE_WAIT", true],
    ["client.state = CLOSE_WAIT", false],
    ["state = close_wait", true],
    ["state = FIN_WAIT_2", true],
    ["state = TIME_WAIT", false],
    ["retransmissions.rto > 0", true],
    ["client.retransmissions.rto > 0", false],
    // Equal to neither: the opposite of equal to either.
    ["state != CLOSE_WAIT", false],
    ["state != TIME_WAIT", true],
    ["port not in 80, 8080", true],
    ["port not in 80, 443", false],
    // Numbers with units.
    ["bytes > 19KiB", true],
    ["bytes > 20kB", false],
    ["bytes = 20k", true],
    ["retransmissionShare > 1%", true],
    ["retransmissionShare > 0.03", false],
    ["retransmissions in 1..5", true],
    ["retransmissions in 6..9, 1..4", false],
    ["client.bytes < server.bytes", true],
    ["server.bytes < client.bytes", false],
    // Addresses, networks, ports.
    ["host in 10.0.0.0/8", true],
    ["server.host in 10.0.0.0/8", false],
    ["host in (192.168.0.0/16, 2001:db8::/32)", true],
    ["address = 2001:DB8:0:0::8", true],
    ["host = 10.20.0.3", false],
    ["server.port in {80, 443}", true],
    // Text, patterns, lists.
    ['outcome = "completed"', true],
    ["outcome == completed", true],
    ["finding = slow-server", true],
    ["finding ~ leak$", true],
    ["finding ~ ^leak", false],
    ["losses = syn-lost", true],
    ["vlans = 9", true],
    // What is known, set, or unknown.
    ["synProxy", true],
    ["clientGuessed", false],
    ["clientGuessed = false", true],
    ["losses", true],
    ["rtt", false],
    ["rtt > 0", false],
    ["rtt = null", true],
    ["rtt != 3ms", true],
    ["tls.sni", false],
    // Times of day, as precise as they are written.
    ["start >= 14:02", true],
    ["start < 14:02:11", false],
    ["start = 14:02:11", true],
    ["start = 2026-11-21", true],
    ["start > 2026-11-21T14:02:11.03", true],
    ["start > 2026-11-21T14:02:11.031", false],
    ["start > 2026-11-21T14:02:11.0310", false],
    ["start > 14:02:11", true],
    ["start <= 14:02:11", true],
    ["start < 2026-11-21T14:02:11.0311", true],
    // Text by itself.
    ['"10.20.0.31"', true],
    ["10.20.0.31:51324", true],
    ['"CLOSE_wait" and not "refused"', true],
    // and, or, not and brackets; "and" binds closer.
    ["state = TIME_WAIT or port = 443 and bytes > 1", true],
    ["(state = TIME_WAIT or port = 443) and bytes < 1", false],
    ["not state = TIME_WAIT", true],
    ["not (port = 443 or port = 80)", false],
    ["!(port = 80) && port = 443 || port = 1", true],
    ["NOT port = 443", false],
    ["not not port = 443", true],
  ])("%s: %s", (filter, isMatching) => {
    expect(compileFilter(filter).matches(record)).toBe(isMatching);
  });

  it.each<[filter: string, sentence: RegExp]>([
    ["", /^column 1: the filter is empty$/],
    ["conectTime > 3", /^column 1: no field is named "conectTime"; the nearest name is connectTime;/],
    ["port = 1 and colour = red", /^column 14: no field is named "colour"/],
    ["responseTime > 3", /^column 1: "responseTime" has parts: responseTime.count, responseTime.min,/],
    ["state = CLOSEWAIT", /^column 9: state is never "CLOSEWAIT"; the nearest word is CLOSE_WAIT$/],
    ["close = nicely", /^column 9: close is never "nicely"; it is one of graceful, /],
    ["rtt > fast", /^column 7: "fast" is not a time, such as 100ms/],
    ["rtt > 3 apples", /^column 9: "apples" stands here, where and, or or the end is expected$/],
    ["rtt >", /^column 6: the filter ends here, where a value is expected$/],
    ["rtt > 3 and", /^column 12: the filter ends here, where the name of a field or a value is expected$/],
    ["(rtt > 3", /^column 9: the filter ends here, where and, or or "\)" is expected$/],
    ["> 3", /^column 1: ">" stands here, where the name of a field or a value is expected$/],
    ["bytes > 3ms", /^column 9: "3ms" is not a number of bytes/],
    ["bytes > retransmissions", /^column 9: bytes is in bytes and retransmissions in count/],
    ["retransmissions in 9..1", /^column 20: the range "9..1" ends before it begins$/],
    ["state > ESTABLISHED", /^column 9: .*state has no order/],
    ["host in 10.0.0.0/33", /^column 9: "10.0.0.0\/33" has no prefix length between 0 and 32$/],
    ["host = db1", /^column 8: "db1" is no address/],
    ["start > noon", /^column 9: "noon" is no time in UTC/],
    ["synProxy = maybe", /^column 12: synProxy is true or false, not "maybe"$/],
    ['finding ~ "("', /^column 11: "\(" is no regular expression$/],
    [`${"(".repeat(300)}rtt`, /more than 200 conditions are nested here$/],
    ["rtt ".repeat(5000), /a filter has at most 10000 characters$/],
  ])("%s is refused", (filter, sentence) => {
    expect(() => compileFilter(filter)).toThrow(QueryError);
    expect(() => compileFilter(filter)).toThrow(sentence);
  });

  it("knows every field by its name and by the one that is offered", () => {
    for (const { name } of FIELDS)
      for (const spelling of [name, withoutUnit(name)]) expect(() => compileFilter(spelling)).not.toThrow();
    for (const name of OFFERED_NAMES) expect(() => compileFilter(`not ${name}`)).not.toThrow();
  });

  it("takes any text, and either selects or says what is wrong with it", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "(",
        ")",
        " and ",
        " or ",
        "not ",
        " in ",
        "=",
        "!=",
        "<",
        ">=",
        "~",
        ",",
        '"',
        "..",
        "%",
      ),
      fc.constantFrom(...OFFERED_NAMES),
      fc.constantFrom("10.0.0.0/8", "3ms", "CLOSE_WAIT", "14:02", "::1", "null"),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          expect(typeof compileFilter(pieces.join("")).matches(record)).toBe("boolean");
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
