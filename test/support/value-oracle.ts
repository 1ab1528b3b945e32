/**
 * Real PHP at a test's command: it runs a file of settings and says what the file returned and set (see
 * test/php/values-worker.php).
 *
 * Invariant: only texts that a test made are run, and they do nothing but set values.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { PhpValue } from '../../lib/apps/php/values.js';
import { fromBytes, toBytes } from '../../lib/php/byte-string.js';
import { tempDir } from './temp-dir.js';

const worker = path.join(import.meta.dirname, '../php/values-worker.php');

export type RealValue =
  | readonly ['null']
  | readonly ['bool', boolean]
  | readonly ['int', string]
  /** Its eight bytes, in hex. */
  | readonly ['float', string]
  | readonly ['string', string]
  | readonly ['array', readonly (readonly [string, RealValue])[]]
  | readonly ['other'];

export interface RealFile {
  readonly failed: boolean;
  readonly error?: string;
  readonly returned: RealValue;
  readonly variables: Readonly<Record<string, RealValue>>;
  readonly constants: Readonly<Record<string, RealValue>>;
  readonly classes: Readonly<Record<string, Readonly<Record<string, RealValue>>>>;
  /** session.gc_maxlifetime, as the file left it. */
  readonly ini: string;
}

export class ValueOracle {
  readonly directory = tempDir();
  readonly #child;
  readonly #waiting: ((reply: RealFile | Error) => void)[] = [];

  constructor() {
    this.#child = spawn(
      'php',
      ['-d', 'short_open_tag=0', worker, `${this.directory}/settings.php`],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line) as RealFile),
    );
    this.#child.on('close', () => {
      for (const settle of this.#waiting.splice(0)) settle(new Error('php ended'));
    });
  }

  run(text: string): Promise<RealFile> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
      this.#child.stdin.write(`${toBytes(text).toString('base64')}\n`);
    });
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** Whether what was read is what PHP has, as far as anything was read. Text: what is not. */
export function difference(
  read: PhpValue | undefined | null,
  real: RealValue,
  at = '',
): string | null {
  if (read == null) return `${at}: not seen`;
  if (read.kind === 'unknown' || read.kind === 'class') return null;
  switch (real[0]) {
    case 'array': {
      if (read.kind !== 'array') return `${at}: ${read.kind} for an array`;
      const keys = new Set(real[1].map(([key]) => decoded(key)));
      for (const [key, value] of real[1]) {
        const own = read.entries.get(decoded(key));
        if (own === undefined && !read.isComplete) continue;
        const found = difference(own, value, `${at}[${decoded(key)}]`);
        if (found !== null) return found;
      }
      for (const [key, value] of read.entries) {
        if (!keys.has(key) && value.kind !== 'unknown') return `${at}[${key}]: PHP has none`;
      }
      return null;
    }
    case 'null':
      return read.kind === 'null' ? null : `${at}: ${read.kind} for null`;
    case 'bool':
      return read.kind === 'bool' && read.value === real[1] ? null : `${at}: not ${real[1]}`;
    case 'int':
      return read.kind === 'int' && String(read.value) === real[1] ? null : `${at}: not ${real[1]}`;
    case 'float': {
      if (read.kind !== 'float') return `${at}: ${read.kind} for a float`;
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(read.value);
      return bytes.toString('hex') === real[1] ? null : `${at}: ${read.value}, another float`;
    }
    case 'string':
      return read.kind === 'string' && read.value === decoded(real[1])
        ? null
        : `${at}: ${JSON.stringify(read)} for ${JSON.stringify(decoded(real[1]))}`;
    default:
      return `${at}: something else`;
  }
}

export function decoded(text: string): string {
  return fromBytes(Buffer.from(text, 'base64'));
}
