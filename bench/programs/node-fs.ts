/**
 * A cleaner as one writes it for Node without an addon: opendir, lstat, unlink.
 *
 *   node node-fs.js LIFETIME_SECONDS DIRECTORY...
 *
 * The synchronous calls, since nothing else runs in this process and they are the fastest that Node
 * has for it: each asynchronous one is a trip through a thread pool.
 */
import { lstatSync, opendirSync, unlinkSync } from 'node:fs';

const [, , lifetimeSeconds, ...directories] = process.argv;
const cutoffMs = Date.now() - Number(lifetimeSeconds) * 1000;

for (let path = directories.pop(); path !== undefined; path = directories.pop()) {
  const directory = opendirSync(path, { bufferSize: 1024 });
  for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
    const file = `${path}/${entry.name}`;
    if (entry.isDirectory()) directories.push(file);
    if (!entry.isFile() || !entry.name.startsWith('sess_')) continue;
    if (lstatSync(file).mtimeMs < cutoffMs) unlinkSync(file);
  }
  directory.closeSync();
}
