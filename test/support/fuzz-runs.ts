/**
 * How long properties are tried: SESCLE_FUZZ_RUNS inputs each, or as many as a short run affords.
 */
const asked = process.env['SESCLE_FUZZ_RUNS'];

export const askedRuns = asked === undefined ? undefined : Number(asked);

/** @param preset where nobody asked for another number */
export function fuzzRuns(preset: number): number {
  return askedRuns ?? preset;
}

/** Those who asked for many inputs wait for them. */
export function fuzzTimeoutMs(preset: number): number {
  return askedRuns === undefined ? preset : 24 * 3_600_000;
}
