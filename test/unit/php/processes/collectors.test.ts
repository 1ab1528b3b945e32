import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { findCollectors } from '../../../../lib/php/processes/collectors.js';
import { describeSource } from '../../../../lib/php/provenance.js';
import { tempDir } from '../../../support/temp-dir.js';

const debian =
  '# comment: sessionclean\n\n09,39 * * * * root [ -x /usr/lib/php/sessionclean ] && ' +
  'if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi\n';

let root: string;
beforeEach(() => {
  root = tempDir();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

const found = () =>
  findCollectors(new FileTree(root)).map(({ source }) => source && describeSource(source));

describe('other collectors', () => {
  const unit = '/lib/systemd/system/phpsessionclean.timer';
  const wants = '/etc/systemd/system/timers.target.wants/phpsessionclean.timer';

  it('are Debian’s timer where it is enabled', () => {
    write(unit, '[Timer]\n');
    expect(found()).toEqual([]);
    link(wants, unit);
    expect(found()).toEqual([`${wants}:1`]);
  });

  it('are not Debian’s timer where it is masked, or gone', () => {
    link(wants, unit);
    expect(found()).toEqual([]);
    write(unit, '[Timer]\n');
    link('/etc/systemd/system/phpsessionclean.timer', '/dev/null');
    expect(found()).toEqual([]);
  });

  it('are Debian’s cron job where there is no systemd to do it', () => {
    write('/etc/cron.d/php', debian);
    expect(found()).toEqual(['/etc/cron.d/php:3']);
    mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
    expect(found()).toEqual([]);
  });

  it('are no lines that are commented out, and no files that cron passes over', () => {
    write('/etc/cron.d/php', debian.replace('09,39', '  #09,39'));
    write('/etc/cron.d/php.dpkg-dist', debian);
    write('/etc/cron.d/e2scrub_all', '30 3 * * 0 root /sbin/e2scrub_all\n');
    expect(found()).toEqual([]);
  });

  it('are those of hosting panels', () => {
    write('/etc/crontab', '1 * * * * root /usr/local/cpanel/scripts/clean_user_php_sessions\n');
    write('/etc/cron.d/plesk', '9 * * * * root /usr/lib/plesk/php_session_cleaner\n');
    expect(found()).toEqual(['/etc/crontab:1', '/etc/cron.d/plesk:1']);
  });

  it('are none on a bare machine', () => {
    expect(found()).toEqual([]);
  });
});
