/** The example file that is shipped is valid as it is, and with every line of it in force. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultConfiguration } from '../../../../lib/stores/config/configuration.js';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';
import { knownKeys } from '../../../../lib/stores/config/schema.js';

const file = 'etc/sescle.toml.example';
const text = readFileSync(new URL(`../../../../${file}`, import.meta.url), 'latin1');
/** Prose has a blank behind its #, settings have none. */
const inForce = text.replaceAll(/^#(?=[^ \n])/gm, '');

test('as it is, it changes nothing', () => {
  expect(parseConfiguration(text, file)).toEqual({ ...defaultConfiguration, file });
});

test('with every line uncommented it is valid', () => {
  const { stores, tables, exclude } = parseConfiguration(inForce, file);
  expect(stores.map(({ path }) => path)).toEqual([
    '/srv/app/storage/framework/sessions',
    '/srv/forum/sessions',
    '/srv/shop/writable/session',
    '/srv/kiosk/sessions',
  ]);
  expect(tables.map(({ target }) => target.profile)).toEqual([
    'laravel',
    'symfony',
    'drupal',
    'codeigniter4',
    'custom',
  ]);
  expect(exclude).toHaveLength(2);
});

test('the defaults that it shows are the defaults', () => {
  const { sharedLifetime, grace, discover } = parseConfiguration(inForce, file);
  expect(sharedLifetime.value).toBe(defaultConfiguration.sharedLifetime.value);
  expect(grace.value).toBe(defaultConfiguration.grace.value);
  // There is no default of where web servers serve from.
  expect(discover).toEqual({ ...defaultConfiguration.discover, documentRoots: expect.any(Array) });
});

test.each([...knownKeys].flatMap(([table, keys]) => keys.map((key) => [key, table])))(
  'it shows the key %s of table %j',
  (key) => {
    expect(inForce).toMatch(new RegExp(`^(${key} =|\\[+${key}\\]+$)`, 'm'));
  },
);
