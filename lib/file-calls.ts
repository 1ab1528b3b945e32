/**
 * Calls on files that nobody waits for, for what every sweep needs.
 *
 * Invariant: as those of node:fs/promises, which takes Node 2 ms to load: a tenth of its own start.
 */
import {
  close as closeCall,
  mkdir as mkdirCall,
  open as openCall,
  read as readCall,
  rename as renameCall,
  stat as statCall,
  unlink as unlinkCall,
  writeFile as writeFileCall,
} from 'node:fs';
import { promisify } from 'node:util';

export const close = promisify(closeCall);
export const mkdir = promisify(mkdirCall);
export const open = promisify(openCall);
export const read = promisify(readCall);
export const rename = promisify(renameCall);
export const stat = promisify(statCall);
export const unlink = promisify(unlinkCall);
export const writeFile = promisify(writeFileCall);
