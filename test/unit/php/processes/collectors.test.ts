import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { findCollectors } from '../../../../lib/php/processes/collectors.js';
import { describeSource } from '../../../../lib/php/provenance.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

const debian =
  '# comment: sessionclean\n\n09,39 * * * * root [ -x /usr/lib/php/sessionclean ] && ' +
  'if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi\n';

let root: string;
beforeEach(() => {
  root = tempDir();
});

const found = () =>
  findCollectors(new FileTree(root)).map(({ source }) => source && describeSource(source));

describe('other collectors', () => {
  const unit = '/lib/systemd/system/phpsessionclean.timer';
  const wants = '/etc/systemd/system/timers.target.wants/phpsessionclean.timer';

  it('are Debian’s timer where it is enabled', () => {
    writeTree({ [unit]: '[Timer]\n' }, root);
    expect(found()).toEqual([]);
    writeTree({ [wants]: `-> ${unit}` }, root);
    expect(found()).toEqual([`${wants}:1`]);
    // With the usual 1,440 seconds it is not early.
    expect(findCollectors(new FileTree(root))[0]?.message).toContain(
      'up to 59 s early where a lifetime is not whole minutes',
    );
  });

  it('are not Debian’s timer where it is masked, or gone', () => {
    writeTree({ [wants]: `-> ${unit}` }, root);
    expect(found()).toEqual([]);
    writeTree(
      { [unit]: '[Timer]\n', '/etc/systemd/system/phpsessionclean.timer': '-> /dev/null' },
      root,
    );
    expect(found()).toEqual([]);
  });

  it('are Debian’s cron job where there is no systemd to do it', () => {
    writeTree({ '/etc/cron.d/php': debian }, root);
    expect(found()).toEqual(['/etc/cron.d/php:3']);
    writeTree({ '/run/systemd/system': null }, root);
    expect(found()).toEqual([]);
  });

  it('are no lines that are commented out, and no files that cron passes over', () => {
    writeTree(
      {
        '/etc/cron.d/php': debian.replace('09,39', '  #09,39'),
        '/etc/cron.d/php.dpkg-dist': debian,
        '/etc/cron.d/e2scrub_all': '30 3 * * 0 root /sbin/e2scrub_all\n',
      },
      root,
    );
    expect(found()).toEqual([]);
  });

  it('are those of hosting panels', () => {
    writeTree(
      {
        '/etc/crontab': '1 * * * * root /usr/local/cpanel/scripts/clean_user_php_sessions\n',
        '/etc/cron.d/plesk': '9 * * * * root /usr/lib/plesk/php_session_cleaner\n',
      },
      root,
    );
    expect(found()).toEqual(['/etc/crontab:1', '/etc/cron.d/plesk:1']);
  });

  it('are not Debian’s timer and cron job where the package of sescle stands in their program’s place', () => {
    const program = '/usr/lib/php/sessionclean';
    writeTree({ '/etc/cron.d/php': debian, [unit]: '[Timer]\n', [wants]: `-> ${unit}` }, root);
    writeTree({ [program]: '#!/bin/sh\nfind /var/lib/php/sessions -delete\n' }, root);
    expect(found()).toEqual([`${wants}:1`, '/etc/cron.d/php:3']);
    writeTree({ [program]: readFileSync('packaging/debian/sessionclean', 'utf8') }, root);
    expect(found()).toEqual([]);
    writeTree({ '/etc/cron.d/mine': '9 * * * * root /opt/sessionclean\n' }, root);
    expect(found()).toEqual(['/etc/cron.d/mine:1']);
  });

  it('are none on a bare machine', () => {
    expect(found()).toEqual([]);
  });
});
