/** What is published: the addon's sources, the program, and all that its documents lead to. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** The files of these directories whose names match, relative to the package's root. */
function filesIn(directories: readonly string[], name: RegExp): string[] {
  return directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((file) => name.test(file))
      .map((file) => path.join(directory, file)),
  );
}

/** The files that a document links to, relative to the package's root. */
function linksOf(document: string): string[] {
  const targets = readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g);
  return Array.from(targets, ([, target = '']) => path.join(path.dirname(document), target));
}

describe('the documents', () => {
  const documents = filesIn(['.', 'docs', 'docs/decisions'], /\.md$/);

  it.each(documents)('%s leads to nothing that is not there', (document) => {
    expect(linksOf(document).filter((target) => !existsSync(target))).toEqual([]);
  });
});

describe('the package', () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
  ) as [{ files: { path: string }[] }];
  const packed = new Set(files.map((file) => file.path));

  it('holds all that it is built of and runs', () => {
    const sources = filesIn(['native/core', 'native/addon'], /\.(?:h|cpp)$/);
    expect(sources.length).toBeGreaterThan(50);
    const wanted = [
      'binding.gyp',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      ...sources,
    ];
    expect(wanted.filter((file) => !packed.has(file))).toEqual([]);
  });

  it('holds every file that its documents lead to', () => {
    const documents = [...packed].filter((file) => file.endsWith('.md'));
    expect(documents).toContain('README.md');
    const targets = documents.flatMap(linksOf).filter((target) => !target.startsWith('test/'));
    const isPacked = (target: string) =>
      packed.has(target) || [...packed].some((file) => file.startsWith(`${target}/`));
    expect(targets.filter((target) => !isPacked(target))).toEqual([]);
  });

  it('holds no test, no result of a build and nothing of the demo', () => {
    const stray = /^(?:test|build|node_modules|native\/test|demo|dist\/demo|lib)\//;
    expect([...packed].filter((file) => stray.test(file))).toEqual([]);
  });
});

it('npm installs no driver of a database unasked', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, optionalDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  const drivers = ['better-sqlite3', 'mysql2', 'pg'];
  expect(Object.keys(peerDependencies).sort()).toEqual(drivers);
  for (const driver of drivers) {
    expect(peerDependenciesMeta[driver]).toEqual({ optional: true });
    expect({ ...dependencies, ...optionalDependencies }).not.toHaveProperty(driver);
  }
});
