/**
 * The doctor's findings for people, the worst first.
 *
 * Invariant: pure text; a remedy stands on a line of its own, so that it can be copied.
 */
import type { Examination, Finding } from '../index.js';
import { block, listRows } from './block.js';
import type { Style } from './style.js';
import { plural } from './words.js';

export function doctorReport({ findings, stores }: Examination, style: Style): string {
  const blocks = findings.map((finding) => findingText(finding, style));
  return [...blocks, `${summary(findings, stores)}\n`].join('\n');
}

function findingText(finding: Finding, style: Style): string {
  const { severity, subject, title, evidence, consequence, remedy } = finding;
  const paint = severity === 'urgent' ? style.error : severity === 'warning' ? style.kept : same;
  const heading = `${paint(severity)}: ${subject === '' ? '' : `${subject}: `}${title}`;
  return block(
    heading,
    [
      ...listRows('seen', evidence),
      { label: 'leads to', text: consequence },
      ...listRows('to mend it', remedy, style.removed),
    ],
    { ...style, heading: same },
  );
}

function same(text: string): string {
  return text;
}

function summary(findings: readonly Finding[], stores: number): string {
  const looked = `${plural(stores, 'store')} looked at`;
  if (findings.length === 0) return `${looked}: nothing is wrong`;
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    [count('urgent'), 'urgent'],
    [count('warning'), 'to look at'],
    [count('note'), 'to know'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${looked}, ${plural(findings.length, 'finding')}: ${told.join(', ')}`;
}
