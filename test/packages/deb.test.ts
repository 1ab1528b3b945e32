/**
 * The .deb in roots of Debian 12 and 13: what it brings, what steps aside, and what is left of it.
 *
 * Behind a switch, since it is built first: SESCLE_PACKAGES=1 npm test -- test/packages/deb.test.ts (minutes; as
 * root on Debian x64, with the network for the roots, which are kept in /tmp).
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DebianRoot, debianRoot, newerPackage, suites } from './debian-root.js';
import { arePackagesTried, build, run } from './switch.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const deb = `build/release/sescle_${version}_amd64.deb`;

const install = 'apt-get -qq install -y /root/sescle.deb';
const cleaner = '/usr/lib/php/sessionclean';
/** Every file of the system but logs, caches and dpkg's own records. */
const everything =
  'find / -xdev \\( -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /tmp -o -path /proc -o -path /run -o -path /root -o -path "/etc/systemd/system" \\) -prune -o -print | sort';
const sumOfCleaner = `sha256sum ${cleaner} | cut -d" " -f1; stat -c "%a %U %Y" ${cleaner}`;

/**
 * PHP-FPM as it comes, with one session that has expired and one that has not, made by requests. No web server is in
 * front of it, so the administrator says what sescle would read there.
 */
const fillByPhp = `
grep -q document_roots /etc/sescle/sescle.toml ||
  printf '[discover]\\ndocument_roots = ["/srv"]\\n' >>/etc/sescle/sescle.toml
echo '<?php session_id($_SERVER["QUERY_STRING"]); session_start(); $_SESSION["a"] = 1; echo "made";' >/srv/make.php
mkdir -p /run/php
fpm=$(ls /usr/sbin/php-fpm*)
$fpm --daemonize
for id in ${'o'.repeat(26)} ${'n'.repeat(26)}; do
  SCRIPT_FILENAME=/srv/make.php REQUEST_METHOD=GET QUERY_STRING=$id \\
    cgi-fcgi -bind -connect /run/php/php*-fpm.sock | grep -q made
done
touch -d '-1 hour' /var/lib/php/sessions/sess_${'o'.repeat(26)}
`;
const untilOldIsGone = `
for each in $(seq 300); do
  [ -e /var/lib/php/sessions/sess_${'o'.repeat(26)} ] || break
  sleep 0.2
done
ls /var/lib/php/sessions`;
const onlyNew = `sess_${'n'.repeat(26)}`;

