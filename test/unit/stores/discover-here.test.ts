/**
 * What discovery makes of mistakes of ours, and of containers that end while they are read. The
 * processes are played; all else is read as it is.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SescleError } from '../../../lib/errors.js';
import type { ForeignTree, PhpProcess } from '../../../lib/php/processes/process.js';
import { readProcesses, stillRuns } from '../../../lib/php/processes/read-processes.js';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Discovery } from '../../../lib/stores/store.js';
import { TreeReader } from '../../../lib/stores/tree-usages.js';
import { writeTree } from '../php/trees.js';

vi.mock('../../../lib/php/processes/read-processes.js', { spy: true });
// Another test's dead mount would have it done in a process of its own, where nothing is played.
vi.mock('../../../lib/stores/silent-mounts.js', () => ({
  mountsThatMayHang: () => [],
  silentMounts: async () => [],
}));

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetAllMocks();
});

describe('a mistake of ours in one part', () => {
  const discover = (): Promise<Discovery> =>
    discoverStores({
      root: Buffer.from(
        writeTree({
          '/etc/php.ini': 'session.save_path = /srv/cli\n',
          '/etc/php-fpm.conf':
            '[www]\nuser = 33\nlisten = /x\npm = ondemand\nphp_value[session.save_path] = /srv/fpm\n',
          '/etc/apache2/apache2.conf':
            'LoadModule php_module modules/libphp.so\nphp_value session.save_path /srv/apache\n',
          '/etc/nginx/nginx.conf':
            'http { fastcgi_param PHP_VALUE session.save_path=/srv/nginx; }\n',
          '/srv/cli': null,
          '/srv/fpm': null,
          '/srv/apache': null,
          '/srv/nginx': null,
        }),
      ),
    });
  /** The last names of the stores: those that would be swept, and the others. */
  const found = ({ stores }: Discovery): Record<'swept' | 'kept', string[]> => {
    const names = (isSwept: boolean): string[] =>
      stores
        .filter(({ collectable, doubt }) => (collectable && doubt === null) === isSwept)
        .map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
        .sort();
    return { swept: names(true), kept: names(false) };
  };

  it.each([
    ['readInstallations', 'php.ini', ['apache']],
    ['addPools', 'PHP-FPM', ['apache', 'cli']],
    ['addUsualApache', 'Apache', ['cli', 'fpm', 'nginx']],
    ['addUserFiles', 'document roots', ['apache', 'cli', 'fpm']],
  ] as const)('is told, and hides no other: %s', async (method, part, kept) => {
    expect(found(await discover())).toEqual({ swept: ['apache', 'cli', 'fpm', 'nginx'], kept: [] });
    vi.spyOn(TreeReader.prototype, method).mockImplementation(() => {
      throw new TypeError('a mistake');
    });
    const discovery = await discover();
    expect(discovery.warnings).toContain(`${part} could not be read: TypeError: a mistake`);
    // What it would have said is lost, and could have been about any of them.
    expect(found(discovery)).toEqual({ swept: [], kept });
  });

  it('is not what SescleError tells: that ends the discovery', async () => {
    const error = new SescleError('no', { code: 'ERR_INVALID_ARGUMENT', remedy: 'none' });
    vi.spyOn(TreeReader.prototype, 'addUsualApache').mockImplementation(() => {
      throw error;
    });
    await expect(discover()).rejects.toBe(error);
  });
});

describe('a container that ends while it is read', () => {
  const label = 'docker 0123456789ab';
  let foreign: ForeignTree;
  let configuration: Buffer;

  beforeEach(() => {
    const root = writeTree({
      '/etc/php.ini': 'session.save_path = /srv/sessions\n',
      '/srv/sessions': null,
      '/sescle.toml':
        '[discover]\nini = false\nrun_php = false\nfpm = false\napache = false\nuser_files = false\n',
    });
    configuration = Buffer.from(`${root}/sescle.toml`);
    foreign = { root, pid: 4711, startTicks: 1, label, setBy: 0 };
    const process: PhpProcess = {
      ...foreign,
      sapi: 'cgi',
      label: 'php-cgi',
      exe: '/usr/bin/php-cgi',
      version: null,
      uid: 0,
      master: null,
      arguments: ['php-cgi'],
      environment: new Map(),
      title: null,
      workingDirectory: '/',
      unit: null,
    };
    const scan = { processes: [process], trees: [foreign], openSessions: [], warnings: [] };
    vi.mocked(readProcesses).mockReturnValue(scan);
  });

  /** Which stores of the container are found, and what is told of it. */
  async function discover(): Promise<unknown> {
    const { stores, warnings } = await discoverStores({ configuration });
    return {
      looks: vi.mocked(readProcesses).mock.calls.length,
      found: stores.flatMap(({ path, usedBy }) => (path.startsWith(foreign.root) ? [usedBy] : [])),
      told: warnings.filter((warning) => warning.startsWith(label)),
    };
  }

  it('has all looked at anew, until it is read whole', async () => {
    vi.mocked(stillRuns)
      .mockReturnValue(true)
      .mockReturnValueOnce(false)
      .mockReturnValueOnce(false);
    expect(await discover()).toEqual({
      looks: 3,
      found: [[`${label}: php-cgi (pid 4711)`]],
      told: [],
    });
  });

  it('each time has three looks in all; what it said is dropped, and told to be lost', async () => {
    vi.mocked(stillRuns).mockReturnValue(false);
    expect(await discover()).toEqual({
      looks: 3,
      found: [],
      told: [`${label} ended while it was read`],
    });
  });
});

it('tells a configuration file that was named among what it looked at, wherever it looked', async () => {
  const root = writeTree({ '/etc/php.ini': '' });
  const configuration = Buffer.from(`${writeTree({ '/own.toml': '' })}/own.toml`);
  const { lookedAt } = await discoverStores({ root: Buffer.from(root), configuration });
  expect(lookedAt).toContain(configuration.toString('latin1'));
  expect(lookedAt).toContain(`${root}/etc/php.ini`);
});
