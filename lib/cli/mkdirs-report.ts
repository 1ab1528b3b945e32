/**
 * What `sescle mkdirs` did, for people.
 *
 * Invariant: pure text from the report; every line has its end.
 */
import prettyBytes from 'pretty-bytes';
import type { MakeReport } from '../index.js';
import { block, type Row } from './block.js';
import { formatElapsed } from './duration.js';
import type { Style } from './style.js';
import { formatCount, plural } from './words.js';

export function mkdirsReport(report: MakeReport, style: Style): string {
  const { made, existing, adjusted, blocked, dryRun, uid, gid, mode } = report;
  const rows: Row[] = [
    { label: dryRun ? 'missing' : 'made', count: made, paint: style.removed },
    ...(existing > 0 ? [{ label: 'there already', count: existing }] : []),
    ...(adjusted > 0
      ? [{ label: dryRun ? 'to put right' : 'put right', count: adjusted, text: '(group, mode)' }]
      : []),
    ...(blocked > 0 ? [{ label: 'not made', count: blocked, paint: style.error }] : []),
    { label: 'owner', text: `uid ${uid}, gid ${gid}, mode ${mode}` },
    ...(dryRun ? [] : [{ label: 'took', text: formatElapsed(report.durationMs) }]),
  ];
  return block(report.path, rows, style);
}

/** What the tree comes to: so many directories, on so many levels, and what they take. */
export function treeText({ total, depth, bitsPerCharacter, blockBytes }: MakeReport): string {
  const levels = plural(depth, 'level');
  const size =
    blockBytes > 0
      ? `, about ${prettyBytes(total * blockBytes, { binary: true })} on the disk`
      : '';
  return `${formatCount(total)} directories, ${levels} of ${2 ** bitsPerCharacter}${size}`;
}
