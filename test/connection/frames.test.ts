/** A frame is a number in a file: plain where one file was read, with the file's name where there are several. */
import { describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import { connectionReport } from "../../src/output/connection-text.js";
import type { Frame } from "../../src/report/frame.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { ladderLines } from "../../src/ui/ladder-lines.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { c, HANDSHAKE, observe, packetsOf, type Step, s } from "./conversation.js";

const ABORTED: readonly Step[] = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK"), c("RST ACK", { seq: 11 })];
/** The capture went on in a second file after the handshake. */
const ROTATED = ABORTED.map((step, i) => ({ ...step, file: i < 3 ? 0 : 1 }));

/** Every frame that is said of the conversation's only connection, in its record and its ladder. */
async function framesOf(steps: readonly Step[]) {
  const analysis = await observe(steps);
  const [record] = analysis.worst("all");
  const ladder = await analysis.ladder(record!.id);
  return {
    ladder,
    rows: ladder.rows.map(({ frame }) => frame),
    transitions: record!.transitions.map(({ frame }) => frame),
    last: [record!.client.lastFrame, record!.server.lastFrame],
    reset: [record!.reset?.frame, record!.reset?.provokedByFrame],
    lossEvidence: record!.lossEvidence,
  };
}

describe("frames of a connection", () => {
  it("are plain numbers where one file was read", async () => {
    const { rows, transitions, last, reset } = await framesOf(ABORTED);
    expect(rows).toEqual([1, 2, 3, 4, 5, 6]);
    expect(transitions.every((frame) => typeof frame === "number")).toBe(true);
    expect({ last, reset }).toEqual({ last: [6, 5], reset: [6, 5] });
  });

  it("carry their file where it goes on in a second one", async () => {
    const plain = await framesOf(ABORTED);
    const inFiles = (frame: Frame | null | undefined) =>
      Number(frame) <= 3 ? `file0.pcap:${frame}` : `file1.pcap:${Number(frame) - 3}`;
    const { rows, transitions, last, reset, ladder } = await framesOf(ROTATED);
    expect(rows).toEqual(plain.rows.map(inFiles));
    expect(transitions).toEqual(plain.transitions.map(inFiles));
    expect(last).toEqual(["file1.pcap:3", "file1.pcap:2"]);
    expect(reset).toEqual(["file1.pcap:3", "file1.pcap:2"]);
    const text = connectionReport(ladder, { width: 100, hasColor: false, isAscii: true });
    expect(text).toMatch(/^file0\.pcap:2 .*SYN ACK/m);
    expect(text).toMatch(/reset\.frame +file1\.pcap:3$/m);
    expect(text).toMatch(/file1\.pcap:3 +client +sentRst/);
    const lines = ladderLines(ladder, 0, 9, 120, chooseTheme({}, "linux").glyphs);
    expect(lines.map((line) => line.map((part) => part.text).join("")).join("\n")).toMatch(
      /^ +file0\.pcap:2 /m,
    );
  });

  it("carry it for the first file alone too, as its numbers start again in the others", async () => {
    const other = c("SYN", { clientPort: 5, file: 1 });
    const { rows, last } = await framesOf([...ABORTED, other]);
    expect(rows[5]).toBe("file0.pcap:6");
    expect(last).toEqual(["file0.pcap:6", "file0.pcap:5"]);
  });

  it("of an ICMP error are those of its own file", async () => {
    const icmp = s("", { copyOf: 0, icmpCode: 1 });
    const frame = async (steps: readonly Step[]) =>
      (await observe(steps)).worst("all")[0]!.unreachable?.frame;
    expect(await frame([c("SYN"), icmp])).toBe(2);
    expect(await frame([c("SYN"), { ...icmp, file: 1 }])).toBe("file1.pcap:1");
  });

  /** SYN-ACK and SYN are lost once each, as is the ACK of the handshake. */
  const LOSSY: readonly Step[] = [
    ...[c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK"), c("SYN", { after: 2000 }), s("SYN ACK")],
    ...[c("ACK"), s("SYN ACK", { after: 1000 }), c("ACK"), s("ACK", { bytes: 5 })],
  ];

  it("show by plain numbers which packets of the handshake were lost", async () => {
    const { lossEvidence } = await framesOf(LOSSY);
    expect(lossEvidence).toEqual([
      { loss: "syn-lost", where: "after-capture", frames: [1], repeatFrames: [2], answerFrame: 3 },
      { loss: "syn-ack-lost", where: "after-capture", frames: [3], repeatFrames: [4], answerFrame: 5 },
      { loss: "handshake-ack-lost", where: "after-capture", frames: [6], repeatFrames: [7], answerFrame: 8 },
    ]);
  });

  // Each direction in its own file, either one the first: frames of two files are not in the order of time.
  it.each([0, 1])("show it with their files where the client's are file %i", async (clientFile) => {
    const file = (side: 0 | 1) => (side === 0 ? clientFile : 1 - clientFile);
    const steps = LOSSY.map((step) => ({ ...step, file: file(step.side) }));
    const count = [0, 0];
    const named = steps.map((step) => `file${step.file}.pcap:${++count[step.file]!}`);
    const inFiles = (frames: readonly Frame[]) => frames.map((frame) => named[Number(frame) - 1]!);
    const plain = (await framesOf(LOSSY)).lossEvidence;
    const { lossEvidence, ladder } = await framesOf(steps);
    expect(lossEvidence).toEqual(
      plain.map((loss) => ({
        ...loss,
        frames: inFiles(loss.frames),
        repeatFrames: inFiles(loss.repeatFrames),
        answerFrame: inFiles([loss.answerFrame!])[0],
      })),
    );
    const text = connectionReport(ladder, { width: 200, hasColor: false, isAscii: true });
    expect(text).toContain(`SYN lost after the capture point: frame ${named[0]}, shown by frame ${named[1]}`);
    expect(text).toContain(`repeat of frame ${named[0]} after 1.000 s`);
  });

  it("show a SYN-ACK lost before the capture point with their files", async () => {
    const late = [c("SYN", { ts: [10, 0] }), c("SYN", { ts: [1010, 0], after: 1000 })];
    const answer = [s("SYN ACK", { ts: [7000, 10], after: 10 }), c("ACK", { ts: [1040, 7000] })];
    const { lossEvidence } = await framesOf(
      [...late, ...answer].map((step) => ({ ...step, file: 1 - step.side })),
    );
    expect(lossEvidence).toEqual([
      {
        loss: "syn-ack-lost",
        where: "before-capture",
        frames: [],
        repeatFrames: ["file1.pcap:2"],
        answerFrame: "file0.pcap:1",
      },
    ]);
  });

  it("are null for a side that sent nothing", async () => {
    expect((await framesOf([c("SYN")])).last).toEqual([1, null]);
  });
});

describe("packets of the same time", () => {
  it("come in the order of their files' names", async () => {
    const [packets] = packetsOf([c("SYN")]);
    const bytes = writePcap(packets!, { magic: NANOSECONDS });
    const order = async (names: readonly string[]) => {
      const capture = await openCapture(names.map((name) => new MemorySource(bytes, name)));
      const files: string[] = [];
      while (await capture.fill()) while (capture.next()) files.push(names[capture.file]!);
      return files;
    };
    expect(await order(["z/a.pcap", "b.pcap", "c.pcap"])).toEqual(["z/a.pcap", "b.pcap", "c.pcap"]);
    expect(await order(["c.pcap", "b.pcap", "z/a.pcap"])).toEqual(["z/a.pcap", "b.pcap", "c.pcap"]);
  });
});
