/**
 * What a pod leaves to a container's command, acted: no kubelet can be started where tests run.
 *
 * The command with its `$(VARIABLES)`, the user and the groups, the capabilities, no_new_privs, the root file system
 * (only Node, its libraries and sescle, read-only), the volumes and the processes that it sees are as
 * the pod says. The seccomp and AppArmor profiles are the container runtime's, and not acted.
 *
 * Invariant: a mount of the container has a directory of the test, or the test fails.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { type Container, type PodSpec, sescleOf } from './bases.js';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** A node: processes and mounts of its own. Its commands begin with these words. */
export async function startNode(): Promise<readonly string[]> {
  const machine = spawn(
    'unshare',
    ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', 'sleep', 'infinity'],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void machine.kill('SIGKILL'));
  const children = `/proc/${machine.pid}/task/${machine.pid}/children`;
  let first = '';
  await until(() => {
    [first = ''] = readFileSync(children, 'utf8').split(' ');
    return first !== '' && readFileSync(`/proc/${first}/comm`, 'utf8') === 'sleep\n';
  });
  return ['nsenter', `--target=${first}`, '--pid', '--mount', '--'];
}

export interface Surroundings {
  /** A directory of this machine for each of the pod's volumes. */
  readonly volumes: Readonly<Record<string, string>>;
  /** What the container's controller puts into its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A capability that it does not have. */
  readonly without?: string;
  /** Whether it does not see the node's processes, though the pod does. */
  readonly withoutHostPid?: boolean;
  /** In place of its arguments. */
  readonly args?: readonly string[];
}

/** As root on the node: a root file system with little more than the image has, then the container's command. */
const arrange = `
set -e
root=$1 project=$2 processes=$3 count=$4
shift 4
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/etc" "$root/dev" "$root/proc" "$root/tmp" "$root/old" "$root/opt/sescle"
for directory in /usr/lib /dev; do mount --rbind "$directory" "$root$directory"; done
for name in lib lib64 bin; do
  if [ -L "/$name" ]; then cp -P "/$name" "$root/$name"; fi
done
[ ! -d /usr/lib64 ] || { mkdir "$root/usr/lib64"; mount --bind /usr/lib64 "$root/usr/lib64"; }
for program in node setpriv mount umount; do
  file=$(command -v "$program")
  touch "$root/usr/bin/$program"
  mount --bind "$file" "$root/usr/bin/$program"
done
printf 'root:x:0:0::/:/\\nwww-data:x:33:33::/:/\\nnobody:x:65534:65534::/:/\\n' >"$root/etc/passwd"
mount --rbind "$project" "$root/opt/sescle"
if [ "$processes" = node ]; then mount --rbind /proc "$root/proc"; else mount -t proc proc "$root/proc"; fi
chmod 1777 "$root/tmp"
while [ "$count" -gt 0 ]; do
  mkdir -p "$root$2"
  mount --rbind "$1" "$root$2"
  shift 2
  count=$((count - 1))
done
cd "$root"
pivot_root . old
umount -l old
mount -o remount,ro /
exec "$@"
`;

/** What scripts/build-image sets. */
const ofImage = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', STATE_DIRECTORY: '/var/lib/sescle' };

/** The words that run the container's command on the node. */
export function containerCommand(
  node: readonly string[],
  pod: PodSpec,
  { volumes, environment = {}, without, withoutHostPid = false, args }: Surroundings,
): string[] {
  const container = sescleOf(pod);
  const context = { ...pod.securityContext, ...container.securityContext };
  if (container.command !== undefined) throw new Error('its command is not the image’s');
  const missing = (container.env ?? []).find(({ name }) => environment[name] === undefined);
  if (missing !== undefined) throw new Error(`the test has no ${missing.name}`);
  if (context.readOnlyRootFilesystem !== true) throw new Error('its root is not read-only');
  if (context.allowPrivilegeEscalation !== false) throw new Error('it may have more rights');
  if (context.capabilities?.drop?.join() !== 'ALL') throw new Error('it keeps capabilities');
  const mounts = (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const place = volumes[name];
    if (place === undefined) throw new Error(`the test has no directory for ${name}`);
    return [place, mountPath];
  });
  const capabilities = (context.capabilities.add ?? []).filter((name) => name !== without);
  const bounding = ['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',');
  const groups = [
    context.runAsGroup ?? 0,
    ...(context.fsGroup === undefined ? [] : [context.fsGroup]),
  ];
  const seesNode = pod.hostPID === true && !withoutHostPid;
  const variables = { ...ofImage, ...environment };
  const words = args ?? expandedArgs(container, environment);
  return [
    ...['env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
    ...node,
    ...['unshare', '--mount', '--propagation', 'private', '--net'],
    ...(seesNode ? [] : ['--pid', '--fork', '--kill-child']),
    ...['sh', '-c', arrange, 'sh'],
    ...[
      tempDir(),
      project.replace(/\/$/, ''),
      seesNode ? 'node' : 'own',
      String(mounts.length / 2),
    ],
    ...mounts,
    ...['setpriv', `--reuid=${context.runAsUser ?? 0}`, `--regid=${context.runAsGroup ?? 0}`],
    ...[`--groups=${groups.join(',')}`, '--no-new-privs'],
    ...['--inh-caps=-all', `--bounding-set=${bounding}`, '--'],
    ...['/usr/bin/node', '/opt/sescle/dist/cli/main.js', ...words],
  ];
}

/** As the kubelet expands them: `$(NAME)` of the environment; `$$(NAME)` stays as `$(NAME)`. */
function expandedArgs(
  { args = [] }: Container,
  environment: Readonly<Record<string, string>>,
): string[] {
  return args.map((word) =>
    word.replaceAll(/\$(\$?)\((\w+)\)/g, (whole, dollar: string, name: string) =>
      dollar === '$' ? `$(${name})` : (environment[name] ?? whole),
    ),
  );
}

/** Whether namespaces and capabilities can be acted here. */
export function canAct(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', '--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
