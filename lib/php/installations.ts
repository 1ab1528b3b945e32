/**
 * Which PHPs a tree holds, and where each has its configuration: by its programs, by the services that
 * start them, by packages' lists of files and by what lies in the usual places; and by a table of layouts
 * for what these do not tell.
 *
 * Invariant: nothing is run, and nobody's word but root's says where root's PHP looks.
 */
import type { ByteString } from './byte-string.js';
import type { FileTree } from './file-tree.js';
import { type Evidence, withEvidence } from './installed/evident-installations.js';
import { installationsByTable } from './installed/layout-table.js';

/** @param started programs of PHP that services start, wherever they lie */
export function findInstallations(tree: FileTree, started: readonly ByteString[] = []): Evidence {
  return withEvidence(tree, installationsByTable(tree), started);
}
