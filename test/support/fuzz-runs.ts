/**
 * How long properties are tried: SESCLE_FUZZ_RUNS inputs each, or as many as a short run affords.
 * fast-check prints the seed and the path of an input that fails.
 */
const wanted = process.env['SESCLE_FUZZ_RUNS'];

/** @param preset where nobody asked for another number */
export function fuzzRuns(preset: number): number {
  return wanted === undefined ? preset : Number(wanted);
}

/** Those who asked for many inputs wait for them. */
export function fuzzTimeoutMs(preset: number): number {
  return wanted === undefined ? preset : 24 * 3_600_000;
}

/** For properties that name no number of their own; test files that have none need not load it. */
if (wanted !== undefined) {
  const { configureGlobal } = await import('fast-check');
  configureGlobal({ numRuns: Number(wanted) });
}
