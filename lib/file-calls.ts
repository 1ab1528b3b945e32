/**
 * Calls on files that nobody waits for, for what every sweep needs.
 *
 * Invariant: as those of node:fs/promises, which takes Node 2 ms to load: a tenth of its own start.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';

export const close = promisify(fs.close);
export const mkdir = promisify(fs.mkdir);
export const open = promisify(fs.open);
export const readFile = promisify(fs.readFile);
export const rename = promisify(fs.rename);
export const rm = promisify(fs.rm);
export const stat = promisify(fs.stat);
export const writeFile = promisify(fs.writeFile);
