/**
 * What PHP has where sections count: with and without what only a running Apache can decide.
 *
 * Invariant: where that makes a difference, both outcomes are given, and say so.
 */
import type { FileTree } from '../file-tree.js';
import { over, type Setting, type Warning } from '../provenance.js';
import { type Outcome, outcomesOf } from '../run-time.js';
import type { SessionSettings } from '../usage.js';
import { type Merged, mergeSettings } from './merge.js';
import type { ApacheConfiguration } from './read-apache.js';
import type { PhpSetting, Section } from './section.js';

/**
 * php.ini's settings with Apache's over them, in the order in which mod_php applies them. What it
 * refuses is php.ini's then, whatever a virtual host had said.
 */
export function applied(
  { temporaryDirectory }: ApacheConfiguration,
  base: SessionSettings,
  merged: Merged,
  tree: FileTree,
): Outcome[] {
  const settings = new Map(base);
  if (temporaryDirectory !== null)
    settings.set('TMPDIR', over(base.get('TMPDIR'), temporaryDirectory));
  const changes = Array.from(merged, ([name, setting]) => ({
    name,
    setting: plain(setting),
    isAtRunTime: setting.isOfAccessFile === true,
  }));
  return outcomesOf(settings, changes, tree);
}

/** Without what only Apache's own merge needs to know. */
function plain({ value, source, setBy, displaced }: Setting): Setting {
  return displaced === undefined
    ? { value, source, setBy }
    : { value, source, setBy, displaced: plain(displaced) };
}

/** With and without what only a running Apache can decide, where that makes a difference. */
export function outcomes(
  sections: readonly Section[],
): { merged: Merged; warnings: readonly Warning[] }[] {
  const conditional = sections.find(({ kind }) => kind === 'if');
  const warnings: Warning[] =
    conditional === undefined
      ? []
      : [{ message: `${conditional.title} depends on the request`, source: conditional.source }];
  const sure = mergeSettings(sections, false);
  const all = mergeSettings(sections, true);
  const unsure = [...all].filter(([name, setting]) => !isSame(sure.get(name), setting));
  const told = (merged: Merged): Warning[] => [
    ...warnings,
    ...sections.flatMap(({ doubts = [] }) => doubts),
    ...Array.from(merged.values()).flatMap(doubtsAbout),
  ];
  if (unsure.length === 0) return [{ merged: sure, warnings: told(sure) }];
  const doubts = (what: string): Warning[] =>
    unsure.map(([name, { source }]) => ({
      message: `only a running Apache can tell whether ${name} is set here: ${what}`,
      source,
    }));
  return [
    { merged: all, warnings: [...told(all), ...doubts('this is the case that it is')] },
    { merged: sure, warnings: [...told(sure), ...doubts('this is the case that it is not')] },
  ];
}

/** About what stands behind a setting too. */
function doubtsAbout(setting: Setting & Pick<PhpSetting, 'doubt'>): Warning[] {
  const { doubt, displaced } = setting;
  const behind = displaced === undefined ? [] : doubtsAbout(displaced);
  return doubt === undefined ? behind : [doubt, ...behind];
}

/** Whether it is the same line, in the place of the same. */
function isSame(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.source === b.source && a.value === b.value && isSame(a.displaced, b.displaced);
}
