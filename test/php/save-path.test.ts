/**
 * Save paths that sescle takes, given to PHP: the session must be where sescle would look for it,
 * with the mode that it read. Each is a text that somebody might write, in forms that few would.
 */

import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSavePath } from '../../lib/stores/save-path.js';
import { fc } from '../support/fast-check.js';
import { fuzzRuns, fuzzTimeoutMs } from '../support/fuzz-runs.js';
import { startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const id = 'abcdefghij0123456789';

const depth = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '00',
  '007',
  '-1',
  '+1',
  ' 1',
  '1 ',
  '1x',
  '0x1',
  '',
);
const mode = fc.constantFrom('600', '0600', '0640', '00000644', '7777', '0800', '+600', ' 600', '');
const name = fc
  .array(
    fc.constantFrom('a', 'B', '0', '2;', ';', ';0600;', ' ', '.', '..', '%', '"', "'", 'é', '/'),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''))
  // Within the test's own directory.
  .filter((text) => !text.split('/').includes('..'));

describe.skipIf(!requireTool('php'))('a save path that is taken', () => {
  it('leads PHP to the same directory, depth and mode', {
    timeout: fuzzTimeoutMs(60_000),
  }, async () => {
    const php = startPhp();
    const base = tempDir();
    const prefix = fc.oneof(
      fc.constant(''),
      depth.map((field) => `${field};`),
      fc.tuple(depth, mode).map(([levels, permissions]) => `${levels};${permissions};`),
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(prefix, name, async (fields, last) => {
        const text = `${fields}${base}/s/${last}`;
        let parsed: ReturnType<typeof parseSavePath>;
        try {
          parsed = parseSavePath(text);
        } catch {
          return;
        }
        taken += 1;
        const levels = [...id.slice(0, parsed.depth)];
        const directory = path.join(parsed.path.toString(), ...levels);
        mkdirSync(directory, { recursive: true });
        await php.write([{ savePath: text, id, data: { a: 1 } }]);
        const status = statSync(path.join(directory, `sess_${id}`));
        // What others may do is for the umask to say.
        const wanted = (parsed.mode ?? 0o600) & 0o700;
        expect(status.mode & 0o700, text).toBe(wanted);
        rmSync(path.join(base, 's'), { recursive: true });
      }),
      { numRuns: fuzzRuns(300) },
    );
    expect(taken).toBeGreaterThan(20);
  });
});
