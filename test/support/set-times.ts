/**
 * Sets modification times to the nanosecond, over the whole range of 64-bit seconds.
 *
 * Invariant: what a file has afterwards is what was asked for, or the call throws; a file system
 * that clamps times (ext4 does) cannot make a test pass by accident. Node's own utimes goes through
 * a double and loses nanoseconds, so one Python process does a whole batch by utimensat.
 */
import { spawnSync } from 'node:child_process';

export interface FileTime {
  readonly path: string;
  readonly mtimeNs: bigint;
}

const script = `
import os, sys
for entry in sys.stdin.buffer.read().split(b"\\0")[:-1]:
    ns, path = entry.split(b" ", 1)
    ns = int(ns)
    os.utime(path, ns=(ns, ns))
    found = os.stat(path).st_mtime_ns
    if found != ns:
        sys.exit(f"{path}: asked for the time {ns} ns, got {found} ns")
`;

export function setTimes(times: readonly FileTime[]): void {
  const input = times.map(({ path, mtimeNs }) => `${mtimeNs} ${path}\0`).join('');
  const python = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
  if (python.error) throw python.error;
  if (python.status !== 0) throw new Error(`cannot set times: ${python.stderr}`);
}

const nsPerSecond = 1_000_000_000n;

/** Whole seconds (and nanoseconds upwards from there) as the nanoseconds that setTimes takes. */
export function seconds(whole: number | bigint, ns = 0): bigint {
  return BigInt(whole) * nsPerSecond + BigInt(ns);
}

/** Makes files so many whole seconds old by now. */
export function age(ageSeconds: number, ...paths: readonly string[]): void {
  const mtimeNs = seconds(Math.floor(Date.now() / 1000) - ageSeconds);
  setTimes(paths.map((path) => ({ path, mtimeNs })));
}
