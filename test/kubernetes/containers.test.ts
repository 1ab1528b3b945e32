/** Each container's command, run as it stands and with no more rights than its pod gives it. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireBuild } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { runProgram, startProgram } from '../support/running-program.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { canAct, containerCommand, type Surroundings, startNode } from './acted-container.js';
import { jobOf, podOfBase, readBase, sescleOf } from './bases.js';

const hasAll = ['unshare', 'nsenter', 'setpriv', 'php'].map(requireTool).every(Boolean) && canAct();
const patienceMs = 50_000;
const phpUser = 33;

/** A directory of that user, with so many sessions of each kind. */
function storeOf(user: number, count: number, inside = tempDir()): string {
  const directory = join(inside, 'sessions');
  mkdirSync(directory);
  for (let i = 0; i < count; i += 1) {
    chownSync(writeSession(directory, `old${i}`, { ageSeconds: 3600 }), user, user);
    chownSync(writeSession(directory, `young${i}`, { ageSeconds: 10 }), user, user);
  }
  chownSync(directory, user, user);
  chmodSync(directory, 0o700);
  return directory;
}

function volume(user: number): string {
  const directory = tempDir();
  chownSync(directory, user, user);
  return directory;
}

const left = (store: string) => readdirSync(store).sort();
const expired = (store: string) => left(store).filter((name) => name.startsWith('sess_old'));
const young = (count: number) => Array.from({ length: count }, (_, i) => `sess_young${i}`).sort();

describe.skipIf(!hasAll)('the container', () => {
  test('of sidecar removes what has expired in the pod’s volume', async () => {
    requireBuild();
    const store = storeOf(phpUser, 3);
    const volumes = { sessions: store, state: volume(phpUser) };
    await startProgram(
      containerCommand(await startNode(), podOfBase('sidecar'), { volumes }),
      /watching/,
    );
    await until(() => expired(store).length === 0);
    expect(left(store)).toEqual(young(3));
  });

  test('of sidecar has the lifetime that it gives PHP', () => {
    const [settings] = readBase('sidecar');
    const [, seconds] =
      /session\.gc_maxlifetime = ([0-9]+)/.exec(settings?.data?.['sessions.ini'] ?? '') ?? [];
    const { args = [] } = sescleOf(podOfBase('sidecar'));
    expect(args[args.indexOf('-l') + 1]).toBe(`${Number(seconds) / 60}m`);
  });

  test('of sweep, once for each index, removes together what one sweep would, and nothing twice', async () => {
    requireBuild();
    const store = storeOf(phpUser, 200);
    const node = await startNode();
    const pod = podOfBase('sweep');
    const [job] = readBase('sweep').flatMap((one) => jobOf(one) ?? []);
    const { completions = 0, parallelism, completionMode } = job ?? {};
    expect([completionMode, parallelism]).toEqual(['Indexed', completions]);
    const removed: number[] = [];
    for (let index = 0; index < completions; index += 1) {
      const before = expired(store).length;
      const surroundings: Surroundings = {
        volumes: { sessions: store, state: volume(phpUser) },
        environment: { JOB_COMPLETION_INDEX: String(index) },
      };
      const { status, stderr } = await runProgram(
        containerCommand(node, pod, surroundings),
        patienceMs,
      );
      expect([status, stderr]).toEqual([0, '']);
      removed.push(before - expired(store).length);
    }
    expect(left(store)).toEqual(young(200));
    // Each had its share.
    expect(removed.every((count) => count > 0 && count < 200)).toBe(true);
  });

  test('of tables reads its settings and its password, and says that the database cannot be reached', async () => {
    requireBuild();
    const [settings] = readBase('tables');
    const volumes = { settings: tempDir(), state: volume(65_534) };
    for (const [name, text] of Object.entries(settings?.data ?? {}))
      writeFileSync(join(volumes.settings, name), text);
    chmodSync(volumes.settings, 0o755);
    const environment = { SHOP_PASSWORD: 'secret' };
    const child = await startProgram(
      containerCommand(await startNode(), podOfBase('tables'), { volumes, environment }),
      /mariadb\/shop.*has no address/,
    );
    expect(child.exitCode).toBeNull();
  });
});

describe.skipIf(!hasAll)('the container of node', () => {
  const user = 61_010;

  /** A pod of which nobody outside sees the directory: PHP with its sessions below a private /tmp. */
  async function startPhp(node: readonly string[], place: string, savePath: string): Promise<void> {
    const inner = `mount --bind ${place} /tmp && exec "$@"`;
    await startProgram(
      [
        ...node,
        ...['unshare', '--mount', 'sh', '-c', inner, 'sh'],
        ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'],
        ...['php', '-n', '-d', `session.save_path=${savePath}`],
        ...['-d', 'session.gc_maxlifetime=1440', '-r', 'echo "ready"; fgets(STDIN);'],
      ],
      /ready/,
      { input: '' },
    );
  }

  /** A pod on a node; its sessions lie in a directory that only its user may enter. */
  async function podOnNode() {
    requireBuild();
    const node = await startNode();
    const place = tempDir();
    chmodSync(place, 0o755);
    const home = join(place, 'home');
    mkdirSync(home);
    const store = storeOf(user, 2, home);
    chownSync(home, user, user);
    chmodSync(home, 0o700);
    await startPhp(node, place, '/tmp/home/sessions');
    const volumes = { state: volume(0), tmp: volume(0) };
    return { node, store, volumes };
  }

  test('removes what has expired in a pod’s own mounts, and nothing else', async () => {
    const { node, store, volumes } = await podOnNode();
    await startProgram(
      containerCommand(node, podOfBase('node'), { volumes }),
      /tmp\/home\/sessions: watching/,
    );
    await until(() => expired(store).length === 0);
    expect(left(store)).toEqual(young(2));
  });

  const { capabilities } = sescleOf(podOfBase('node')).securityContext ?? {};

  test.each(capabilities?.add ?? [])('needs %s', async (without) => {
    const { node, store, volumes } = await podOnNode();
    const sweep = async (changes: Partial<Surroundings>) => {
      const surroundings = { volumes, args: ['sweep'], ...changes };
      await runProgram(containerCommand(node, podOfBase('node'), surroundings), patienceMs);
      return expired(store).length === 0;
    };
    expect(await sweep({ without })).toBe(false);
    expect(await sweep({})).toBe(true);
  });

  test('needs the node’s processes', async () => {
    const { node, store, volumes } = await podOnNode();
    const surroundings = { volumes, args: ['sweep'], withoutHostPid: true };
    await runProgram(containerCommand(node, podOfBase('node'), surroundings), patienceMs);
    expect(expired(store)).toHaveLength(2);
    expect(existsSync(store)).toBe(true);
  });
});
