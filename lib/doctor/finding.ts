/**
 * What the doctor found: something that is wrong or will be, how it was seen, what comes of it, and what
 * mends it.
 *
 * Invariant: all text is printable, a line each. A finding has evidence; a remedy that begins with a
 * command can be pasted into a shell as it is.
 */
export const severities = ['urgent', 'warning', 'note'] as const;

export type Severity = (typeof severities)[number];

export interface Finding {
  /** The kind, as `nobody-collects`: the same from release to release. */
  readonly id: string;
  readonly severity: Severity;
  /** What it is about, as a directory; empty where it is about the machine. */
  readonly subject: string;
  /** What is wrong, in a few words. */
  readonly title: string;
  readonly evidence: readonly string[];
  /** What comes of it if nothing is done. */
  readonly consequence: string;
  readonly remedy: readonly string[];
}

/** The worst first; of the same weight in the order in which they were found. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => weight(a) - weight(b));
}

function weight({ severity }: Finding): number {
  return severities.indexOf(severity);
}

/** For a shell: in quotes where it needs them; what is not printable as `$'...'`, which undoes escapePath(). */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (text.includes('\\')) return `$'${text.replaceAll("'", "\\'")}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
