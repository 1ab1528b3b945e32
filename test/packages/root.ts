/**
 * A root directory that has a C library, a JavaScript runtime and sescle as npm installs it, and nothing else.
 *
 * Invariant: what runs there sees no file and no process of this machine. It needs root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '../support/temp-dir.js';

export interface Root {
  readonly directory: string;
  /** Copies a file or a directory of this machine, links followed. */
  copy(from: string, to: string): void;
  link(target: string, at: string): void;
  write(path: string, text: string | Buffer): void;
  /** Runs a program of this root in it. */
  run(...command: string[]): { status: number | null; stdout: string; stderr: string };
}

export function emptyRoot(): Root {
  const directory = tempDir('sescle-root-');
  for (const name of ['proc', 'tmp', 'bin', 'lib', 'sessions']) mkdirSync(join(directory, name));
  const at = (path: string) => {
    const place = join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  return {
    directory,
    copy(from, to) {
      const place = at(to);
      cpSync(from, place, { recursive: true, dereference: true });
    },
    link: (target, path) => symlinkSync(target, at(path)),
    write: (path, text) => writeFileSync(at(path), text),
    run(...command) {
      const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
      return spawnSync(
        'unshare',
        ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, directory, ...command],
        {
          encoding: 'utf8',
          env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, HOME: '/', TMPDIR: '/tmp' },
          timeout: 300_000,
        },
      );
    },
  };
}

/** Puts the package, packed and unpacked, and what it depends on into the root. */
export function installPackage(root: Root, tarball: string): void {
  mkdirSync(join(root.directory, 'opt'));
  execFileSync('tar', ['-xzf', tarball, '-C', join(root.directory, 'opt')]);
  for (const name of ['bindings', 'file-uri-to-path']) {
    root.copy(`node_modules/${name}`, `opt/package/node_modules/${name}`);
  }
}

/** Sessions of an hour ago and of now, and a file that is none. */
export function fillSessions(root: Root): void {
  const anHourAgo = Date.now() / 1000 - 3600;
  for (let index = 0; index < 100; index++) {
    const id = String(index).padStart(26, 'a');
    root.write(`sessions/sess_${id}`, 'a|i:1;');
    execFileSync('touch', ['-d', `@${anHourAgo}`, join(root.directory, `sessions/sess_${id}`)]);
  }
  root.write(`sessions/sess_${'b'.repeat(26)}`, 'a|i:1;');
  root.write('sessions/other', '');
}
