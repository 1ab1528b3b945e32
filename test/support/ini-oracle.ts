/**
 * PHP's own ini parser at a test's command (see test/php/ini-worker.php).
 *
 * Invariant: every question is answered, in its order, or fails when PHP dies. Texts are bytes, one
 * character each, as everywhere in lib/php; zend_parse_ini_string() takes them up to the first NUL.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fromBytes, toBytes } from '../../lib/php/byte-string.js';

const worker = path.join(import.meta.dirname, '../php/ini-worker.php');

/** A section, a key, an offset and a value, as PHP's parser gives them to its callback. */
export type OracleEntry = readonly [string | null, string, string | null, string];

export interface OracleEntries {
  readonly entries: readonly OracleEntry[];
  readonly failed: boolean;
}

/** An array of PHP's: keys and values in their order. */
export type PhpArray = readonly (readonly [string, string | PhpArray])[];

export class IniOracle {
  readonly #child;
  readonly #waiting: ((reply: Record<string, unknown> | Error) => void)[] = [];

  /** @param environment all that `${NAME}` finds */
  constructor(environment: Readonly<Record<string, string>>) {
    this.#child = spawn('php', [worker], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line) as Record<string, unknown>),
    );
    this.#child.on('close', () => {
      for (const settle of this.#waiting.splice(0)) settle(new Error('php ended'));
    });
  }

  /** What zend_parse_ini_string() calls back with, up to a syntax error. */
  async entries(text: string): Promise<OracleEntries> {
    const { entries, failed } = await this.#ask('entries', text);
    return {
      entries: (entries as (string | null)[][]).map((parts) => parts.map(decoded)) as never,
      failed: failed === true,
    };
  }

  /** parse_ini_string() with sections, in INI_SCANNER_NORMAL; null for false. */
  async array(text: string): Promise<PhpArray | null> {
    return decodedArray((await this.#ask('string', text))['value'] as PhpArray | null);
  }

  /** ini_parse_quantity(), and its warning. */
  async quantity(
    text: string,
  ): Promise<{ readonly value: string; readonly warning: string | null }> {
    const { value, warning } = await this.#ask('quantity', text);
    return { value: value as string, warning: decoded(warning as string | null) };
  }

  end(): void {
    this.#child.stdin.end();
  }

  async #ask(what: string, text: string): Promise<Record<string, unknown>> {
    const reply = await new Promise<Record<string, unknown> | Error>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`${what} ${toBytes(text).toString('base64')}\n`);
    });
    if (reply instanceof Error) throw reply;
    return reply;
  }
}

function decoded(base64: string | null): string | null {
  return base64 === null ? null : fromBytes(Buffer.from(base64, 'base64'));
}

function decodedArray(pairs: PhpArray | null): PhpArray | null {
  if (pairs === null) return null;
  return pairs.map(([key, value]) => [
    decoded(key) ?? '',
    (typeof value === 'string' ? decoded(value) : decodedArray(value)) ?? '',
  ]);
}
