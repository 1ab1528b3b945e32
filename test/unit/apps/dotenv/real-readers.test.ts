// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is how .env names others.
/**
 * The readers of .env against phpdotenv and symfony/dotenv: what is read is what they read, and what they
 * refuse is refused.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { BadEnvironment, type Environment } from '../../../../lib/apps/dotenv/environment.js';
import { readDifferently, readPhpdotenv } from '../../../../lib/apps/dotenv/phpdotenv.js';
import { readSymfonyDotenv } from '../../../../lib/apps/dotenv/symfony-dotenv.js';
import { fromBytes, toBytes } from '../../../../lib/php/byte-string.js';
import { fc } from '../../../support/fast-check.js';
import { frameworkPackages, hasFrameworkPackages } from '../../../support/framework-packages.js';
import { fuzzRuns, fuzzTimeoutMs } from '../../../support/fuzz-runs.js';

const worker = path.join(import.meta.dirname, '../../../php/dotenv-worker.php');

/** Null: it is refused. */
type Real = Readonly<Record<string, string | null>> | null | 'endless';

class Readers {
  readonly #child = spawn('php', [worker, frameworkPackages], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '' },
  });
  readonly #waiting: ((answer: Real) => void)[] = [];

  constructor() {
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { values, endless } = JSON.parse(line) as {
        values?: Record<string, string | null>;
        endless?: boolean;
      };
      const decode = (text: string) => fromBytes(Buffer.from(text, 'base64'));
      const entries = Object.entries(values ?? {}).map(([name, value]) => [
        decode(name),
        value === null ? null : decode(value),
      ]);
      this.#waiting.shift()?.(
        endless === true ? 'endless' : values === undefined ? null : Object.fromEntries(entries),
      );
    });
    this.#child.on('close', (status, signal) => {
      if (this.#waiting.length > 0) throw new Error(`php ended (${status ?? signal})`);
    });
  }

  read(which: 'phpdotenv' | 'symfony', text: string): Promise<Real> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(
        `${JSON.stringify({ which, text: toBytes(text).toString('base64') })}\n`,
      );
    });
  }

  end(): void {
    this.#child.stdin.end();
  }
}

const value = fc
  .array(
    fc.constantFrom(
      ...'aZ09_-./:@+=',
      ...[
        ' ',
        '\t',
        '#',
        ' #',
        '"',
        "'",
        '\\',
        '\\"',
        '\\n',
        '\\$',
        '$',
        '${A}',
        '$A',
        '${LATER}',
        '${B:=',
        ':-x}',
        '\\\\',
      ],
      ...['"a b"', "'c d'", '"x\\"y"', '"', "'", 'p#w', '\u00e9', '{', '}', '(', ')', '"\n"'],
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''));
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom('A', 'B', 'SESSION_LIFETIME', 'DB_PASSWORD', 'a1', '_X', 'A.B'), value)
      .map(([name, text]) => `${name}=${text}`),
  },
  fc.tuple(fc.constantFrom('A', 'B'), value).map(([name, text]) => `export ${name}=${text}`),
  fc.constantFrom(
    '',
    '# comment',
    '  # x="y',
    ' A = 1',
    'A =1',
    'A= 1',
    'A',
    'export',
    '=1',
    '1A=2',
    "'Q'=1",
    'A=1 2',
    'A="1\n2"',
    '\tB=2',
  ),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isEnded]) => `${lines.join(end)}${isEnded ? end : ''}`);

describe.skipIf(!hasFrameworkPackages())('.env', { timeout: fuzzTimeoutMs(120_000) }, () => {
  const readers = new Readers();
  afterAll(() => readers.end());

  function expectSame(
    read: Environment | BadEnvironment,
    real: Real,
    written: string,
    mayRepeat: boolean,
  ): void {
    if (real === 'endless') return;
    const shown = JSON.stringify(written);
    if (read instanceof BadEnvironment && read.reason === readDifferently) return;
    // Symfony refuses such a default only if it takes it, which follows from what is not known here.
    if (read instanceof BadEnvironment && /:[-=][^}]*['"{$]/.test(written)) return;
    if (real === null || read instanceof BadEnvironment) {
      expect(read instanceof BadEnvironment, `refused: ${shown}`).toBe(real === null);
      return;
    }
    for (const [name, found] of read) {
      if (found.value !== null) {
        const isChosen =
          mayRepeat && /LIFETIME$/.test(name) && Number(found.value) > Number(real[name]);
        if (!isChosen) expect(found.value, `${name} in ${shown}`).toBe(real[name]);
      }
      expect(found.line).toBeGreaterThanOrEqual(1);
      expect(found.line).toBeLessThanOrEqual(written.split(/\r\n|\r|\n/).length);
    }
    for (const [name, found] of Object.entries(real)) {
      if (found !== null) expect(read.has(name), `${name} in ${shown}`).toBe(true);
    }
  }

  test.each(['A', 'A ', ' A', '"a" ', '"a"', "'Q'\t", 'export A', 'export A ', ' A=1', 'A =1'])(
    'of Laravel: the name in %j is taken as phpdotenv takes it',
    async (line) => {
      const written = `A=1\n${line}\n`;
      expectSame(
        readPhpdotenv(written, 'f'),
        await readers.read('phpdotenv', written),
        written,
        true,
      );
    },
  );

  test('of Laravel is read as phpdotenv reads it', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (written) => {
        expectSame(
          readPhpdotenv(written, 'f'),
          await readers.read('phpdotenv', written),
          written,
          true,
        );
      }),
      { numRuns: fuzzRuns(1500) },
    );
  });

  test.each([
    'A=$:=',
    'A=$:-x',
    'A=$:- ',
    'A=${:-x}',
    'A=$B:-x',
    'A=${B:=}',
    'B=1\nA=${B:=2}',
    'B=\nA=${B:=2}',
    'A=${B:=2}$B',
  ])('of Symfony: %j is read as its own reader does', async (written) => {
    expectSame(
      readSymfonyDotenv(written, 'f'),
      await readers.read('symfony', written),
      written,
      false,
    );
  });

  test('of Symfony is read as its own reader does', async () => {
    await fc.assert(
      // Commands are not run, nor looked at any closer.
      fc.asyncProperty(
        text.filter((each) => !each.includes('$(')),
        async (written) => {
          expectSame(
            readSymfonyDotenv(written, 'f'),
            await readers.read('symfony', written),
            written,
            false,
          );
        },
      ),
      { numRuns: fuzzRuns(1500) },
    );
  });

  test('with a secret of any characters in it gives that secret', async () => {
    const secret = fc
      .string({ unit: 'binary', maxLength: 30 })
      .filter((each) => !/[\0\r\n$]/.test(each));
    await fc.assert(
      fc.asyncProperty(secret, async (each) => {
        const bytes = fromBytes(Buffer.from(each));
        const quoted = `DB_PASSWORD="${bytes.replaceAll(/[\\"]/g, '\\$&')}"\n`;
        const read = readPhpdotenv(quoted, 'f');
        const real = await readers.read('phpdotenv', quoted);
        if (read instanceof BadEnvironment) expect(real).toBeNull();
        else if (real !== null && real !== 'endless') {
          expect(read.get('DB_PASSWORD')?.value).toBe(real['DB_PASSWORD']);
        } else expect.fail('refused');
      }),
      { numRuns: fuzzRuns(500) },
    );
  });
});
