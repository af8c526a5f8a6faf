/**
 * Conversations that fast-check makes up: a handshake, some exchanges that keep both ends' numbers in step, an ending;
 * then lost, repeated and late segments among them. Every choice comes from fast-check; nothing here is random.
 */
import fc from "fast-check";
import { CLOSE, c, HANDSHAKE, type Step, s } from "./conversation.js";

type Part = readonly Step[];

const size = fc.integer({ min: 1, max: 1400 });
const pause = fc.integer({ min: 1, max: 400 });

/** Exchanges that keep both ends' numbers in step. */
const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .tuple(size, size)
    .map(
      ([ask, answer]): Part => [
        c("PSH ACK", { bytes: ask }),
        s("ACK"),
        s("PSH ACK", { bytes: answer }),
        c("ACK"),
      ],
    ),
  fc.tuple(size, pause).map(([bytes, after]): Part => [c("ACK", { bytes, after }), s("ACK", { after: 3 })]),
  fc.tuple(size).map(([bytes]): Part => [s("ACK", { bytes }), s("ACK", { bytes }), c("ACK")]),
  fc.constant<Part>([s("ACK", { window: 0 }), s("ACK", { window: 500, after: 100 })]),
);

const ending: fc.Arbitrary<Part> = fc.oneof(
  fc.constant<Part>(CLOSE),
  fc.constant<Part>([s("FIN ACK"), c("FIN ACK"), s("ACK")]),
  fc.constant<Part>([c("FIN ACK"), s("ACK")]),
  fc.constant<Part>([c("RST ACK")]),
  fc.constant<Part>([s("RST ACK")]),
  fc.constant<Part>([]),
);

/** What the path does to a packet on its way to the tap. */
type Mishap = "none" | "lost" | "again";
const mishaps = fc.array(fc.constantFrom<Mishap>("none", "none", "none", "none", "lost", "again"), {
  minLength: 40,
  maxLength: 40,
});

/** A whole connection, with packets that the capture lacks and packets that are sent again. */
export const conversation: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 8 }), ending, mishaps)
  .map(([parts, end, fates]) => {
    const steps = numbered([...HANDSHAKE, ...parts.flat(), ...end]);
    return steps.flatMap((step, i) => {
      const fate = fates[i % fates.length];
      if (fate === "lost" && i > 0) return [];
      return fate === "again" && !(step.flags & 4) ? [step, { ...step, after: 250 }] : [step];
    });
  });

/** The steps with the numbers that follow from them, so that leaving one out changes no other. */
function numbered(steps: readonly Step[]): Step[] {
  const next: [number, number] = [0, 0];
  return steps.map((step) => {
    const length = (step.bytes ?? 0) + (step.flags & 2 ? 1 : 0) + (step.flags & 1 ? 1 : 0);
    const given = { ...step, seq: next[step.side], ack: next[step.side === 0 ? 1 : 0] };
    next[step.side] += length;
    return given;
  });
}

/** Numbers near every wrap and anywhere else. */
export const isn: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -3000, max: 3000 }),
  fc.integer({ min: 2 ** 31 - 3000, max: 2 ** 31 - 1 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

/** What else may befall one: it comes after the next one, or it is held up, sent again soon, twice, in one with more. */
type Fate = Mishap | "overtaken" | "held" | "soon" | "twice" | "grown" | "acknowledged twice";
const FATES: readonly Fate[] = [
  ...Array.from({ length: 10 }, (): Fate => "none"),
  "lost",
  "again",
  "overtaken",
  "held",
  "soon",
  "twice",
  "grown",
  "acknowledged twice",
];

/** Several segments at once, and their acknowledgment. */
const flight: fc.Arbitrary<Part> = fc
  .tuple(fc.integer({ min: 2, max: 9 }), size, pause, fc.boolean())
  .map(([count, bytes, after, isFromServer]): Part => {
    const [from, to] = isFromServer ? [s, c] : [c, s];
    return [
      ...Array.from({ length: count }, (_, i) => from("ACK", { bytes, after: i === 0 ? after : 1 })),
      to("ACK", { after: 20 }),
    ];
  });

/** Longer flights, and all that a path and a sender can do to them; every packet has the number its sender gave it. */
export const tangled: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(fc.oneof(part, flight), { minLength: 1, maxLength: 8 }),
    ending,
    fc.array(fc.constantFrom(...FATES), { minLength: 30, maxLength: 30 }),
    fc.boolean(),
  )
  .map(([parts, end, fates, withSack]) => {
    const opening = HANDSHAKE.map((step) => ({ ...step, sackPermitted: withSack && (step.flags & 2) > 0 }));
    const ids: [number, number] = [100, 7000];
    // No answer comes sooner than in the handshake: the shortest round trip is known from the start.
    const steps = numbered([...opening, ...parts.flat(), ...end]).map((step, i, all) => ({
      ...step,
      after: step.side === all[i - 1]?.side ? (step.after ?? 10) : Math.max(step.after ?? 10, 10),
      id: ids[step.side]++,
    }));
    const told: Step[] = [];
    steps.forEach((step, i) => {
      // The handshake measures the round trip.
      const fate = i < 3 || step.flags & 4 ? "none" : fates[i % fates.length]!;
      const renumbered = () => ({ ...step, id: ids[step.side]++ });
      if (fate === "lost") return;
      if (fate === "overtaken" && told.length > 1) told.splice(-1, 0, step);
      else told.push(fate === "held" ? { ...step, after: 300 } : step);
      if (fate === "again") told.push({ ...renumbered(), after: 250 });
      if (fate === "soon") told.push({ ...renumbered(), after: 30 });
      if (fate === "twice") told.push({ ...step, after: 1 });
      if (fate === "grown") told.push({ ...renumbered(), bytes: (step.bytes ?? 0) + 100, after: 220 });
      if (fate === "acknowledged twice" && !step.bytes) told.push({ ...renumbered(), after: 1 });
    });
    return told;
  });
