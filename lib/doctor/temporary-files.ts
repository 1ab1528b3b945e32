/**
 * What cleans temporary directories by age: systemd-tmpfiles (tmpfiles.d(5)) and tmpreaper.
 *
 * Invariant: only what would really be removed is told: a rule that has an age, whose path holds the
 * directory, and that no other rule excludes.
 */
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { isWithin, tidyPath } from '../php/paths.js';

export interface AgeRule {
  /** As `/usr/lib/tmpfiles.d/tmp.conf:11`. */
  readonly source: string;
  readonly path: string;
  readonly ageSeconds: number;
  /** What would exclude a directory, as a command. */
  exclude(directory: string): string;
}

/** The first has precedence: a file there hides those of the same name further on. */
const tmpfilesDirectories = [
  '/etc/tmpfiles.d',
  '/run/tmpfiles.d',
  '/usr/local/lib/tmpfiles.d',
  '/usr/lib/tmpfiles.d',
];

/** Directories whose content is cleaned by age. */
const cleanedTypes = /^[dDevqQ]/;

/** @param directory absolute, inside the tree */
export function agingRules(directory: string, tree: FileTree): AgeRule[] {
  return [...tmpfilesRules(directory, tree), ...tmpreaperRules(directory, tree)];
}

function tmpfilesRules(directory: string, tree: FileTree): AgeRule[] {
  const lines = tmpfilesLines(tree);
  const isExcluded = lines.some(
    ({ type, path }) => /^[xX]/.test(type) && (path === directory || isMatch(directory, path)),
  );
  if (isExcluded) return [];
  // The rule of the nearest directory holds.
  const rules = lines
    .filter(({ type, path }) => cleanedTypes.test(type) && isWithin(directory, path))
    .sort((a, b) => b.path.length - a.path.length);
  const [nearest] = rules;
  const ageSeconds = nearest === undefined ? null : ageOf(nearest.age);
  if (nearest === undefined || ageSeconds === null) return [];
  return [
    {
      source: nearest.source,
      path: nearest.path,
      ageSeconds,
      exclude: (text) => `echo 'x ${text}' >> /etc/tmpfiles.d/sescle.conf`,
    },
  ];
}

interface TmpfilesLine {
  readonly source: string;
  readonly type: string;
  readonly path: string;
  readonly age: string;
}

function tmpfilesLines(tree: FileTree): TmpfilesLine[] {
  const files = new Map<string, string>();
  for (const directory of tmpfilesDirectories) {
    const names = tree.list(directory);
    if (names instanceof Unreadable) continue;
    for (const name of names) {
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, `${directory}/${name}`);
    }
  }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, file]) => linesOf(file, tree));
}

function linesOf(file: string, tree: FileTree): TmpfilesLine[] {
  const found = tree.read(file);
  if (found instanceof Unreadable) return [];
  return found.text.split('\n').flatMap((line, at) => {
    const [type = '', path = '', , , , age = '-'] = line.trim().split(/\s+/);
    if (type === '' || type.startsWith('#') || !path.startsWith('/')) return [];
    return [{ source: `${file}:${at + 1}`, type, path: tidyPath(path.replace(/\/\*$/, '')), age }];
  });
}

function isMatch(directory: string, pattern: string): boolean {
  const words = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${words.join('[^/]*')}(?:/|$)`).test(directory);
}

const units: Readonly<Record<string, number>> = {
  us: 0,
  ms: 0,
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
  month: 2_629_800,
  y: 31_557_600,
  year: 31_557_600,
};

/** Seconds; null where nothing is cleaned by age. Without a unit it is seconds (systemd.time(7)). */
export function ageOf(text: string): number | null {
  // `~10d` spares the first level, `cm:10d` says which times count.
  const plain = text.replace(/^~/, '').replace(/^[a-zA-Z]+:/, '');
  const parts = [...plain.matchAll(/([0-9.]+)\s*([a-z]*)/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, count = '0', unit = '']) => {
    const seconds = units[unit] ?? units[unit.replace(/s$/, '')] ?? 1;
    return sum + Number(count) * seconds;
  }, 0);
}

/** Debian's package: a daily job by cron, which runs once its warning is taken out. */
function tmpreaperRules(directory: string, tree: FileTree): AgeRule[] {
  const file = '/etc/tmpreaper.conf';
  const job = tree.find('/etc/cron.daily/tmpreaper');
  const found = tree.read(file);
  if (job instanceof Unreadable || found instanceof Unreadable) return [];
  const values = new Map<string, { value: string; line: number }>();
  for (const [at, line] of found.text.split('\n').entries()) {
    const [, name = '', value = ''] = /^\s*([A-Z_]+)=['"]?(.*?)['"]?\s*$/.exec(line) ?? [];
    if (name !== '') values.set(name, { value, line: at + 1 });
  }
  if (values.get('SHOWWARNING')?.value === 'true') return [];
  const directories = values.get('TMPREAPER_DIRS') ?? { value: '/tmp/.', line: 0 };
  const age = values.get('TMPREAPER_TIME')?.value ?? '7d';
  const path = directories.value
    .split(/\s+/)
    .map((each) => tidyPath(each))
    .find((each) => isWithin(directory, each));
  const protectedBy = values.get('TMPREAPER_PROTECT_EXTRA')?.value ?? '';
  const ageSeconds = ageOf(age);
  if (path === undefined || ageSeconds === null || protectedBy.includes(directory)) return [];
  return [
    {
      source: `${file}:${values.get('TMPREAPER_TIME')?.line ?? directories.line}`,
      path,
      ageSeconds,
      exclude: (text) => `echo "TMPREAPER_PROTECT_EXTRA='${text}/*'" >> ${file}`,
    },
  ];
}
