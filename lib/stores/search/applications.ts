/**
 * Applications that a search comes by and that keep their sessions in a database.
 *
 * Invariant: what is told of one is that it is there, and how long its sessions live: nothing else that its
 * files hold, which the one who searches may read and others not.
 */
import type { Application } from '../../apps/application.js';
import { applicationsAt } from '../../apps/recognise.js';
import type { ByteString } from '../../php/byte-string.js';
import { FileTree } from '../../php/file-tree.js';
import { describeSource } from '../../php/provenance.js';
import { needsLifetime } from '../../tables/profile.js';
import { tableProfiles } from '../../tables/profiles/all.js';
import { tableLines } from '../config/table-lines.js';
import { mountsBeside } from '../silent-mounts.js';
import { processRoot } from './mount-points.js';

/** An application whose sessions are rows of a table. */
export interface TableApplication {
  /** Absolute, without links. */
  readonly path: ByteString;
  /** As in sescle.toml. */
  readonly profile: string;
  /** For people: "Laravel". */
  readonly title: string;
  /** The file that shows what it is, and the line that says where its sessions are. */
  readonly evidence: string;
  readonly storeSource: string;
  /** Seconds; null where each row says it, or its files do not. */
  readonly lifetime: { readonly seconds: number; readonly source: string } | null;
  /** What to put into the configuration file; null where the path is no UTF-8. */
  readonly configuration: string | null;
}

/** More would be somebody's tree that was made for a search. */
const mostApplications = 1000;

export class ApplicationSearch {
  readonly #servedMounts: readonly ByteString[];
  readonly #found: TableApplication[] = [];

  /** @param servedMounts whose server may not answer: no link is followed there */
  constructor(servedMounts: readonly ByteString[]) {
    this.#servedMounts = servedMounts;
  }

  /** @param path of a directory that has an application's marks */
  look(path: ByteString): void {
    // What lies in another process's root has other paths there.
    if (this.#found.length >= mostApplications || processRoot(path) !== null) return;
    // A directory that has just been read lies on none that is silent.
    const silentMounts = mountsBeside(path, this.#servedMounts);
    const tree = new FileTree('/', { silentMounts });
    for (const application of applicationsAt(path, tree)) this.#add(application);
  }

  list(): TableApplication[] {
    return this.#found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  #add(application: Application): void {
    const { store, directory, evidence, lifetime } = application;
    if (store?.value.kind !== 'table') return;
    const profile = tableProfiles.get(store.value.table.profile);
    if (profile === undefined) return;
    const isNeeded = needsLifetime(profile);
    const known =
      lifetime === null || !isNeeded
        ? null
        : { seconds: lifetime.value, source: describeSource(lifetime.source) };
    this.#found.push({
      path: directory,
      profile: profile.name,
      title: profile.title,
      evidence: describeSource({ kind: 'file', file: evidence, line: 0 }),
      storeSource: describeSource(store.source),
      lifetime: known,
      configuration: configurationOf(directory, profile.name, isNeeded, known),
    });
  }
}

/** Where an application's files do not say it. */
const usualLifetimes: Readonly<
  Record<string, { readonly seconds: number; readonly check: string }>
> = {
  laravel: { seconds: 7200, check: 'SESSION_LIFETIME (minutes)' },
  moodle: { seconds: 28_800, check: 'Timeout, in its session handling settings' },
  roundcube: { seconds: 1200, check: 'twice session_lifetime (minutes)' },
  joomla: { seconds: 900, check: 'lifetime (minutes) in configuration.php' },
  drupal: { seconds: 200_000, check: 'gc_maxlifetime in services.yml' },
  codeigniter3: { seconds: 7200, check: 'sess_expiration' },
  codeigniter4: { seconds: 7200, check: 'expiration in app/Config/Session.php' },
};
const phpLifetime = { seconds: 1440, check: 'session.gc_maxlifetime' };

function configurationOf(
  application: ByteString,
  profile: string,
  isNeeded: boolean,
  known: TableApplication['lifetime'],
): string | null {
  const usual = usualLifetimes[profile] ?? phpLifetime;
  const lifetimeSeconds = isNeeded ? (known?.seconds ?? usual.seconds) : null;
  const lines = tableLines({ application, profile, lifetimeSeconds });
  if (lines === null) return null;
  const comment = known === null ? `the default; check ${usual.check}` : known.source;
  return `${lines.join('\n')}${isNeeded ? ` # ${comment}` : ''}\n`;
}
