// V8's code caches of what a sweep loads (first.js and run.js of scripts/bundle-executable.mjs), made by the executable's
// own runtime:
//
//   RUNTIME FLAGS make-code-cache.cjs make DIRECTORY PACKAGE SESSIONS STATE   sweeps SESSIONS, which leaves the functions
//                                                                    that a sweep calls in them: first.cache, run.cache
//   RUNTIME make-code-cache.cjs finish DIRECTORY                     makes them some for a process without FLAGS
//
// V8 gives each process a seed of its own, so a code cache is another one each time that it is made. This one is made
// with a fixed seed (FLAGS), for the same file each time. V8 takes a cache only for the flags that it was made with,
// and the seed is one of them, though what is in the cache does not depend on it: V8 computes all hashes again when
// it loads a cache. So the sum of flags in its head becomes that of a cache made without any.
const fs = require('node:fs');
const path = require('node:path');
const { Script } = require('node:vm');

const [mode, directory, root, sessions, state] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(directory, name), 'utf8');
const names = ['first', 'run'];
const cacheFile = (name) => path.join(directory, `${name}.cache`);

if (mode === 'finish') {
  // The head of a cache (V8's src/snapshot/code-serializer.h): four bytes each of a magic number, V8's version, the
  // source's length, and the flags.
  const flagsAt = 12;
  const usual = new Script('').createCachedData();
  for (const name of names) {
    const cache = fs.readFileSync(cacheFile(name));
    if (!usual.subarray(0, 8).equals(cache.subarray(0, 8)))
      throw new Error('another V8 made the cache');
    usual.copy(cache, flagsAt, flagsAt, flagsAt + 4);
    fs.writeFileSync(cacheFile(name), cache);
    if (new Script(read(`${name}.js`), { cachedData: cache }).cachedDataRejected) {
      throw new Error('V8 does not take the cache');
    }
  }
} else {
  // The same functions run, whatever is mounted where this is built.
  const { readFileSync } = fs;
  fs.readFileSync = (name, ...given) =>
    readFileSync(name === '/proc/self/mountinfo' ? '/dev/null' : name, ...given);
  // Nor does it matter how long they take: what is done every 100 ms is not done.
  const never = () => ({ ref: () => never(), unref: () => never() });
  globalThis.setTimeout = never;
  globalThis.setInterval = never;
  const made = new Map();
  const instead = {
    'node:sea': {
      getRawAsset: (name) =>
        name.endsWith('.cache') ? Buffer.alloc(0) : fs.readFileSync(path.join(directory, name)),
    },
    'node:vm': {
      Script: class {
        constructor(source, { filename }) {
          this.script = new Script(source, { filename });
          made.set(path.basename(filename, '.js'), this.script);
        }
        runInThisContext() {
          return this.script.runInThisContext();
        }
      },
    },
  };
  // The caches are written at Node's own end, which the executable passes over.
  const { dlopen } = process;
  process.dlopen = (module, ...given) => {
    dlopen.call(process, module, ...given);
    module.exports.endProcess = () => {};
  };
  process.on('exit', (status) => {
    if (status !== 0) return;
    for (const name of names) fs.writeFileSync(cacheFile(name), made.get(name).createCachedData());
  });
  process.execPath = path.join(root, 'usr/bin/sescle');
  process.argv = [process.execPath, process.execPath, 'sweep', '-q', '-l', '24m', sessions];
  process.env.STATE_DIRECTORY = state;
  new Function('require', read('main.js'))((name) => instead[name] ?? require(name));
}
