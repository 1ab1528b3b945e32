/**
 * The one rule for configurations that are not whole: each file of each tree in turn is made
 * unreadable, too large, cut short, replaced by what is no configuration, and removed where another
 * names it. Nobody's sessions may live shorter for it than with the whole tree.
 *
 * A cut counts where it leaves something open (a quote, a bracket, a section, a block). Any other
 * leaves a whole text that says something else, to PHP too.
 *
 * SESCLE_FAULT_LONG=1 tries every such cut; without it a few of each file.
 */
import {
  chmodSync,
  lstatSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discoverHere } from '../../../lib/stores/discover-here.js';
import type { Store, StoreTarget } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { type Files, isRoot, writeTree } from '../php/trees.js';
import { layouts } from './layouts.js';
import { places } from './places.js';
import { sites } from './sites.js';

const trees = [...layouts, ...places, ...sites];
const uids = [0, 33, 48, 1001, 4711];
const nobody = 65_534;
const isLong = process.env['SESCLE_FAULT_LONG'] === '1';
const cutsOfEach = isLong ? Number.POSITIVE_INFINITY : 3;
const noConfiguration = 'this is not [a "configuration {{{ <<<\n<X\n';

/** That a PHP is there: one without its php.ini is none that is gone. */
const interpreters: Files = {
  '/usr/bin/php7.4': '',
  '/usr/bin/php8.2': '',
  '/usr/bin/php8.3': '',
};

type Lifetimes = ReadonlyMap<string, number>;

/** By directory and uid; what is not there is not removed. */
async function lifetimesOf(root: string): Promise<Lifetimes> {
  process.seteuid?.(nobody);
  let stores: readonly Store[] = [];
  try {
    ({ stores } = await discoverHere({ root: Buffer.from(root) }));
  } finally {
    process.seteuid?.(0);
  }
  const lifetimes = new Map<string, number>();
  for (const store of stores) {
    const target = filesTarget(store);
    if (target === null) continue;
    for (const uid of uids)
      lifetimes.set(`${store.path.slice(root.length)} ${uid}`, lifetimeFor(target, uid));
  }
  return lifetimes;
}

function lifetimeFor(
  { lifetimesByUid, maxLifetimeSeconds, doubt }: StoreTarget,
  uid: number,
): number {
  const isDoubtful = doubt != null && (doubt.uids === null || doubt.uids.includes(uid));
  return isDoubtful ? Infinity : (lifetimesByUid.get(uid) ?? maxLifetimeSeconds);
}

/** What is shorter than it was. */
function shorter(whole: Lifetimes, spoiled: Lifetimes): string[] {
  return Array.from(spoiled).flatMap(([key, seconds]) => {
    const before = whole.get(key) ?? Number.NEGATIVE_INFINITY;
    return seconds < before ? [`${key}: ${seconds} s, not ${before} s`] : [];
  });
}

/** Whether a text that was cut leaves something open. */
function isOpen(file: string, text: string): boolean {
  // No web server and no FPM starts with an empty file.
  if (text === '')
    return /\/(?:nginx|apache2|httpd|httpd_config|php-fpm|lighttpd)\.conf$|\/Caddyfile$/.test(file);
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  if (/caddy/i.test(file)) return count(/\{/g) !== count(/\}/g) || count(/"/g) % 2 === 1;
  if (/lighttpd/.test(file))
    return count(/[({]/g) !== count(/[)}]/g) || count(/"/g) % 2 === 1 || /=\s*$/.test(text);
  if (/nginx/.test(file)) return count(/\{/g) !== count(/\}/g) || !/[;}]\s*$/.test(text);
  if (/lsws\/conf/.test(file)) return count(/\{/g) !== count(/\}/g);
  if (/apache|httpd|htaccess/.test(file)) return count(/<\w/g) !== count(/<\/\w+>/g);
  const last = text.slice(text.lastIndexOf('\n') + 1);
  if (last.startsWith(';')) return false;
  return (last.match(/"/g)?.length ?? 0) % 2 === 1 || /^\s*\[[^\]]*$/.test(last);
}

function cutsOf(file: string, text: string): number[] {
  const all = [...Array(text.length).keys()].filter((at) => isOpen(file, text.slice(0, at)));
  if (all.length <= cutsOfEach) return all;
  return [0, 1, 2].map((third) => all[Math.floor((third * (all.length - 1)) / 2)] ?? 0);
}

function isNamed(file: string, files: Files): boolean {
  return Object.entries(files).some(
    ([other, text]) => other !== file && text !== null && text.includes(file),
  );
}

describe.runIf(isRoot)('a configuration that is not whole', () => {
  const sums = { trees: 0, trials: 0, failures: 0 };
  for (const { name, files } of trees) {
    it(`of ${name} makes no session live shorter`, {
      timeout: isLong ? 600_000 : 60_000,
    }, async () => {
      const root = writeTree({ ...interpreters, ...files });
      chmodSync(root, 0o755);
      const whole = await lifetimesOf(root);
      expect(whole.size).toBeGreaterThan(0);
      // Whole, it leaves no doubt.
      expect([...whole.values()].every(Number.isFinite)).toBe(true);
      const failures: string[] = [];
      const tried = async (what: string) => {
        sums.trials += 1;
        for (const line of shorter(whole, await lifetimesOf(root)))
          failures.push(`${what}: ${line}`);
      };
      for (const [file, text] of Object.entries(files)) {
        if (text === null) continue;
        const full = `${root}${file}`;
        const restore = () => {
          rmSync(full, { recursive: true, force: true });
          if (text.startsWith('-> ')) symlinkSync(text.slice(3), full);
          else writeFileSync(full, text, 'latin1');
        };
        if (isNamed(file, files) || file.endsWith('/php.ini')) {
          rmSync(full);
          await tried(`${file} removed`);
          restore();
        }
        if (lstatSync(full).isSymbolicLink()) continue;
        chmodSync(full, 0);
        await tried(`${file} unreadable`);
        restore();
        truncateSync(full, 17 * 2 ** 20);
        await tried(`${file} too large`);
        restore();
        writeFileSync(full, noConfiguration);
        await tried(`${file} replaced`);
        restore();
        for (const at of cutsOf(file, text)) {
          writeFileSync(full, text.slice(0, at), 'latin1');
          await tried(
            `${file} cut at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 20), at))}`,
          );
          restore();
        }
        expect(readFileSync(full, 'latin1')).toBe(text);
      }
      sums.trees += 1;
      sums.failures += failures.length;
      expect(failures).toEqual([]);
    });
  }

  it('in how many trials', () => {
    console.info('incomplete configurations', sums);
  });
});
