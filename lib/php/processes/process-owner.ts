/**
 * Which process it is, and whose: /proc/PID/stat and /proc/PID/status taken apart (proc(5)).
 *
 * Invariant: a name that holds spaces, brackets or digits cannot shift the fields behind it, and a
 * uid that is not known is never taken for root's.
 */
import type { ByteString } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import type { Setter } from '../provenance.js';
import { ProcFiles } from './proc-files.js';

export interface Stat {
  /** The thread's name, at most 15 bytes; the process chooses it. */
  readonly comm: ByteString;
  readonly state: string;
  readonly parent: number;
  readonly startTicks: number;
  /**
   * Where its memory begins, which each exec changes: a process that became another program in
   * between has the same pid and start. Zeros where we may not look into it.
   */
  readonly image: string;
}

const maxStatBytes = 4096;
const maxStatusBytes = 64 * 1024;

export function readStat(files: ProcFiles): Stat | Unreadable {
  const text = files.read('stat', maxStatBytes);
  if (text instanceof Unreadable) return text;
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  // From field 3 on.
  const fields = text.slice(close + 2).split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  const startTicks = Number(field(22));
  if (open < 0 || close < open || !/^\d+$/.test(field(22)) || !Number.isSafeInteger(startTicks))
    return new Unreadable('not a stat line');
  return {
    comm: text.slice(open + 1, close),
    state: field(3),
    parent: Number(field(4)),
    startTicks,
    image: `${field(26)} ${field(28)} ${field(48)} ${field(50)}`,
  };
}

/** @returns the real, effective, saved and file system uid */
export function readUids(files: ProcFiles): readonly number[] | Unreadable {
  const text = files.read('status', maxStatusBytes);
  if (text instanceof Unreadable) return text;
  const found = /^Uid:\t(\d+)\t(\d+)\t(\d+)\t(\d+)$/m.exec(text);
  return found === null ? new Unreadable('no Uid line') : found.slice(1).map(Number);
}

/** Tells whose word it is what a process with these uids says. */
export class UidJudge {
  readonly #trusted: ReadonlySet<number>;
  /** The uid that all uids are shown as which our user namespace does not know; null: it knows all. */
  readonly #overflow: number | null;

  constructor(proc: ByteString, callerUid: number = process.geteuid?.() ?? 0) {
    this.#trusted = new Set([0, callerUid]);
    const map = new ProcFiles(proc, 'self').read('uid_map', maxStatBytes);
    const knowsAll = map instanceof Unreadable || /^\s*0\s+\d+\s+4294967295\s*$/.test(map);
    this.#overflow = knowsAll ? null : 65534;
  }

  setterOf(uids: readonly number[]): Setter {
    const others = new Set(uids.filter((uid) => !this.#trusted.has(uid)));
    const [other] = others;
    if (other === undefined) return uids.length === 0 ? null : 0;
    return others.size > 1 || other === this.#overflow ? null : other;
  }
}
