// Puts sescle's code into the executable: WORK/blob into WORK/sescle, a copy of Node.
//
//   node scripts/fill-executable.mjs POSTJECT_API WORK
//
// V8 gives each process a seed of its own, so a code cache is another one each time that it is made. This one was
// made with a fixed seed, for the same file each time. V8 takes a cache only for the flags that it was made with,
// and the seed is one of them, though what is in the cache does not depend on it: V8 computes all hashes again when
// it loads a cache. So the sum of flags in its head becomes that of WORK/usual-cache, which was made without any.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [api, work] = process.argv.slice(2);
const blob = readFileSync(path.join(work, 'blob'));
const usual = Buffer.from(readFileSync(path.join(work, 'usual-cache'), 'utf8'), 'base64');

// The head of a cache (V8's src/snapshot/code-serializer.h): four bytes each of a magic number, V8's version, the
// source's length, and the flags.
const flagsAt = 12;
const start = usual.subarray(0, 8);
const head = blob.indexOf(start);
if (head < 0 || blob.indexOf(start, head + 1) >= 0)
  throw new Error('the blob has no code cache of this Node');
usual.copy(blob, head + flagsAt, flagsAt, flagsAt + 4);

await createRequire(import.meta.url)(api).inject(path.join(work, 'sescle'), 'NODE_SEA_BLOB', blob, {
  sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
});
