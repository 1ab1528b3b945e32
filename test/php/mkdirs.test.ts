/** Real PHP keeps a session in every directory that `makeDirectories()` makes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDirectories } from '../../lib/index.js';
import { alphabetByBits } from '../support/depth-tree.js';
import { startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

describe.skipIf(!requireTool('php'))('directories for PHP', () => {
  test.each([
    [1, 6],
    [2, 5],
    [3, 4],
  ] as const)(
    '%i levels for %i bits hold a session of each first character',
    async (depth, bits) => {
      const base = tempDir();
      const savePath = `${depth};0600;${base}`;
      const report = await makeDirectories(savePath, { bitsPerCharacter: bits });
      expect(report.complete).toBe(true);
      const alphabet = alphabetByBits[bits];
      // Each character on each level.
      const ids = [...alphabet].flatMap((character, at) => {
        const next = alphabet[(at + 1) % alphabet.length] ?? '';
        return [
          character.repeat(depth + 20),
          `${next.repeat(depth - 1)}${character}${'0'.repeat(20)}`,
        ];
      });
      const unique = [...new Set(ids)];
      await startPhp().write(unique.map((id) => ({ savePath, id, data: { id } })));
      for (const id of unique) {
        const directory = join(base, ...id.slice(0, depth));
        expect(existsSync(join(directory, `sess_${id}`)), id).toBe(true);
      }
    },
  );
});
