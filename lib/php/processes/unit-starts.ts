/**
 * Which services of systemd start a program of some kind, and with what.
 *
 * Invariant: a unit counts that something starts, or that is called for what is asked for; a template
 * only by its instances. A start that is not understood is told as such.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { Setter } from '../provenance.js';
import type { StartLinks } from './start-links.js';
import { type StartCommand, startCommandOf } from './unit-command.js';
import { unitSettings } from './unit-files.js';
import { withSpecifiers, wordsOf } from './unit-words.js';

export interface UnitStart {
  /** As `php8.2-fpm.service`. */
  readonly unit: ByteString;
  /** As the unit names it. */
  readonly exe: ByteString;
  /** Its whole command; what else it has, apart from the reason, where it is not understood. */
  readonly command: StartCommand | Unreadable;
  /** What follows the program's name, where it needs no environment to be understood; else null. */
  readonly plainWords: readonly ByteString[] | null;
  /** `User=`; null: root, or not said. */
  readonly user: ByteString | null;
  readonly setBy: Setter;
}

/** Before the command: about privileges and failures. */
const signs = /^[-:+!|@]+/;

/**
 * @param units as `nginx.service`
 * @param isWanted by the program's path
 */
export function unitStarts(
  tree: FileTree,
  links: StartLinks,
  units: Iterable<ByteString>,
  isWanted: (exe: ByteString) => boolean,
): UnitStart[] {
  return [...units].flatMap((unit): UnitStart[] => {
    if (!unit.endsWith('.service')) return [];
    // Most units start something else.
    const starts = links.startsOf(unit);
    const mayBeWanted = (start: ByteString) => isWanted(programIn(start.replace(signs, ''), unit));
    if (starts !== null && !starts.some(mayBeWanted)) return [];
    const settings = unitSettings(tree, unit);
    if (settings instanceof Unreadable) return [];
    const command = valuesOf(settings.entries, 'ExecStart')
      .map((value) => value.replace(signs, ''))
      .findLast((value) => isWanted(programIn(value, unit)));
    if (command === undefined) return [];
    return [
      {
        unit,
        exe: programIn(command, unit),
        command: startCommandOf(tree, unit),
        plainWords: /[$%]/.test(command) ? null : (wordsOf(command)?.slice(1) ?? null),
        user: valuesOf(settings.entries, 'User').at(-1) ?? null,
        setBy: settings.setBy,
      },
    ];
  });
}

/** An empty one takes those before it away. */
function valuesOf(
  entries: readonly (readonly [ByteString, ByteString])[],
  wanted: string,
): ByteString[] {
  const values = entries.filter(([key]) => key === wanted).map(([, value]) => value);
  return values.slice(values.lastIndexOf('') + 1);
}

/** The first word. Gentoo's templates have the instance in it. */
function programIn(command: ByteString, unit: ByteString): ByteString {
  const word = /^"?([^\s"]+)/.exec(command)?.[1] ?? '';
  return withSpecifiers(word, unit) ?? word;
}
