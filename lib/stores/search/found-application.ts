/**
 * Which application a directory of sessions that was found belongs to, and how long that has them live.
 *
 * Invariant: a framework is named only where a file of its own shows it, and a lifetime only with the line
 * that sets it. All texts are printable. What stands there is its owner's word, and only proposes.
 */

import type { Application, Framework } from '../../apps/application.js';
import { applicationOfSessions } from '../../apps/recognise.js';
import { type ByteString, printable } from '../../php/byte-string.js';
import { FileTree } from '../../php/file-tree.js';
import { describeSource } from '../../php/provenance.js';
import type { ProfileName } from '../profiles.js';
import { processRoot } from './mount-points.js';
import type { SessionKind } from './session-kind.js';

export interface FoundApplication {
  /** As `Laravel`. */
  readonly label: string;
  readonly directory: string;
  /** The file that shows what it is. */
  readonly evidence: string;
  /** Null: its files set none. */
  readonly lifetime: { readonly seconds: number; readonly source: string } | null;
}

/** What recognises one by the directory of its sessions, inside a tree of files. */
export type Recogniser = (
  directory: ByteString,
  tree: FileTree,
) => Pick<Application, 'framework' | 'directory' | 'evidence' | 'lifetime'> | null;

export interface Belonging {
  /** What the sessions' names are to sescle, which is not always the framework's own. */
  readonly profile: ProfileName;
  readonly application: FoundApplication | null;
}

const labels: Readonly<Record<Framework, string>> = {
  laravel: 'Laravel',
  symfony: 'Symfony',
  codeigniter: 'CodeIgniter',
  drupal: 'Drupal',
  magento: 'Magento',
  joomla: 'Joomla',
  moodle: 'Moodle',
  roundcube: 'Roundcube',
};

/** @param path as the search has it, which may lie in another process's root */
export function belongingOf(
  kind: SessionKind,
  path: ByteString,
  recognise: Recogniser = applicationOfSessions,
): Belonging {
  const root = processRoot(path) ?? '';
  const found = recognise(path.slice(root.length), new FileTree(root === '' ? '/' : root));
  if (found === null) return { profile: kind, application: null };
  const { framework, directory, evidence, lifetime } = found;
  return {
    profile: profileOf(kind, framework),
    application: {
      label: labels[framework],
      directory: printable(`${root}${directory}`),
      evidence: printable(`${root}${evidence}`),
      lifetime:
        lifetime === null
          ? null
          : { seconds: lifetime.value, source: `${root}${describeSource(lifetime.source)}` },
    },
  };
}

/** PHP writes the files of all others. */
function profileOf(kind: SessionKind, framework: Framework): ProfileName {
  const isPhps = framework === 'symfony' || framework === 'magento';
  return kind === 'php' && isPhps ? framework : kind;
}
