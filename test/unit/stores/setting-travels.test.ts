/** docs/how-a-setting-travels.md: what it shows of its example is what becomes of it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { policyAt } from '../../../lib/engine/policy.js';
import { sweep } from '../../../lib/index.js';
import { FileTree } from '../../../lib/php/file-tree.js';
import { readFpmPools } from '../../../lib/php/fpm/pools.js';
import { parseIni } from '../../../lib/php/ini/parse-ini.js';
import { describeSource } from '../../../lib/php/provenance.js';
import { defaultConfiguration } from '../../../lib/stores/config/configuration.js';
import { discoverStores } from '../../../lib/stores/discover.js';
import { locate } from '../../../lib/stores/located-usage.js';
import { TreeReader } from '../../../lib/stores/tree-usages.js';
import { addUsualPools } from '../../../lib/stores/usual-pools.js';
import { checkOptions } from '../../../lib/sweep/options.js';
import { planStores } from '../../../lib/sweep/target.js';
import { writeSession } from '../../support/sessions.js';
import { writeTree } from '../php/trees.js';

const page = readFileSync(
  new URL('../../../docs/how-a-setting-travels.md', import.meta.url),
  'utf8',
);

/** The files that it shows, by their paths below the root. */
const files = Object.fromEntries(
  Array.from(page.matchAll(/^`\/(\S+)`\n\n```\n(.*?)```$/gms), ([, path = '', text = '']) => [
    path,
    text,
  ]),
);

/** What it shows under a name. */
function shown(name: string): unknown {
  const [, text = ''] = new RegExp(`^\`\`\`json ${name}\n(.*?)\`\`\`$`, 'ms').exec(page) ?? [];
  return JSON.parse(text);
}

const name = 'session.gc_maxlifetime';

it('a setting travels as the page says', async () => {
  const root = writeTree(files);
  for (const name of ['sessions', 'shop']) mkdirSync(`${root}/srv/${name}`, { recursive: true });
  const tree = new FileTree(root);

  const { pools } = readFpmPools(tree, {
    mainFile: '/etc/php/8.2/fpm/php-fpm.conf',
    prefix: null,
    parseIni,
    environment: new Map(),
  });
  const setting = pools[0]?.settings.get(name);
  const source = setting === undefined ? '' : describeSource(setting.source);
  expect({ value: setting?.value, source, setBy: setting?.setBy }).toEqual(shown('pool'));

  const reader = new TreeReader(tree, { switches: defaultConfiguration.discover, labelPrefix: '' });
  await reader.readInstallations();
  addUsualPools(reader, tree);
  const [usage] = reader.usages.filter(({ sapi }) => sapi === 'fpm');
  if (usage === undefined) throw new Error('the pool has no usage');
  expect({
    label: usage.label,
    runsAs: usage.runsAs?.uid,
    'session.save_path': usage.settings.get('session.save_path')?.value,
    [name]: usage.settings.get(name)?.value,
  }).toEqual(shown('usage'));

  const { path, depth, lifetimeSeconds, chosenBy, obstacle } = locate(usage);
  expect({ path, depth, lifetimeSeconds: Number(lifetimeSeconds), chosenBy, obstacle }).toEqual(
    shown('located'),
  );

  const { stores } = await discoverStores({ root: Buffer.from(root) });
  const store = stores.find((each) => each.path === `${root}/srv/sessions`);
  if (store?.target == null) throw new Error('the store is not there');
  const { maxLifetime, lifetimesByUser, doubt, usedBy, settings } = store;
  expect({
    path: '/srv/sessions',
    maxLifetime,
    lifetimesByUser,
    doubt,
    usedBy,
    [name]: settings[name],
  }).toEqual(shown('store'));

  const [planned] = planStores([store.target], checkOptions({}));
  if (planned === undefined) throw new Error('nothing is planned');
  expect(policyAt(planned, { graceSeconds: 0 })).toEqual(shown('policy'));

  const nowSeconds = Math.floor(Date.now() / 1000);
  const verdicts: Record<string, string> = {};
  for (const ageSeconds of [7200, 7201]) {
    const session = { ageSeconds, now: nowSeconds };
    writeSession(`${root}/srv/sessions`, `a${ageSeconds}`, session);
    const { totals } = await sweep(store.target, { clock: () => nowSeconds });
    verdicts[`written ${ageSeconds} seconds ago`] = totals.removed === 1 ? 'removed' : 'live';
  }
  expect(verdicts).toEqual(shown('verdict'));
});
