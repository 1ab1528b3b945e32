/**
 * Where a 64-bit ELF program has the variables that it exports: its dynamic symbols; and what a section
 * of it holds.
 *
 * Invariant: what is read is bounded, whatever the file is; a file of another kind is an Unreadable.
 */
import { readSync } from 'node:fs';
import { type ByteString, fromBytes } from '../byte-string.js';
import { attempt, Unreadable } from '../unreadable.js';

export interface ElfSymbols {
  /** Addresses in the file's own numbering. */
  readonly addresses: ReadonlyMap<string, bigint>;
  /** What the file's beginning is called there: 0 for programs that may lie anywhere. */
  readonly base: bigint;
}

const maxTableBytes = 16 * 2 ** 20;
const headerBytes = 64;
const dynamicSymbols = 11;
const loaded = 1;
/** Magic, 64 bits, little-endian: what all machines are that run Node. */
const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** @param fd of the program's file */
export function readElfSymbols(fd: number, names: readonly string[]): ElfSymbols | Unreadable {
  const found = attempt(() => {
    const header = bytesAt(fd, 0n, headerBytes);
    if (!header.subarray(0, ident.length).equals(ident)) return undefined;
    const sections = table(fd, header.readBigUInt64LE(0x28), header, 0x3a);
    const symbols = sections.find((section) => section.readUInt32LE(4) === dynamicSymbols);
    const strings = symbols && sections[symbols.readUInt32LE(0x28)];
    if (symbols === undefined || strings === undefined) return undefined;
    const segments = table(fd, header.readBigUInt64LE(0x20), header, 0x36);
    const first = segments.find(
      (segment) => segment.readUInt32LE(0) === loaded && segment.readBigUInt64LE(8) === 0n,
    );
    if (first === undefined) return undefined;
    return {
      addresses: addressesOf(sectionBytes(fd, symbols), sectionBytes(fd, strings), names),
      base: first.readBigUInt64LE(0x10),
    };
  });
  return found ?? new Unreadable('not a program with dynamic symbols');
}

/** @param name as `.rodata`, in which a program's texts stand */
export function readElfSection(fd: number, name: string): ByteString | Unreadable {
  const found = attempt(() => {
    const header = bytesAt(fd, 0n, headerBytes);
    if (!header.subarray(0, ident.length).equals(ident)) return undefined;
    const sections = table(fd, header.readBigUInt64LE(0x28), header, 0x3a);
    const namesAt = sections[header.readUInt16LE(0x3e)];
    const names = namesAt && sectionBytes(fd, namesAt);
    const section = sections.find(
      (one) => nameAt(names, one.readUInt32LE(0), name.length) === name,
    );
    return section && fromBytes(sectionBytes(fd, section));
  });
  return found ?? new Unreadable(`not a program with ${name}`);
}

function nameAt(names: Buffer | undefined, at: number, length: number): string | null {
  return names?.[at + length] === 0 ? names.toString('latin1', at, at + length) : null;
}

/** @param sizes where the header has the size of an entry, with their number behind it */
function table(fd: number, offset: bigint, header: Buffer, sizes: number): Buffer[] {
  const [size, count] = [header.readUInt16LE(sizes), header.readUInt16LE(sizes + 2)];
  if (size < 56) return [];
  const bytes = bytesAt(fd, offset, size * count);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function sectionBytes(fd: number, section: Buffer): Buffer {
  return bytesAt(fd, section.readBigUInt64LE(0x18), Number(section.readBigUInt64LE(0x20)));
}

function addressesOf(
  symbols: Buffer,
  strings: Buffer,
  names: readonly string[],
): Map<string, bigint> {
  const addresses = new Map<string, bigint>();
  const wanted = new Map<number, string>();
  for (const name of names) {
    // A name can be the end of another: `environ` that of `__environ`.
    const text = `${name}\0`;
    for (let at = strings.indexOf(text); at >= 0; at = strings.indexOf(text, at + 1)) {
      wanted.set(at, name);
    }
  }
  for (let at = 0; at + 24 <= symbols.length; at += 24) {
    const name = wanted.get(symbols.readUInt32LE(at));
    const isDefined = symbols.readUInt16LE(at + 6) !== 0;
    if (name !== undefined && isDefined) addresses.set(name, symbols.readBigUInt64LE(at + 8));
  }
  return addresses;
}

/** @throws RangeError as a system error where it is not all there */
function bytesAt(fd: number, offset: bigint, size: number): Buffer {
  if (size > maxTableBytes || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw notAll();
  const bytes = Buffer.alloc(size);
  if (readSync(fd, bytes, 0, size, Number(offset)) !== size) throw notAll();
  return bytes;
}

function notAll(): NodeJS.ErrnoException {
  return Object.assign(new Error('the file is not all there'), { code: 'ENOEXEC' });
}
