/**
 * What is gathered of one tree of files: usages and warnings, in the order in which they were found.
 *
 * Invariant: a doubt about root's word stays with the usages that it is about, and is here without what
 * it hides.
 */
import { printable } from '../../php/byte-string.js';
import type { FileTree } from '../../php/file-tree.js';
import type { IniConfiguration } from '../../php/ini/ini-files.js';
import type { Warning } from '../../php/provenance.js';
import { layered, type Sapi, type SessionSettings, type Usage } from '../../php/usage.js';

export class Gathered {
  readonly usages: Usage[] = [];
  readonly warnings: Warning[] = [];
  readonly tree: FileTree;
  /** What stands before the labels, as `docker 0123: `; '' for this machine. */
  readonly labelPrefix: string;
  /** What was read already, with how it was started. */
  readonly #read = new Set<string>();

  constructor(tree: FileTree, labelPrefix: string) {
    this.tree = tree;
    this.labelPrefix = labelPrefix;
  }

  usage(label: string, sapi: Sapi, settings: SessionSettings): Usage {
    return {
      label: `${this.labelPrefix}${label}`,
      sapi,
      tree: this.tree,
      runsAs: null,
      chroot: null,
      settings,
      warnings: [],
    };
  }

  /** @param ini what the SAPI heeds the [PATH=…] and [HOST=…] sections of; null: of nothing */
  add(usages: readonly Usage[], ini: IniConfiguration | null): void {
    for (const usage of usages) {
      this.usages.push(usage);
      if (ini === null) continue;
      for (const special of sectionUsages(usage, ini)) this.usages.push(special);
    }
  }

  /**
   * @returns those that hide root's word about what has just been read, and so about its usages; a
   *   user's is about that user's sessions anywhere
   */
  tell(warnings: readonly Warning[]): Warning[] {
    const doubts = warnings.filter(({ hides }) => hides === 0);
    for (const warning of warnings) {
      const { hides, ...plain } = warning;
      this.warnings.push(hides === 0 ? plain : warning);
    }
    return doubts;
  }

  /** Whether the same was read before; from now on it was. */
  wasRead(how: readonly unknown[]): boolean {
    const key = JSON.stringify(how);
    if (this.#read.has(key)) return true;
    this.#read.add(key);
    return false;
  }
}

/** For JSON.stringify(), which leaves out what is in a map. */
export function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

/** What [PATH=…] and [HOST=…] sections of php.ini make of it, for the SAPIs that heed them. */
function sectionUsages(
  usage: Usage & { readonly fixedSettings?: ReadonlySet<string> },
  { overrides }: IniConfiguration,
): Usage[] {
  return overrides.map(({ kind, key, settings }) => ({
    ...usage,
    label: `${usage.label} [${kind}=${printable(key)}]`,
    settings: layered(
      usage.settings,
      new Map([...settings].filter(([name]) => usage.fixedSettings?.has(name) !== true)),
    ),
    // PHP gives them the rank of an administrator's.
    fixedSettings: new Set([...(usage.fixedSettings ?? []), ...settings.keys()]),
  }));
}
