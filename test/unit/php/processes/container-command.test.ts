/** What runtimes write of their containers, in a tree of files. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromBytes } from '../../../../lib/php/byte-string.js';
import { FileTree, Unreadable } from '../../../../lib/php/file-tree.js';
import { containerCommandOf } from '../../../../lib/php/processes/container-command.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

const id = '0123456789abcdef'.repeat(4);
let root: string;
beforeEach(() => {
  root = tempDir();
});

function write(path: string, content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeTree({ [path]: fromBytes(Buffer.from(text)) }, root);
}

const command = (one = id) => containerCommandOf(new FileTree(root), one);
const oci = { process: { args: ['tini', '--', 'php-fpm', 'ä'], env: ['A=1=2', 'B=', 'C'] } };
const expected = {
  words: ['tini', '--', 'php-fpm', '\xc3\xa4'],
  environment: new Map([
    ['A', '1=2'],
    ['B', ''],
  ]),
};

describe('a container’s command', () => {
  it('is what its runtime holds, whichever that is', () => {
    const runtime = 'io.containerd.runtime.v2.task';
    for (const file of [
      `/run/containerd/${runtime}/moby/${id}/config.json`,
      `/run/containerd/${runtime}/k8s.io/${id}/config.json`,
      `/run/docker/containerd/daemon/${runtime}/moby/${id}/config.json`,
      `/var/lib/containers/storage/overlay-containers/${id}/userdata/config.json`,
      `/run/containers/storage/overlay-containers/${id}/userdata/config.json`,
    ]) {
      root = tempDir();
      expect(command()).toBeInstanceOf(Unreadable);
      write(file, oci);
      expect(command(), file).toEqual(expected);
    }
  });

  it('is Docker’s own where there is no other', () => {
    const [Path, ...Args] = oci.process.args;
    write(`/var/lib/docker/containers/${id}/config.v2.json`, {
      Path,
      Args,
      Config: { Env: oci.process.env },
    });
    expect(command()).toEqual(expected);
  });

  it('is not believed where users other than root could have written it', () => {
    const file = `/run/containerd/io.containerd.runtime.v2.task/default/${id}/config.json`;
    write(file, oci);
    chmodSync(join(root, file), 0o666);
    expect(command()).toMatchObject({ reason: expect.stringMatching(/users other than root/) });
  });

  it('is not known where the file is not understood, or the ID is none', () => {
    const file = `/run/containerd/io.containerd.runtime.v2.task/default/${id}/config.json`;
    for (const content of [
      '',
      'null',
      { process: {} },
      { process: { args: ['a', 1] } },
      { Path: 'a' },
    ]) {
      write(file, content);
      expect(command()).toMatchObject({ reason: expect.stringMatching(/is not understood/) });
    }
    expect(command('../../x')).toBeInstanceOf(Unreadable);
  });
});
