/**
 * What a usage gets besides its settings: doubts, whose word it is at most, the files that it comes from.
 *
 * Invariant: pure; a doubt is only ever added, and a word only ever bounded.
 */
import type { ByteString } from '../../php/byte-string.js';
import { printable } from '../../php/byte-string.js';
import type { IniConfiguration } from '../../php/ini/ini-files.js';
import { bothSetters, type Setter, type Source, type Warning } from '../../php/provenance.js';
import type { Usage } from '../../php/usage.js';

export function withDoubts<U extends Usage>(usage: U, doubts: readonly Warning[]): U {
  return doubts.length === 0 ? usage : { ...usage, warnings: [...usage.warnings, ...doubts] };
}

/** Nothing that a user starts is more than his word, and it can write as nobody else. */
export function usageStartedBy(setBy: Setter, usage: Usage): Usage {
  if (setBy === 0) return usage;
  return {
    ...usage,
    runsAs: setBy === null ? null : { uid: setBy, name: null },
    settings: new Map(
      Array.from(usage.settings, ([name, setting]) => [
        name,
        { ...setting, setBy: bothSetters(setting.setBy, setBy) },
      ]),
    ),
    warnings: usage.warnings.map((warning) => boundTo(warning, setBy)),
  };
}

/** What was lost is at most the word of whoever started it. */
export function boundTo(warning: Warning, setBy: Setter): Warning {
  return warning.hides === undefined
    ? warning
    : { ...warning, hides: bothSetters(warning.hides, setBy) };
}

/** Each file, or those of a scan directory together, with how many they are. */
export function filesOf({ files, directives }: IniConfiguration): string[] {
  const main = directives.get('cfg_file_path');
  const mainPath = main !== undefined && 'value' in main ? main.value : null;
  const counts = new Map<ByteString, number>();
  const named: string[] = [];
  for (const { path } of files) {
    const directory = path.slice(0, path.lastIndexOf('/'));
    if (path === mainPath) named.push(printable(path));
    else counts.set(directory, (counts.get(directory) ?? 0) + 1);
  }
  for (const [directory, count] of counts)
    named.push(`${printable(directory)}/*.ini (${count} ${count === 1 ? 'file' : 'files'})`);
  return named;
}

export function fileOf(source: Source | undefined): string[] {
  return source?.kind === 'file' ? [printable(source.file)] : [];
}
