/** Whether what the stores were found by may be otherwise by now. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { Changes, type Watched } from '../../../lib/monitor/changes.js';
import { ActedProc } from '../../support/acted-proc.js';
import { canHangMounts, hungMount, mountHalfHungDirectory } from '../../support/hung-mount.js';
import { hungThreads } from '../../support/hung-threads.js';
import { ownChildren } from '../../support/own-children.js';
import { startProgram } from '../../support/running-program.js';
import { tempDir } from '../../support/temp-dir.js';
import { until } from '../../support/until.js';

const nothing: Watched = { sources: [], stores: [], hasProcesses: false };

/** Once they have been looked at first, which takes a process where another test has a mount that may hang. */
async function of(watched: Partial<Watched>, sinceMs = Date.now()): Promise<Changes> {
  const changes = new Changes({ ...nothing, ...watched }, sinceMs);
  await changes.begun;
  return changes;
}

/** What was written longer ago than the coarse clock's tick. */
async function settled(): Promise<void> {
  await pause(30);
}

async function settledFile(): Promise<string> {
  const file = `${tempDir()}/php.ini`;
  writeFileSync(file, 'a');
  await settled();
  return file;
}

it('sees a file that is written, removed or made', async () => {
  const file = await settledFile();
  const missing = `${file}.d`;
  const changes = await of({ sources: [file, missing] });
  expect(await changes.hasChanged()).toBe(false);
  writeFileSync(file, 'b');
  expect(await changes.hasChanged()).toBe(true);
  const others = await of({ sources: [missing] });
  writeFileSync(missing, '');
  expect(await others.hasChanged()).toBe(true);
  await settled();
  const removed = await of({ sources: [missing] });
  rmSync(missing);
  expect(await removed.hasChanged()).toBe(true);
});

it('sees what was changed between its being read and this being made', async () => {
  const file = await settledFile();
  const sinceMs = Date.now();
  await settled();
  writeFileSync(file, 'b');
  expect(await (await of({ sources: [file] }, sinceMs)).hasChanged()).toBe(true);
});

it('passes over what goes in and out of a directory that everybody writes to', async () => {
  const directory = tempDir();
  chmodSync(directory, 0o1733);
  await settled();
  const changes = await of({ sources: [directory], stores: [directory] });
  writeFileSync(`${directory}/sess_a`, '');
  expect(await changes.hasChanged()).toBe(false);
  chmodSync(directory, 0o755);
  expect(await changes.hasChanged()).toBe(true);
});

it('sees a store that is replaced by another directory of its name', async () => {
  const directory = `${tempDir()}/sessions`;
  mkdirSync(directory);
  const changes = await of({ stores: [directory] });
  writeFileSync(`${directory}/sess_a`, '');
  expect(await changes.hasChanged()).toBe(false);
  renameSync(directory, `${directory}.old`);
  mkdirSync(directory);
  expect(await changes.hasChanged()).toBe(true);
});

it.each([
  ['a loop of links', (path: string) => symlinkSync(path, path)],
  ['a file on the way', (path: string) => writeFileSync(path, '')],
])('survives %s where a file was', async (_, arrange) => {
  const directory = `${tempDir()}/site`;
  mkdirSync(directory);
  const file = `${directory}/.user.ini`;
  writeFileSync(file, '');
  await settled();
  const changes = await of({ sources: [file, `${directory}/${'x'.repeat(300)}`] });
  expect(await changes.hasChanged()).toBe(false);
  rmSync(directory, { recursive: true });
  arrange(directory);
  expect(await changes.hasChanged()).toBe(true);
});

it('sees a PHP server that begins and one that ends', async () => {
  const acted = new ActedProc();
  const changes = await of({ hasProcesses: true, proc: acted.proc });
  acted.add(100, { comm: 'php-fpm8.9' });
  expect(await changes.hasChanged()).toBe(true);
  expect(await changes.hasChanged()).toBe(false);
  acted.add(101, { comm: 'php-fpm8.9', parent: 100 });
  expect(await changes.hasChanged(), 'a child').toBe(false);
  acted.end(101);
  expect(await changes.hasChanged(), 'a child').toBe(false);
  acted.end(100);
  expect(await changes.hasChanged()).toBe(true);
});

