/**
 * The profiles by their names in sescle.toml.
 *
 * Invariant: a name is used once; `custom` is no profile but a way to describe one.
 */
import type { TableProfile } from '../profile.js';
import {
  drupal,
  drupal7,
  joomla,
  magento,
  roundcube,
  ttrss,
  typo3Anonymous,
  typo3Backend,
  typo3Frontend,
  woocommerce,
  zabbix,
} from './applications.js';
import { codeigniter3, codeigniter4 } from './codeigniter.js';
import { adodb, adodb1, cakephp, laminas, laravel, yii } from './frameworks.js';
import { moodle } from './moodle.js';
import { symfony } from './symfony.js';
import { zebra } from './zebra.js';

const all: readonly TableProfile[] = [
  adodb,
  adodb1,
  cakephp,
  codeigniter3,
  codeigniter4,
  drupal,
  drupal7,
  joomla,
  laminas,
  laravel,
  magento,
  moodle,
  roundcube,
  symfony,
  ttrss,
  typo3Anonymous,
  typo3Backend,
  typo3Frontend,
  woocommerce,
  yii,
  zabbix,
  zebra,
];

export const tableProfiles: ReadonlyMap<string, TableProfile> = new Map(
  all.map((profile) => [profile.name, profile]),
);
