/**
 * What a container was started with, by the files of its runtime: containerd's and Docker's, podman's
 * and CRI-O's. They hold the arguments and the environment that FPM overwrites in its own memory.
 *
 * Invariant: read through this machine's own files, and believed only where root alone could have
 * written them; a container's ID in a control group's name is no proof, and lends nobody more than
 * the process's own word. It is what the container was started with: what was started in it later
 * (`docker exec`) is not told apart.
 */
import { type ByteString, fromBytes, printable, toBytes } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

export interface ContainerCommand {
  /** With whatever comes before PHP: an init, an entrypoint. */
  readonly words: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
}

const maxConfigurationBytes = 4 * 2 ** 20;

/** `*` is the ID. */
const files: readonly ByteString[] = [
  ...['/run/containerd', '/run/docker/containerd/daemon', '/run/k3s/containerd'].flatMap((parent) =>
    ['moby', 'k8s.io', 'default'].map(
      (namespace) => `${parent}/io.containerd.runtime.v2.task/${namespace}/*/config.json`,
    ),
  ),
  '/run/containers/storage/overlay-containers/*/userdata/config.json',
  '/var/lib/containers/storage/overlay-containers/*/userdata/config.json',
  '/var/lib/docker/containers/*/config.v2.json',
];

/** @param id in full, as the control group's name has it */
export function containerCommandOf(host: FileTree, id: string): ContainerCommand | Unreadable {
  if (!/^[0-9a-f]{64}$/.test(id)) return new Unreadable('its container has no ID');
  let reason = `the command that started its container ${id.slice(0, 12)} was not found`;
  for (const pattern of files) {
    const file = pattern.replace('*', id);
    const found = host.read(file, maxConfigurationBytes);
    if (found instanceof Unreadable) {
      if (!found.isMissing) reason = `${printable(file)} cannot be read (${found.reason})`;
      continue;
    }
    if (found.setBy !== 0) {
      reason = `${printable(file)} could have been written by users other than root`;
      continue;
    }
    const command = commandOf(found.text);
    if (command !== null) return command;
    reason = `${printable(file)} is not understood`;
  }
  return new Unreadable(reason);
}

function commandOf(text: ByteString): ContainerCommand | null {
  const root = parsed(text);
  const process = field(root, 'process');
  // The runtime's own (config.md of the OCI), or Docker's.
  const words =
    process === undefined
      ? prepended(field(root, 'Path'), field(root, 'Args'))
      : field(process, 'args');
  const variables =
    process === undefined ? field(field(root, 'Config'), 'Env') : field(process, 'env');
  if (!isStrings(words) || !(isStrings(variables) || variables === undefined || variables === null))
    return null;
  const environment = new Map<ByteString, ByteString>();
  for (const variable of (variables ?? []).map(toByteString)) {
    const equals = variable.indexOf('=');
    if (equals > 0) environment.set(variable.slice(0, equals), variable.slice(equals + 1));
  }
  return { words: words.map(toByteString), environment };
}

function parsed(text: ByteString): unknown {
  try {
    return JSON.parse(toBytes(text).toString('utf8'));
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function prepended(first: unknown, rest: unknown): unknown {
  return Array.isArray(rest) ? [first, ...rest] : undefined;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function toByteString(text: string): ByteString {
  return fromBytes(Buffer.from(text, 'utf8'));
}
