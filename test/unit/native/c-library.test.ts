/** Which C library a program was linked with, read from the program. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cLibraryOf } from '../../../lib/native/c-library.js';
import { tempDir } from '../../support/temp-dir.js';

/** A program that is loaded by this loader, and has nothing but the words that say so. */
function programLoadedBy(interpreter: string): Buffer {
  const [headerBytes, segmentBytes] = [64, 56];
  const path = Buffer.from(`${interpreter}\0`);
  const program = Buffer.alloc(headerBytes + segmentBytes + path.length);
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  program.writeBigUInt64LE(BigInt(headerBytes), 0x20);
  program.writeUInt16LE(segmentBytes, 0x36);
  program.writeUInt16LE(1, 0x38);
  program.writeUInt32LE(3, headerBytes); // PT_INTERP
  program.writeBigUInt64LE(BigInt(headerBytes + segmentBytes), headerBytes + 0x08);
  program.writeBigUInt64LE(BigInt(path.length), headerBytes + 0x20);
  program.set(path, headerBytes + segmentBytes);
  return program;
}

function cLibraryOfBytes(bytes: Buffer): string {
  const file = join(tempDir(), 'node');
  writeFileSync(file, bytes);
  return cLibraryOf(file);
}

test.each([
  ['/lib64/ld-linux-x86-64.so.2', 'glibc'],
  ['/lib/ld-linux-aarch64.so.1', 'glibc'],
  ['/lib/ld-musl-x86_64.so.1', 'musl'],
  ['/lib/ld-musl-aarch64.so.1', 'musl'],
  // Where musl is a guest, as in nix or Debian's musl.
  ['/nix/store/hash-musl-1.2.5/lib/ld-musl-x86_64.so.1', 'musl'],
])('a program that %s loads: %s', (interpreter, expected) => {
  expect(cLibraryOfBytes(programLoadedBy(interpreter))).toBe(expected);
});

test('this Node says what the kernel mapped beside it', () => {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  expect(cLibraryOf(process.execPath)).toBe(/\/ld-musl-/.test(maps) ? 'musl' : 'glibc');
});

test('what says nothing is taken for glibc', () => {
  const program = programLoadedBy('/lib/ld-musl-x86_64.so.1');
  expect(cLibraryOfBytes(program.subarray(0, 100))).toBe('glibc');
  expect(cLibraryOfBytes(Buffer.from('#!/bin/sh\n'))).toBe('glibc');
  expect(cLibraryOf(join(tempDir(), 'none'))).toBe('glibc');
  program.writeBigUInt64LE(2n ** 40n, 64 + 0x20);
  expect(cLibraryOfBytes(program)).toBe('glibc');
});
