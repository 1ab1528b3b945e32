/** What nginx tells PHP-FPM with each request, beside what the pools say themselves. */
import { expect, it } from 'vitest';
import { type PhpValue, phpValueUsages } from '../../../../lib/php/nginx/php-values.js';
import type { Source } from '../../../../lib/php/provenance.js';
import type { SessionSettingName, Usage } from '../../../../lib/php/usage.js';
import { treeOf } from '../trees.js';

const source: Source = { kind: 'file', file: '/etc/nginx/nginx.conf', line: 7 };

function given(name: PhpValue['name'], text: string, setBy: PhpValue['setBy'] = 0): PhpValue {
  return { name, text, source, setBy };
}

/** A pool whose lifetime is 600, by a line that no PHP_VALUE changes. */
function pool(
  more: Partial<Usage> = {},
): Usage & { fixedSettings: ReadonlySet<SessionSettingName> } {
  return {
    label: 'pool www',
    sapi: 'fpm',
    tree: treeOf({}),
    runsAs: { uid: 33, name: 'www-data' },
    chroot: null,
    settings: new Map([
      [
        'session.gc_maxlifetime',
        { value: '600', source: { kind: 'file', file: '/etc/pool.conf', line: 6 }, setBy: 0 },
      ],
    ]),
    fixedSettings: new Set<SessionSettingName>(['session.gc_maxlifetime']),
    warnings: [],
    ...more,
  };
}

function valuesOf({ label, settings }: Usage): unknown {
  return [label, ...Array.from(settings, ([name, { value }]) => `${name}=${value}`)];
}

const text = 'session.gc_maxlifetime=9\nsession.save_path=/srv/nginx';

it('PHP_VALUE leaves what an administrator fixed in the pool as it is', () => {
  expect(phpValueUsages([given('PHP_VALUE', text)], [pool()]).map(valuesOf)).toEqual([
    [
      'pool www by PHP_VALUE of nginx',
      'session.gc_maxlifetime=600',
      'session.save_path=/srv/nginx',
    ],
  ]);
});

it('PHP_ADMIN_VALUE changes that too', () => {
  expect(phpValueUsages([given('PHP_ADMIN_VALUE', text)], [pool()]).map(valuesOf)).toEqual([
    [
      'pool www by PHP_ADMIN_VALUE of nginx',
      'session.gc_maxlifetime=9',
      'session.save_path=/srv/nginx',
    ],
  ]);
});

it('what is said reaches pools only, and is the word of whoever wrote it', () => {
  const usages = phpValueUsages(
    [given('PHP_ADMIN_VALUE', text, 1001), given('PHP_VALUE', 'memory_limit=1G')],
    [pool({ sapi: 'cli' }), pool({ sapi: 'cgi' }), pool()],
  );
  expect(usages.map(({ sapi }) => sapi)).toEqual(['fpm']);
  expect(usages[0]?.settings.get('session.gc_maxlifetime')).toEqual({
    value: '9',
    source,
    setBy: 1001,
    displaced: pool().settings.get('session.gc_maxlifetime'),
  });
});

it.each([
  ['session.gc_maxlifetime=$life'],
  ['session.save_path=/srv/$host'],
  ['sys_temp_dir=/srv/$host'],
  ['$settings'],
  ['  $settings'],
])('%j is a doubt about the pools, and about nothing else', (value) => {
  const told = { message: 'the pool has one', source };
  const usages = phpValueUsages([given('PHP_VALUE', value, 1001)], [pool({ warnings: [told] })]);
  expect(usages.map(({ warnings }) => warnings)).toEqual([
    [
      told,
      {
        message: 'PHP_VALUE contains a variable, so the lifetime of the sessions is unknown',
        source,
        hides: 1001,
      },
    ],
  ]);
});

it('a variable in what is not about sessions is no doubt', () => {
  expect(phpValueUsages([given('PHP_VALUE', 'memory_limit=$memory')], [pool()])).toEqual([]);
});

it('what is said in one block is sent together, and what an administrator says is fixed', () => {
  const block = ['location', '/'];
  const usages = phpValueUsages(
    [
      { ...given('PHP_VALUE', 'session.save_path=/srv/nginx\nsession.gc_divisor=7'), block },
      { ...given('PHP_ADMIN_VALUE', 'session.save_path=/srv/admin'), block },
    ],
    [pool()],
  );
  expect(usages.map(valuesOf)).toEqual([
    [
      'pool www by PHP_VALUE and PHP_ADMIN_VALUE of nginx',
      'session.gc_maxlifetime=600',
      'session.save_path=/srv/admin',
      'session.gc_divisor=7',
    ],
  ]);
  expect([...(usages[0]?.fixedSettings ?? [])]).toContain('session.save_path');
});

it('a process keeps a lifetime that another request was sent', () => {
  const free = pool({ fixedSettings: new Set() } as Partial<Usage>);
  const usages = phpValueUsages(
    [
      given('PHP_VALUE', 'session.gc_maxlifetime=PHP_INT_MAX'),
      given('PHP_VALUE', 'session.save_path=/a'),
    ],
    [free],
  );
  expect(usages.map(valuesOf)).toEqual([
    ['pool www by PHP_VALUE of nginx', 'session.gc_maxlifetime=9223372036854775807'],
    ['pool www by PHP_VALUE of nginx', 'session.gc_maxlifetime=600', 'session.save_path=/a'],
    [
      'pool www by PHP_VALUE of nginx, in a process that was sent another lifetime',
      'session.gc_maxlifetime=9223372036854775807',
      'session.save_path=/a',
    ],
  ]);
});

it('a constant that only a running PHP knows is a doubt', () => {
  const [usage] = phpValueUsages(
    [given('PHP_VALUE', 'session.gc_maxlifetime=PHP_VERSION_ID')],
    [pool()],
  );
  expect(usage?.warnings).toEqual([
    {
      message:
        'PHP_VALUE: the value of PHP_VERSION_ID is unknown, and so is the lifetime of the sessions',
      source,
      hides: 0,
    },
  ]);
});
