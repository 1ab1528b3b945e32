/**
 * What lists of mounts (/proc/PID/mountinfo) tell: which of them may never answer, and whether two
 * namespaces show the same files at the same paths.
 *
 * systemd gives a unit a namespace of its own as soon as anything in it is to be read-only: all mounts
 * are there, with some bound onto themselves for other options. Whoever sees such a copy sees the
 * files of the machine.
 *
 * Invariant: pure; what is not recognised as the same is another.
 */
import type { ByteString } from '../byte-string.js';
import { type MountLine, mountLines } from '../mountinfo.js';

type Mount = Pick<MountLine, 'device' | 'root'>;

/** What systemd covers in units, and where no sessions are. */
const covered = /^\/(?:proc|sys|run\/systemd|run\/credentials|dev(?!\/shm(?:\/|$)))(?:\/|$)/;

/**
 * @param ours a process's mountinfo (proc(5))
 * @param theirs another's, with the same root directory
 */
export function showsTheSame(ours: ByteString, theirs: ByteString): boolean {
  const our = mountsOf(ours);
  const their = mountsOf(theirs);
  return [...new Set(['/', ...our.keys(), ...their.keys()])]
    .filter((point) => !covered.test(point))
    .every((point) => isSame(at(point, our), at(point, their)));
}

/** By mount point, the topmost where several lie on one another. */
function mountsOf(mountinfo: ByteString): Map<ByteString, Mount> {
  return new Map(mountLines(mountinfo).map(({ device, root, point }) => [point, { device, root }]));
}

/** What a path leads to: the nearest mount above it, and the way from there. */
function at(path: ByteString, mounts: ReadonlyMap<ByteString, Mount>): Mount | undefined {
  for (let point = path; ; point = point.slice(0, point.lastIndexOf('/')) || '/') {
    const mount = mounts.get(point);
    if (mount !== undefined) return { ...mount, root: below(mount.root, path, point) };
    if (point === '/') return undefined;
  }
}

function below(root: ByteString, path: ByteString, point: ByteString): ByteString {
  const rest = point === '/' ? path.slice(1) : path.slice(point.length + 1);
  if (rest === '') return root;
  return root === '/' ? `/${rest}` : `${root}/${rest}`;
}

function isSame(one: Mount | undefined, other: Mount | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.device === other.device &&
    one.root === other.root
  );
}

/** File systems whose server may be anyone's, and may never answer. */
const served = /^(?:fuse|nfs|cifs|smb|9p|afs|autofs|ceph|coda|ncp)/;

/** Where such file systems are mounted. */
export function servedMounts(mountinfo: ByteString): ByteString[] {
  return mountLines(mountinfo).flatMap(({ type, point }) => (served.test(type) ? [point] : []));
}
