/** A load error says what was tried, why it failed and what to do. The texts are those that loaders print. */
import { describe, expect, test } from 'vitest';
import { explainLoadFailure } from '../../../lib/native/load-failure.js';

const here = {
  packageRoot: '/opt/sescle/',
  platform: 'linux',
  arch: 'x64',
  cLibrary: 'glibc' as const,
  nodeVersion: 'v20.17.0',
};
const file = '/opt/sescle/build/Release/sescle.node';

describe('explainLoadFailure', () => {
  test('names every path that was tried where the addon is not built', () => {
    const prebuilt = '/opt/sescle/compiled/napi-v9/linux/x64-glibc/sescle.node';
    const error = Object.assign(new Error('Could not locate the bindings file. Tried:\n → …'), {
      tries: [file, prebuilt],
    });
    const told = explainLoadFailure(error, here);
    expect(told.code).toBe('ERR_ADDON_LOAD');
    expect(told.message).toBe(
      'sescle has no native addon for this machine (x64, glibc): in /opt/sescle/ there is none of build/Release/sescle.node, compiled/napi-v9/linux/x64-glibc/sescle.node',
    );
    expect(told.remedy).toBe(
      'build it on this machine with: npm --prefix /opt/sescle/ run build:native (needs python3, make and g++)',
    );
    expect(told.cause).toBe(error);
  });

  test.each([
    [
      `The module '${file}'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 127.`,
      /another version of Node\.js than this v20\.17\.0/,
      /run build:native/,
    ],
    [
      `/lib/x86_64-linux-gnu/libc.so.6: version \`GLIBC_2.38' not found (required by ${file})`,
      /newer system libraries/,
      /run build:native/,
    ],
    [
      `/lib/x86_64-linux-gnu/libstdc++.so.6: version \`GLIBCXX_3.4.32' not found (required by ${file})`,
      /newer system libraries/,
      /run build:native/,
    ],
    [
      `${file}: cannot open shared object file: No such file or directory`,
      /another kind of machine than this one \(x64\)/,
      /run build:native/,
    ],
    [`${file}: file too short`, /cut short/, /run build:native/],
    [
      'libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory',
      /another C library/,
      /run build:native/,
    ],
    [
      `Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by ${file})`,
      /another C library/,
      /run build:native/,
    ],
    [
      `Error loading shared library libstdc++.so.6: No such file or directory (needed by ${file})`,
      /C\+\+ runtime library/,
      /apk add libstdc\+\+/,
    ],
    [
      `${file}: wrong ELF class: ELFCLASS32`,
      /another kind of machine than this one \(x64\)/,
      /run build:native/,
    ],
    [`${file}: invalid ELF header`, /another kind of machine/, /run build:native/],
    [`${file}: undefined symbol: napi_create_future`, /lacks a function/, /20\.17 or later/],
    [`${file}: failed to map segment from shared object`, /noexec/, /noexec/],
    [`${file}: cannot open shared object file: Permission denied`, /may not read/, /right to read/],
    ['something unheard of', /cannot be loaded: something unheard of$/, /run build:native/],
  ])('recognises: %s', (said, message, remedy) => {
    const told = explainLoadFailure(new Error(said), here);
    expect(told.message).toMatch(message);
    expect(told.message).toContain('/opt/sescle/');
    expect(told.message).toContain(said.split('\n')[0]);
    expect(told.message).not.toContain('\n');
    expect(told.remedy).toMatch(remedy);
  });

  test('says on another system that sescle runs on Linux only', () => {
    const told = explainLoadFailure(new Error('x'), { ...here, platform: 'darwin' });
    expect(told.message).toBe('sescle runs on Linux only, and this is darwin');
  });
});