it('sees a web server that begins, whatever it is called', async () => {
  const acted = new ActedProc();
  const changes = await of({ hasProcesses: true, proc: acted.proc });
  for (const [at, comm] of ['nginx', 'caddy', 'lighttpd', 'openlitespeed'].entries()) {
    acted.add(100 + at, { comm });
    expect(await changes.hasChanged(), comm).toBe(true);
    expect(await changes.hasChanged(), comm).toBe(false);
  }
});

it('sees PHP on a command line only where it stays', async () => {
  const acted = new ActedProc();
  const changes = await of({ hasProcesses: true, proc: acted.proc });
  acted.add(100, { comm: 'php8.9' });
  expect(await changes.hasChanged()).toBe(false);
  expect(await changes.hasChanged()).toBe(true);
  acted.end(100);
  expect(await changes.hasChanged()).toBe(false);
});

it('sees a program by the name that the kernel has for it', async () => {
  const acted = new ActedProc();
  const changes = await of({ hasProcesses: true, proc: acted.proc });
  const ofMachine = await of({ hasProcesses: true });
  const program = `${tempDir()}/php-fpm8.9`;
  copyFileSync('/bin/cat', program);
  chmodSync(program, 0o755);
  const another = await startProgram(['/bin/cat'], /ready/, { input: 'ready' });
  acted.adopt(another.pid);
  expect(await changes.hasChanged()).toBe(false);
  const child = await startProgram([program], /ready/, { input: 'ready' });
  acted.adopt(child.pid);
  expect(await ofMachine.hasChanged()).toBe(true);
  expect(await changes.hasChanged()).toBe(true);
  expect(await changes.hasChanged()).toBe(false);
});

describe.skipIf(!canHangMounts())('a link onto a mount that does not answer', () => {
  /** A test's child hangs until its mount has gone, and no other is begun before. */
  beforeEach(() => until(() => ownChildren('stamps-child').length === 0));

  /** A site whose directory was replaced by such a link. */
  async function site(mount?: string): Promise<Watched> {
    const directory = `${tempDir()}/site`;
    symlinkSync(mount ?? (await hungMount()), directory);
    return { ...nothing, sources: [`${directory}/.user.ini`], stores: [`${directory}/sessions`] };
  }

  it('keeps nobody waiting: neither who looks first nor who asks whether anything has changed', async () => {
    const changes = new Changes(await site(), Date.now(), AbortSignal.timeout(300));
    expect(await changes.hasChanged(AbortSignal.timeout(300))).toBe(false);
    expect(hungThreads()).toEqual([]);
  });

  it('is looked at by one process at a time', async () => {
    // A server that has taken a question: the kernel lets nobody end that waits for its answer.
    const mount = tempDir();
    await mountHalfHungDirectory(mount);
    const changes = new Changes(await site(mount), Date.now(), AbortSignal.timeout(3000));
    await changes.begun;
    const hanging = ownChildren('stamps-child');
    expect(hanging).toHaveLength(1);
    await changes.hasChanged(AbortSignal.timeout(1000));
    await changes.hasChanged(AbortSignal.timeout(1000));
    expect(ownChildren('stamps-child')).toEqual(hanging);
  });

  it('has changed once it is a directory that answers', async () => {
    const watched = await site();
    const [source = ''] = watched.sources;
    const directory = source.slice(0, source.lastIndexOf('/'));
    const changes = new Changes(watched, Date.now(), AbortSignal.abort());
    expect(await changes.hasChanged(AbortSignal.abort())).toBe(false);
    rmSync(directory);
    mkdirSync(directory);
    await until(() => ownChildren('stamps-child').length === 0);
    expect(await changes.hasChanged()).toBe(true);
  });
});
