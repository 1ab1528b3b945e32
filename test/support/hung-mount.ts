/**
 * A FUSE file system whose server never answers: what a dead network mount looks like to us.
 *
 * Invariant: it is unmounted when the test has finished, however it ended: killed, too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.js';
import { canUnshare } from './unshare.js';

const script = `
import ctypes, errno, os, signal, struct, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
device = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={device},rootmode={sys.argv[2]},user_id={sys.argv[3]},group_id=0'.encode()
if libc.mount(b'hung', sys.argv[1].encode(), b'fuse', 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
# linux/fuse.h: what is asked of the mount's own directory is answered, and nothing else.
INIT, GETATTR, STATX = 26, 3, 52
def reply(unique, error, body=b''):
    os.write(device, struct.pack('<IiQ', 16 + len(body), error, unique) + body)
def serve():
    while True:
        request = os.read(device, 1 << 17)
        _, opcode, unique, node = struct.unpack_from('<IIQQ', request)
        if opcode == INIT:
            reply(unique, 0, struct.pack('<IIIIHHIIHHI28x', 7, 31, 1 << 16, 0, 12, 10, 1 << 16, 1, 0, 0, 0))
        elif opcode == GETATTR and node == 1:
            attributes = struct.pack('<6Q10I', 1, 4096, 0, 0, 0, 0, 0, 0, 0, int(sys.argv[2], 8) | 0o755, 2, 0, 0, 0, 4096, 0)
            reply(unique, 0, struct.pack('<QII', 1, 0, 0) + attributes)
        elif opcode == STATX:
            reply(unique, -errno.ENOSYS)
if sys.argv[4] == 'answers':
    threading.Thread(target=serve, daemon=True).start()
# Until the test ends, or the whole run is ended, which is told to all that belongs to it.
for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda *_: sys.exit())
print('mounted', flush=True)
try:
    sys.stdin.read()
finally:
    # In this order: once the device is closed the calls that wait for it fail.
    os.close(device)
    libc.umount2(sys.argv[1].encode(), 2)
`;

/** Whether this user may mount one here. */
export function canHangMounts(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    accessSync('/dev/fuse', constants.W_OK);
  } catch {
    return false;
  }
  return canUnshare();
}

/** @returns a directory that every call which needs its server waits for without end */
export async function hungMount(): Promise<string> {
  const directory = tempDir();
  await mountHung(directory, '40000', 0);
  return directory;
}

/** Mounts one on a directory. */
export async function mountHungDirectory(directory: string): Promise<void> {
  await mountHung(directory, '40000', 0);
}

/** Mounts one on a directory that a look at the directory itself finds well: what is in it, nobody is told. */
export async function mountHalfHungDirectory(directory: string): Promise<void> {
  await mountHung(directory, '40000', 0, 'answers');
}

/**
 * Mounts one on a file, as a user can with fusermount: it answers nobody, and shows itself to nobody
 * but that user.
 */
export async function mountHungOn(file: string, uid: number): Promise<void> {
  await mountHung(file, '100000', uid);
}

async function mountHung(
  target: string,
  rootMode: string,
  uid: number,
  itself: 'answers' | 'is silent' = 'is silent',
): Promise<void> {
  const server = spawn('python3', ['-c', script, target, rootMode, String(uid), itself], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
  });
  const [text] = await once(server.stdout, 'data');
  if (String(text).trim() !== 'mounted') throw new Error(`no hung mount: ${text}`);
}
