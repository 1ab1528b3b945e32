/**
 * Mount namespaces of the tests' own.
 */
import { spawnSync } from 'node:child_process';
import { requireTool } from './require-tool.js';

/** Whether `unshare --mount` works here: it takes root, and some containers forbid it even them. */
export function canUnshare(): boolean {
  const isThere = requireTool('unshare');
  return isThere && spawnSync('unshare', ['--mount', 'true']).status === 0;
}
