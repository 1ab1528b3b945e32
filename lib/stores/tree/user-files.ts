/**
 * What users set below the document roots of every web server whose configuration was read: .htaccess
 * and .user.ini files, and the values that web servers send with each request.
 *
 * Invariant: what only a user's own web server serves is heard by the PHP that runs as that user.
 */
import { scanDocumentRoots } from '../../php/apache/document-roots.js';
import { overrideUsages } from '../../php/apache/override-usages.js';
import type { ApacheConfiguration, DocumentRoot } from '../../php/apache/read-apache.js';
import { ScanBudget } from '../../php/apache/scan-budget.js';
import type { PlacedWrapper } from '../../php/apache/wrappers.js';
import type { ByteString } from '../../php/byte-string.js';
import { parseIni } from '../../php/ini/parse-ini.js';
import { phpValueUsages } from '../../php/nginx/php-values.js';
import type { Usage } from '../../php/usage.js';
import type { NamedRoots } from '../config/configuration.js';
import { type ServedWithLosses, ServingDoubts } from '../serving-doubts.js';
import type { Gathered } from './gathered.js';
import type { ReadInstallation } from './read-installation.js';
import { withDoubts } from './usage-doubts.js';

export interface UserFilesOptions {
  readonly served: ServedWithLosses;
  /** What sescle's own configuration says of document roots; null: nothing. */
  readonly named: NamedRoots | null;
  readonly apache: readonly ApacheConfiguration[];
  readonly installations: readonly ReadInstallation[];
}

/** @returns the wrappers that .htaccess files name */
export function addUserFiles(
  gathered: Gathered,
  { served, named, apache, installations }: UserFilesOptions,
): PlacedWrapper[] {
  const { usages, warnings, tree } = gathered;
  const doubts = new ServingDoubts(tree, served, named, gathered.labelPrefix === '');
  for (const [at, usage] of usages.entries()) usages[at] = withDoubts(usage, doubts.about(usage));
  const ofApache = apache.flatMap(({ phpValues }) => phpValues);
  for (const usage of phpValueUsages([...served.phpValues, ...ofApache], usages))
    usages.push(usage);
  for (const [uid, { phpValues }] of served.byUser) {
    for (const usage of phpValueUsages(phpValues, ofUser(usages, uid))) usages.push(usage);
  }
  const base = [...usages];
  const found: PlacedWrapper[] = [];
  const common = {
    budget: new ScanBudget(),
    parseIni,
    userIniNames: userIniNamesOf(installations),
  };
  const add = (
    roots: readonly DocumentRoot[],
    server: ApacheConfiguration | null,
    readers: readonly Usage[] = base,
  ) => {
    const scan = scanDocumentRoots(tree, roots, { ...common, apache: server });
    for (const warning of scan.warnings) warnings.push(warning);
    for (const wrapper of scan.wrappers) found.push(wrapper);
    const sent = scan.overrides.flatMap(({ phpValues = [] }) => phpValues);
    for (const usage of [
      ...overrideUsages(scan.overrides, readers, warnings),
      ...phpValueUsages(sent, readers, { isLifetimeOnly: true }),
    ])
      usages.push({ ...usage, isUserFile: true });
  };
  const known = new Set<ByteString>();
  for (const configuration of apache) {
    for (const { path } of configuration.documentRoots) known.add(path);
    add(configuration.documentRoots, configuration);
  }
  const others = [
    ...served.roots,
    ...(named ?? []).map(({ value, source }): DocumentRoot => ({ path: value, source })),
  ].filter(({ path }) => !known.has(path) && known.add(path));
  add(others, null);
  for (const [uid, { roots }] of served.byUser) add(roots, null, ofUser(base, uid));
  return found;
}

function userIniNamesOf(installations: readonly ReadInstallation[]): ByteString[] {
  const names = new Set(installations.map(({ ini }) => ini.userIniFilename?.value ?? '.user.ini'));
  names.delete('');
  return [...names];
}

/** PHP that runs as a user. */
function ofUser(usages: readonly Usage[], uid: number): Usage[] {
  return usages.filter(({ runsAs }) => runsAs?.uid === uid);
}
