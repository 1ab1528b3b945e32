/** The executable that has Node inside: what is started as a process of its own is known to it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const children = (text: string) =>
  [...new Set(text.match(/[a-z]+\/[a-z-]*child(?=\.[jt]s)/g))].toSorted();

it('the executable and the bundle know every program that sescle starts', () => {
  const started = readdirSync(path.join(root, 'lib'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !name.startsWith('executable/'))
    .flatMap((name) =>
      [
        ...readFileSync(path.join(root, 'lib', name), 'utf8').matchAll(
          /program(?:: | = )'([a-z/-]+)\.js'/g,
        ),
      ].map(([, program = '']) => program),
    )
    .toSorted();
  expect(started.length).toBeGreaterThan(5);
  const executable = readFileSync(path.join(root, 'lib/executable/main.ts'), 'utf8');
  expect(children(executable)).toEqual(started);
  const bundle = readFileSync(path.join(root, 'scripts/bundle.mjs'), 'utf8');
  expect(children(bundle)).toEqual(started);
});
