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
  const blocks = kindsOf(findings).flatMap((kind) => kindTexts(kind, style));
  return [...blocks, `${summary(findings, stores)}\n`].join('\n');
}

/** How many of a kind are told in full, and how many more by name. */
const toldInFull = 3;
const toldByName = 20;

/** Findings of one kind and weight together, in the order of the first of each. */
function kindsOf(findings: readonly Finding[]): Finding[][] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = `${finding.severity} ${finding.id}`;
    const kind = kinds.get(name) ?? [];
    kind.push(finding);
    kinds.set(name, kind);
  }
  return [...kinds.values()];
}

/** On a host with hundreds of sites one thing is often wrong with each of them. */
function kindTexts(kind: readonly Finding[], style: Style): string[] {
  // A list that hides a single one takes as much room as it would.
  if (kind.length <= toldInFull + 1) return kind.map((finding) => findingText(finding, style));
  const rest = kind.slice(toldInFull);
  const named = rest.slice(0, toldByName).map(({ subject, title }) => subject || title);
  const more =
    rest.length > toldByName ? [`and ${rest.length - toldByName} more (see --json)`] : [];
  return [
    ...kind.slice(0, toldInFull).map((finding) => findingText(finding, style)),
    block(`the same of ${plural(rest.length, 'other')}:`, listRows('', [...named, ...more]), {
      ...style,
      heading: same,
    }),
  ];
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