describe.skipIf(!arePackagesTried)('the .deb', () => {
  beforeAll(() => {
    build(['scripts/build-executable', 'x64'], ['scripts/build-deb', 'x64']);
    for (const suite of suites) run('scripts/debian-root', suite);
  }, 1_800_000);

  test('is the same file, byte for byte, when it is built again', () => {
    const sum = run('sha256sum', deb);
    run('scripts/build-executable', 'x64');
    run('scripts/build-deb', 'x64');
    expect(run('sha256sum', deb)).toBe(sum);
  }, 600_000);

  test('lintian has nothing to say that an override does not explain', () => {
    expect(run('lintian', '--allow-root', '--fail-on', 'error,warning', '--info', deb)).toBe('');
  }, 300_000);

  test('needs the C and C++ libraries and nothing else', () => {
    expect(run('dpkg-deb', '-f', deb, 'Depends').trim()).toBe(
      'libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)',
    );
  });

  describe.each(suites)('on %s', (suite) => {
    function rootWithPackage(): DebianRoot {
      const root = debianRoot(suite);
      root.copy(deb, 'root/sescle.deb');
      return root;
    }

    test('apt installs it: the monitor is enabled and runs, and collects the sessions of PHP-FPM', () => {
      const root = rootWithPackage();
      const original = root.ok(sumOfCleaner);
      const output =
        root.ok(`${install}\n${fillByPhp}\n/etc/init.d/sescle start\n/etc/init.d/sescle status\n${untilOldIsGone}
/etc/init.d/sescle stop
! /etc/init.d/sescle status`);
      expect(output).toContain('sescle is running');
      expect(output.trim().split('\n')).toContain(onlyNew);
      expect(output).not.toContain(`sess_${'o'.repeat(26)}`);
      expect(root.ok('sescle --version')).toBe(`sescle ${version}\n`);
      expect(
        root.ok('readlink /etc/systemd/system/multi-user.target.wants/sescle.service'),
      ).toMatch(/systemd\/system\/sescle\.service\n$/);
      expect(root.ok(`dpkg-divert --list | grep sescle`)).toContain(`${cleaner}.distrib by sescle`);
      expect(root.ok(sumOfCleaner.replaceAll(cleaner, `${cleaner}.distrib`))).toBe(original);
    }, 300_000);

    test('its units, and the one of php-common that it changes, are right', () => {
      const root = rootWithPackage();
      root.ok(install);
      const units = ['sescle.service', 'sescle-sweep.service', 'sescle-sweep.timer'];
      expect(
        root.ok(`systemd-analyze verify --man=no ${units.join(' ')} phpsessionclean.service`),
      ).toBe('');
      expect(
        root.ok(`cd /usr/lib/systemd/system && grep -h ^ExecStart= ${units.join(' ')}`),
      ).toMatch(/^ExecStart=\/usr\/bin\/sescle\nExecStart=\/usr\/bin\/sescle sweep .*\n$/);
    }, 120_000);

    test('sessionclean is one sweep: for the timer, for cron, for whoever calls it', () => {
      const root = rootWithPackage();
      root.ok(install);
      const cron = `$(sed -n 's/^[0-9].* root *//p' /etc/cron.d/php)`;
      for (const call of [cleaner, `sh -c "${cron}"`]) {
        const output = root.ok(`${fillByPhp}\n${call}\nls /var/lib/php/sessions`);
        expect(output.trim()).toBe(onlyNew);
      }
      expect(root.ok("sed -n 's/^ExecStart=//p' /lib/systemd/system/phpsessionclean.service")).toBe(
        `${cleaner}\n`,
      );
      // No store is no failure.
      expect(root.run(`rm -rf /etc/php; ${cleaner}`)).toEqual({ status: 0, output: '' });
    }, 300_000);

    test('removed, it gives php-common its place back, byte for byte; purged, it leaves nothing', () => {
      const root = rootWithPackage();
      const before = root.ok(`${sumOfCleaner}\n${everything}`);
      root.ok(`${install}\necho '# mine' >>/etc/sescle/sescle.toml\nmkdir -p /etc/systemd/system/sescle.service.d
: >/etc/systemd/system/sescle.service.d/stores.conf`);
      root.ok('apt-get -qq remove -y sescle');
      expect(root.ok(sumOfCleaner)).toBe(`${before.split('\n').slice(0, 2).join('\n')}\n`);
      expect(
        root.ok('dpkg-divert --list; cat /etc/sescle/sescle.toml; ls /usr/bin/sescle* || true'),
      ).toMatch(/# mine\nls: cannot access/);
      root.ok('apt-get -qq purge -y sescle');
      expect(root.ok(`${sumOfCleaner}\n${everything}`)).toBe(before);
      expect(
        root.ok(
          'find /etc /var/lib -name "*sescle*" ! -path "/var/lib/apt/*"; dpkg -l sescle 2>/dev/null || true',
        ),
      ).toBe('');
    }, 300_000);

    test('upgraded, reinstalled and installed again, it keeps what the administrator chose', () => {
      const root = rootWithPackage();
      root.copy(
        newerPackage(deb, '99.1', "echo '# more' >>etc/logrotate.d/sescle"),
        'root/newer.deb',
      );
      root.ok(`${install}\necho 'grace = "5s"' >>/etc/sescle/sescle.toml`);
      root.ok('systemctl disable sescle.service; apt-get -qq install -y /root/newer.deb');
      const kept =
        'cat /etc/sescle/sescle.toml; dpkg-divert --list | grep -c sescle; dpkg -s sescle | grep ^Version; ls /etc/systemd/system/multi-user.target.wants';
      const after = root.ok(kept);
      expect(after).toContain('grace = "5s"\n1\nVersion: 99.1\n');
      expect(after).not.toContain('sescle.service');
      root.ok('apt-get -qq install -y --reinstall /root/newer.deb');
      expect(root.ok(kept)).toBe(after);
      root.ok('apt-get -qq remove -y sescle; apt-get -qq install -y /root/newer.deb');
      expect(root.ok(kept)).toBe(after);
      root.ok(`apt-get -qq install -y --allow-downgrades /root/sescle.deb\n${cleaner}`);
      expect(root.ok(kept)).toBe(after.replace('99.1', version));
    }, 300_000);

    test('php-common is upgraded, removed and installed beside it', () => {
      const root = rootWithPackage();
      const current = run(
        'sh',
        '-c',
        `ls ${run('scripts/debian-root', suite).trim()}/root/php-common_*`,
      ).trim();
      root.copy(current, 'root/php-common.deb');
      root.copy(
        newerPackage(current, '99:1', `echo '# newer' >>.${cleaner}`),
        'root/php-common-newer.deb',
      );
      root.ok(install);
      root.ok('dpkg -i /root/php-common-newer.deb');
      expect(root.ok(`tail -1 ${cleaner}.distrib; grep -c 'sescle sweep' ${cleaner}`)).toBe(
        '# newer\n1\n',
      );
      // It enables its timer at each configuration. The timer finds sescle's sweep.
      expect(root.ok(`${fillByPhp}\n${cleaner}\nls /var/lib/php/sessions`).trim()).toBe(onlyNew);
      root.ok('apt-get -qq remove -y sescle');
      expect(root.ok(`tail -1 ${cleaner}; ls ${cleaner}*`)).toBe(`# newer\n${cleaner}\n`);

      root.ok(
        `dpkg --force-depends -r php-common\n${install.replace('apt-get -qq install -y', 'dpkg --force-depends -i')}`,
      );
      root.ok('dpkg -i /root/php-common.deb');
      expect(root.ok(`ls ${cleaner}*`)).toBe(`${cleaner}\n${cleaner}.distrib\n`);
      root.ok('dpkg -P sescle');
      expect(root.ok(`grep -c 'sescle' ${cleaner} || true; ls ${cleaner}*`)).toBe(
        `0\n${cleaner}\n`,
      );
    }, 300_000);

    test('an installation that was interrupted, or half removed, is mended by the next', () => {
      const root = rootWithPackage();
      const before = root.ok(sumOfCleaner);
      root.ok('dpkg --unpack /root/sescle.deb');
      root.ok('rm /usr/bin/sescle /usr/lib/sescle/package.json');
      root.ok('dpkg -i /root/sescle.deb && sescle --version');
      // Its files are gone, dpkg does not know it.
      root.ok(`rm -rf /usr/lib/sescle /usr/bin/sescle /etc/sescle ${cleaner}`);
      root.ok('apt-get -qq remove -y sescle');
      expect(root.ok(sumOfCleaner)).toBe(before);
      // The new version's unpacking fails: the old one stays whole.
      root.ok(install);
      root.copy(newerPackage(deb, '99.1', "sed -i '2i exit 1' DEBIAN/preinst"), 'root/broken.deb');
      expect(root.run('dpkg -i /root/broken.deb').status).not.toBe(0);
      expect(
        root.ok(`dpkg -s sescle | grep ^Status; sescle --version; ls ${cleaner}.distrib`),
      ).toBe(`Status: install ok installed\nsescle ${version}\n${cleaner}.distrib\n`);
      root.copy(newerPackage(deb, '0.1', "sed -i '2i exit 1' DEBIAN/postinst"), 'root/broken.deb');
      expect(root.run('apt-get -qq purge -y sescle && dpkg -i /root/broken.deb').status).not.toBe(
        0,
      );
      root.ok(
        `${install}; dpkg -s sescle | grep -q "^Status: install ok installed"; apt-get -qq purge -y sescle`,
      );
      expect(root.ok(sumOfCleaner)).toBe(before);
    }, 300_000);

    test('a sescle.toml that was there before, with an error: the package is installed, sescle names the line', () => {
      const root = rootWithPackage();
      const text = 'grace = "5s"\\nlifetme = "1h"\\n';
      const output =
        root.ok(`mkdir -p /etc/sescle; printf '${text}' >/etc/sescle/sescle.toml\n${install}
dpkg -s sescle | grep ^Status; cat /etc/sescle/sescle.toml`);
      expect(output).toContain('Status: install ok installed\ngrace = "5s"\nlifetme = "1h"\n');
      const monitor = root.run('/usr/bin/sescle');
      expect(monitor.status).toBe(2);
      expect(monitor.output).toMatch(/\/etc\/sescle\/sescle\.toml:2/);
      expect(root.run(cleaner)).toMatchObject({ status: 2 });
      root.ok('apt-get -qq purge -y sescle; test ! -e /etc/sescle');
    }, 300_000);
  });
});
