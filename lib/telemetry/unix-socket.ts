/**
 * Listening on a Unix socket that its owner and group may connect to.
 *
 * Invariant: only a socket that nobody listens on is ever replaced. The mode is right from the start,
 * by the umask: the owner of the directory could lead a later chmod to another file.
 */
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { SescleError } from '../errors.js';
import { escapePath } from '../text/escape-path.js';

/** What the umask takes away from 0777: others, and the right to execute. */
const umask = 0o117;

/**
 * Begins to listen; `listening` or `error` follow as ever.
 *
 * @throws SescleError where something else has the name, or another server listens there
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await clearStaleSocket(path);
  const before = process.umask(umask);
  try {
    // Node binds a path before listen() returns.
    server.listen({ path });
  } finally {
    process.umask(before);
  }
}

async function clearStaleSocket(path: string): Promise<void> {
  const shown = escapePath(path);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) {
    // libuv would call it a lack of permission.
    if (existsSync(dirname(path))) return;
    throw new SescleError(`${shown} cannot be made: its directory does not exist`, {
      code: 'ENOENT',
      path: shown,
      remedy: 'make the directory first (RuntimeDirectory= in systemd)',
    });
  }
  if (!entry.isSocket()) {
    throw new SescleError(`${shown} is there already, and is not a socket`, {
      code: 'EEXIST',
      path: shown,
      remedy: 'remove it, or give another path',
    });
  }
  const code = await connectError(path);
  if (code !== 'ECONNREFUSED') {
    throw new SescleError(`${shown} is in use: another program listens there`, {
      code: 'EADDRINUSE',
      path: shown,
      remedy: 'stop the other program (ss -xlp names it), or give another path',
    });
  }
  unlinkSync(path);
}

/** @returns why nothing answers there; null if something does */
function connectError(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}
