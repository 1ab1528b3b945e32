/**
 * The oldest Node that sescle runs on.
 *
 * Invariant: uses nothing that an older Node lacks.
 */
const oldest = [20, 17] as const;

/** @returns why sescle cannot run on this Node; null where it can */
export function nodeVersionFault(version: string): string | null {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isNewEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return isNewEnough ? null : `sescle needs Node ${oldest.join('.')} or later; this is ${version}`;
}
