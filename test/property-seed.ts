/**
 * Properties run with one seed, so that a run means the same everywhere; `FAST_CHECK_SEED=random` (or a number) looks
 * for new cases.
 */
import fc from "fast-check";

const asked = process.env.FAST_CHECK_SEED;
if (asked !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked ?? 93_930) });
