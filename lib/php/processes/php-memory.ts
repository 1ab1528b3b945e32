/**
 * How a running PHP was started, from the variables that it exports: for FPM and LSAPI, which
 * overwrite their own arguments and environment, the truth that no unit file can tell.
 *
 * PHP keeps the text of its `-d` options in `sapi_module`, and the files that it read in
 * `php_ini_opened_path` and `php_ini_scanned_files` (main/SAPI.h, main/php_ini.c: the same since
 * PHP 7.0). They are read through /proc/PID/mem, which neither stops nor changes the process.
 *
 * Invariant: a program whose variables are not as PHP has them is an Unreadable, never a guess. What
 * is read is bounded.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { type ByteString, fromBytes, toBytes } from '../byte-string.js';
import { sapiNames } from '../installed/installation.js';
import { attempt, Unreadable } from '../unreadable.js';
import { readElfSymbols } from './elf-symbols.js';
import type { ProcFiles } from './proc-files.js';
import type { PhpStart, ProcessSapi } from './process.js';

const variables = ['sapi_module', 'php_ini_opened_path', 'php_ini_scanned_files'] as const;

/** Fields of sapi_module, in words of 8 bytes. */
const [nameField, ignoreField, entriesField, fieldCount] = [0, 24, 32, 36];

/** Of glibc and musl, which both export `environ`. */
const libraries = /\/(?:libc\.so\.6|libc-2[^/]*\.so|libc\.musl-[^/]+|ld-musl-[^/]+)$/;

const maxVariables = 4096;
const pageBytes = 4096;
const maxTextBytes = 256 * 1024;
const maxMapsBytes = 4 * 2 ** 20;

export function readPhpStart(files: ProcFiles, sapi: ProcessSapi): PhpStart | Unreadable {
  return withFile(files.path('exe'), (exe) => {
    const symbols = readElfSymbols(exe, variables);
    if (symbols instanceof Unreadable) return symbols;
    const exeLink = files.link('exe');
    if (exeLink instanceof Unreadable) return exeLink;
    const mapping = mappingOf(files, (path) => path === exeLink);
    if (mapping instanceof Unreadable) return mapping;
    return withFile(files.path('mem'), (memory) => {
      const address = (name: (typeof variables)[number]) => {
        const own = symbols.addresses.get(name);
        if (own === undefined) throw unknown();
        return mapping.start - symbols.base + own;
      };
      const environment = environmentIn(files, memory);
      return {
        ...startIn(memory, address, sapi),
        environment: environment instanceof Unreadable ? null : environment,
      };
    });
  });
}

function startIn(
  memory: number,
  address: (name: (typeof variables)[number]) => bigint,
  sapi: ProcessSapi,
): Omit<PhpStart, 'environment'> {
  const module = bytesAt(memory, address('sapi_module'), fieldCount * 8);
  const field = (index: number) => module.readBigUInt64LE(index * 8);
  // Two numbers of 32 bits that are 0 or 1 stand where they should.
  const flags = field(ignoreField);
  const isAsKnown = (flags & ~0x1_0000_0001n) === 0n;
  if (!isAsKnown || textAt(memory, field(nameField)) !== sapiNames[sapi]) throw unknown();
  const pointer = (name: (typeof variables)[number]) =>
    bytesAt(memory, address(name), 8).readBigUInt64LE(0);
  const mainFile = textAt(memory, pointer('php_ini_opened_path'));
  const scanned = textAt(memory, pointer('php_ini_scanned_files')) ?? '';
  const paths = scanned.split(/,?\n/).filter((path) => path !== '');
  return {
    mainFile,
    scanDirectories: [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))],
    defines: (textAt(memory, field(entriesField)) ?? '').split('\n').filter((line) => line !== ''),
  };
}

/** The variables as `environ` has them, which setenv() and FPM's own copy are in. */
function environmentIn(
  files: ProcFiles,
  memory: number,
): ReadonlyMap<ByteString, ByteString> | Unreadable {
  const library = mappingOf(files, (path) => libraries.test(path));
  if (library instanceof Unreadable) return library;
  return withFile(files.path(`map_files/${library.range}`), (file) => {
    const symbols = readElfSymbols(file, ['environ']);
    if (symbols instanceof Unreadable) return symbols;
    const own = symbols.addresses.get('environ');
    if (own === undefined) throw unknown();
    const pointerAt = (address: bigint) => bytesAt(memory, address, 8).readBigUInt64LE(0);
    const list = pointerAt(library.start - symbols.base + own);
    const environment = new Map<ByteString, ByteString>();
    for (let index = 0; list !== 0n; index += 1) {
      const variable = textAt(memory, pointerAt(list + BigInt(index * 8)));
      if (variable === null) break;
      if (index === maxVariables) throw unknown();
      const equals = variable.indexOf('=');
      if (equals > 0) environment.set(variable.slice(0, equals), variable.slice(equals + 1));
    }
    return environment;
  });
}

/** Where the beginning of a file lies in memory, and what procfs calls that piece. */
function mappingOf(
  files: ProcFiles,
  isWanted: (path: ByteString) => boolean,
): { readonly start: bigint; readonly range: ByteString } | Unreadable {
  const maps = files.read('maps', maxMapsBytes);
  if (maps instanceof Unreadable) return maps;
  for (const line of maps.split('\n')) {
    const [, range = '', offset = '', path = ''] =
      /^(\S+) \S+ ([0-9a-f]+) \S+ \d+ +(.*)$/.exec(line) ?? [];
    if (!isWanted(path) || Number.parseInt(offset, 16) !== 0) continue;
    return { start: BigInt(`0x${range.slice(0, range.indexOf('-'))}`), range };
  }
  return new Unreadable('not a program that can be read');
}

/** A text that ends with a NUL; null for a null pointer. */
function textAt(memory: number, address: bigint): ByteString | null {
  if (address === 0n) return null;
  let text = '';
  for (let at = address; text.length < maxTextBytes; ) {
    // Not past the end of a page, behind which there may be nothing.
    const size = pageBytes - Number(at % BigInt(pageBytes));
    const part = fromBytes(bytesAt(memory, at, size));
    const end = part.indexOf('\0');
    if (end >= 0) return text + part.slice(0, end);
    text += part;
    at += BigInt(size);
  }
  throw unknown();
}

function bytesAt(memory: number, address: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  if (readSync(memory, bytes, 0, size, address) !== size) throw unknown();
  return bytes;
}

function withFile<T>(path: ByteString, use: (fd: number) => T | Unreadable): T | Unreadable {
  return attempt(() => {
    const fd = openSync(toBytes(path), 'r');
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function unknown(): NodeJS.ErrnoException {
  return Object.assign(new Error('not as PHP has it'), { code: 'ENOEXEC' });
}
