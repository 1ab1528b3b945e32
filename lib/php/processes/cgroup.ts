/**
 * Names for people of the service or the container that a process runs in, by /proc/PID/cgroup.
 *
 * Invariant: a name is printable, and only a name: users may give theirs to groups of their own.
 */
import { type ByteString, printable } from '../byte-string.js';

export interface CgroupName {
  /** As `docker 0123456789ab`, `php8.2-fpm.service`; null where neither is to be found. */
  readonly label: string | null;
  /** The unit, where it is the system's own service, and not one within a container. */
  readonly unit: string | null;
  /** The container's full ID, where its runtime names its groups by it. */
  readonly container: string | null;
}

const hex = '([0-9a-f]{64})';
const shownDigits = 12;

/** By the last name in the path that one of them fits. */
const containers: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^(?:docker-)?${hex}(?:\\.scope)?$`), 'docker'],
  [new RegExp(`^libpod-(?:conmon-)?${hex}(?:\\.scope)?$`), 'podman'],
  [new RegExp(`^(?:cri-containerd|crio|cri-o)-${hex}(?:\\.scope)?$`), 'container'],
  [/^lxc\.payload\.(.+)$/, 'lxc'],
  [/^systemd-nspawn@(.+)\.service$/, 'machine'],
  [/^machine-(.+)\.scope$/, 'machine'],
];

export function cgroupName(text: ByteString): CgroupName {
  const paths = text
    .split('\n')
    .map((line) => /^\d+:([^:]*):(\/.*)$/s.exec(line))
    .filter((found) => found !== null)
    .map(([, controllers = '', path = '']) => ({ controllers, parts: path.split('/').slice(1) }));
  for (const { parts } of paths) {
    const container = containerOf(parts);
    if (container !== null) return { ...container, unit: null };
  }
  // systemd's own: the unified hierarchy, or the one of that name.
  const own = paths.filter(({ controllers }) => /^(?:name=systemd)?$/.test(controllers));
  for (const { parts } of own) {
    const unit = parts.findLast((part) => part.endsWith('.service'));
    if (unit !== undefined) {
      const isSystems = parts[0] === 'system.slice' || parts[0] === unit;
      return { label: printable(unit), unit: isSystems ? printable(unit) : null, container: null };
    }
  }
  return { label: null, unit: null, container: null };
}

function containerOf(parts: readonly ByteString[]): Omit<CgroupName, 'unit'> | null {
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const part = parts[at] ?? '';
    const parent = parts[at - 1];
    if (parent === 'lxc') return { label: `lxc ${printable(part)}`, container: null };
    for (const [pattern, kind] of containers) {
      const name = pattern.exec(part)?.[1];
      if (name === undefined) continue;
      const isId = /^[0-9a-f]{64}$/.test(name);
      const shown = isId ? name.slice(0, shownDigits) : printable(name);
      return { label: `${kindOf(kind, parts)} ${shown}`, container: isId ? name : null };
    }
  }
  return null;
}

/** A bare ID is also what Kubernetes and podman name their groups by. */
function kindOf(kind: string, parts: readonly ByteString[]): string {
  if (parts.some((part) => part.startsWith('kubepods'))) return 'container';
  return kind === 'docker' && parts.some((part) => part.startsWith('libpod')) ? 'podman' : kind;
}
