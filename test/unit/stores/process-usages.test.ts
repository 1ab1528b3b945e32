import { describe, expect, it } from 'vitest';
import type { PhpProcess } from '../../../lib/php/processes/process.js';
import { addProcess } from '../../../lib/stores/process-usages.js';
import { type Files, treeOf } from '../php/trees.js';
import { readerOf } from './usages.js';

const cgi: PhpProcess = {
  pid: 4711,
  startTicks: 1,
  sapi: 'cgi',
  label: 'php-cgi',
  exe: '/usr/bin/php-cgi',
  version: null,
  uid: 1001,
  setBy: 1001,
  master: null,
  arguments: ['php-cgi'],
  environment: new Map(),
  title: null,
  workingDirectory: '/',
  root: '/',
  unit: null,
};

/** A tree whose php.ini sets 600. */
const usualTree = (more: Files = {}) =>
  treeOf({ '/etc/php.ini': 'session.gc_maxlifetime = 600\n', ...more });

/** What the last usage says of the lifetime. */
async function lifetimeOf(process: PhpProcess) {
  const tree = usualTree();
  const reader = await readerOf(tree);
  addProcess(reader, process, tree, tree);
  const usage = reader.usages.at(-1);
  expect(usage?.label).toBe('php-cgi (pid 4711)');
  const { value, setBy } = usage?.settings.get('session.gc_maxlifetime') ?? {};
  return { value, setBy };
}

it('a user who starts thousands of PHPs has only some read, and nobody else has less', async () => {
  const counts = [...Array(20).keys(), ...Array.from({ length: 21 }, (_, at) => 100 + at), 200];
  const tree = usualTree(Object.fromEntries(counts.map((count) => [`/home/${count}/php.ini`, ''])));
  const reader = await readerOf(tree);
  const start = (count: number, process: PhpProcess) => {
    const own = ['php-cgi', '-c', `/home/${count}/php.ini`];
    addProcess(reader, { ...process, arguments: own }, tree, tree);
    return reader.usages.at(-1)?.warnings.map(({ hides }) => hides);
  };
  const ofUser = Array.from({ length: 20 }, (_, count) => start(count, cgi));
  expect(ofUser.filter((hides) => hides?.includes(1001))).toHaveLength(4);
  expect(ofUser.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => []));
  for (let count = 0; count < 20; count += 1)
    expect(start(100 + count, { ...cgi, uid: 0, setBy: 0 })).toEqual([]);
  expect(start(200, { ...cgi, uid: 1002, setBy: 1002 })).toEqual([]);
});

describe('a process of a user', () => {
  it('uses root’s php.ini by root’s word', async () => {
    expect(await lifetimeOf(cgi)).toEqual({ value: '600', setBy: 0 });
  });

  it('that leaves php.ini out has PHP’s default by its own word alone', async () => {
    const process = { ...cgi, arguments: ['php-cgi', '-n'] };
    expect(await lifetimeOf(process)).toEqual({ value: '1440', setBy: 1001 });
  });

  it('that takes the scan directories away does it by its own word alone', async () => {
    const process = { ...cgi, environment: new Map([['PHP_INI_SCAN_DIR', '']]) };
    expect(await lifetimeOf(process)).toEqual({ value: '600', setBy: 1001 });
  });

  it('of root’s own leaves php.ini out by root’s word', async () => {
    const process = { ...cgi, uid: 0, setBy: 0, arguments: ['php-cgi', '-n'] };
    expect(await lifetimeOf(process)).toEqual({ value: '1440', setBy: 0 });
  });
});

describe('an Apache that runs', () => {
  const apache: PhpProcess = {
    ...cgi,
    sapi: 'apache2',
    label: 'apache2',
    exe: '/usr/sbin/apache2',
    uid: 0,
    setBy: 0,
  };
  const doubtsOf = async (process: PhpProcess, more: Files = {}) => {
    const tree = usualTree(more);
    const reader = await readerOf(tree);
    const before = reader.usages.length;
    addProcess(reader, process, tree, tree);
    return reader.usages
      .slice(before)
      .map(({ label, warnings }) => [label, ...warnings.map(({ message }) => message)]);
  };
  const main = 'LoadModule php_module modules/libphp.so\n';

  it('has its main file where its program was built to have it', async () => {
    const files = {
      '/usr/sbin/apache2': '\0 -D HTTPD_ROOT="/opt/web"\0 -D SERVER_CONFIG_FILE="etc/main.conf"\0',
      '/opt/web/etc/main.conf': main,
      '/etc/apache2/apache2.conf': main,
    };
    const process = { ...apache, arguments: ['apache2', '-k', 'start'] };
    expect(await doubtsOf(process, files)).toEqual([['apache2 server']]);
    const elsewhere = { ...apache, arguments: ['apache2', '-d', '/srv/other'] };
    expect(await doubtsOf(elsewhere, { ...files, '/srv/other/etc/main.conf': main })).toEqual([
      ['apache2 server'],
    ]);
  });

  it('whose main file is gone leaves its sessions in doubt', async () => {
    for (const words of [['-f', '/srv/gone.conf'], ['-d', '/srv/gone'], []])
      expect(await doubtsOf({ ...apache, arguments: ['apache2', ...words] })).toEqual([
        ['apache2 server', expect.stringMatching(/ of a running Apache is gone$/)],
      ]);
  });
});
