/** Who collects: each finding on a machine that has it, and its remedy, carried out, makes it go. */
import { unlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Machine } from '../support/machine.js';
import { expectMended, mend } from '../support/remedies.js';
import { requireTool } from '../support/require-tool.js';
import { writeSession, writeSessions } from '../support/sessions.js';

const ini = '/etc/php/8.2/cgi/php.ini';

describe.skipIf(!requireTool('systemctl'))('who collects', () => {
  test('nobody does: enabling sescle mends it', async () => {
    const machine = new Machine();
    writeSession(machine.store, 'old', { ageSeconds: 99_999 });
    const found = await mend(machine, 'nobody-collects');
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
    expect(found.evidence).toContainEqual(expect.stringMatching(/1 of 1 session are past/));
    expect(found.evidence).toContainEqual(expect.stringMatching(/gc_probability = 0 .*php\.ini:3/));
  });

  test("Debian's job does not see a nested store", async () => {
    const machine = new Machine();
    machine.write('/etc/cron.d/php', '9 * * * * root /usr/lib/php/sessionclean\n');
    await expectMended(machine, 'nobody-collects');
    machine.write(
      ini,
      'session.save_path = "2;/var/lib/php/sessions"\nsession.gc_maxlifetime = 1440\n',
    );
    const found = await mend(machine, 'nobody-collects', { section: 'nobody-collects, nested' });
    expect(found.evidence.join('\n')).toMatch(/phpsessionclean does not see/);
  });

  test('what is late, though somebody should collect it', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'old', { ageSeconds: 99_999 });
    const found = await mend(machine, 'collected-late', {
      choose: (line) => line.startsWith('sescle sweep'),
    });
    expect(found.severity).toBe('urgent');
  });

  test('another collector beside sescle', async () => {
    const machine = new Machine().withSescle();
    machine.write(
      '/usr/lib/systemd/system/phpsessionclean.timer',
      '[Timer]\nOnCalendar=*-*-* *:09,39:00\n[Install]\nWantedBy=timers.target\n',
    );
    machine.enable('phpsessionclean.timer', 'timers.target');
    const found = await mend(machine, 'other-collector');
    expect(found.severity).toBe('warning');
  });

  test("a line of cron's", async () => {
    const machine = new Machine().withSescle();
    machine.write('/etc/cron.d/php', '9 * * * * root /usr/lib/php/sessionclean\n');
    const found = await mend(machine, 'other-collector', {
      section: 'other-collector, cron',
      byHand: [
        "sed -i 's/^/#/' /etc/cron.d/php",
        () => machine.write('/etc/cron.d/php', '#9 * * * * root /usr/lib/php/sessionclean\n'),
      ],
    });
    expect(found.remedy).toEqual(['comment the line out in /etc/cron.d/php']);
  });

  test("PHP's own collector", async () => {
    const machine = new Machine(
      'session.gc_probability = 1\nsession.gc_divisor = 1000\n',
    ).withSescle();
    const found = await mend(machine, 'php-collects', {
      byHand: [
        `sed -i 's/^session.gc_probability = 1/session.gc_probability = 0/' ${ini}`,
        () =>
          machine.write(
            ini,
            'session.save_path = /var/lib/php/sessions\nsession.gc_probability = 0\n',
          ),
      ],
    });
    expect(found.evidence[0]).toMatch(/1 in 1000 requests/);
  });

  test('systemd-tmpfiles removes what is alive', async () => {
    const machine = new Machine('session.gc_maxlifetime = 1209600\n').withSescle();
    machine.write('/usr/lib/tmpfiles.d/tmp.conf', '# old\nq /var/lib/php 1777 root root 10d\n');
    machine.directory('/etc/tmpfiles.d');
    const found = await mend(machine, 'cleaned-by-age', {
      change: (line) => line.replace(machine.root, '').replace('/etc/', `${machine.root}/etc/`),
    });
    expect(found.evidence.join('\n')).toMatch(
      /tmp\.conf:2: files below \/var\/lib\/php .* after 10d/,
    );
    machine.write('/usr/lib/tmpfiles.d/tmp.conf', 'q /var/lib/php 1777 root root 30d\n');
    unlinkSync(machine.path('/etc/tmpfiles.d/sescle.conf'));
    await expectMended(machine, 'cleaned-by-age');
  });

  test('tmpreaper removes what is alive', async () => {
    const machine = new Machine('session.gc_maxlifetime = 1209600\n').withSescle();
    machine.write('/etc/cron.daily/tmpreaper', '#!/bin/sh\n');
    machine.write('/etc/tmpreaper.conf', "TMPREAPER_TIME=7d\nTMPREAPER_DIRS='/tmp/. /var/lib/.'\n");
    await mend(machine, 'cleaned-by-age', {
      section: 'cleaned-by-age, tmpreaper',
      change: (line) => line.replace(machine.root, '').replace('>> /etc', `>> ${machine.root}/etc`),
    });
  });
});

describe('lifetimes', () => {
  test('two in one directory', async () => {
    const machine = new Machine().withSescle();
    const other = (lifetime: number) =>
      machine.write(
        '/etc/php/8.1/cgi/php.ini',
        `session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = ${lifetime}\n`,
      );
    other(7200);
    const found = await mend(machine, 'lifetimes-differ', {
      byHand: [
        "sed -i 's/^session.gc_maxlifetime = .*/session.gc_maxlifetime = 1440/' /etc/php/8.1/cgi/php.ini",
        () => other(1440),
      ],
    });
    expect(found.evidence[0]).toMatch(/7200 s .* 1440 s/);
  });

  test('cookies that outlive the sessions', async () => {
    const machine = new Machine('session.cookie_lifetime = 86400\n').withSescle();
    const found = await mend(machine, 'cookie-outlives-session', {
      byHand: [
        `sed -i 's/^session.gc_maxlifetime = .*/session.gc_maxlifetime = 86400/' ${ini}`,
        () =>
          machine.write(
            ini,
            'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 86400\nsession.cookie_lifetime = 86400\nsession.gc_probability = 0\n',
          ),
      ],
    });
    expect(found.evidence[0]).toMatch(/= 86400 \(\/etc\/php\/8\.2\/cgi\/php\.ini:4\)/);
  });

  test('a very short one', async () => {
    const machine = new Machine('session.gc_maxlifetime = 20\n').withSescle();
    const found = await mend(machine, 'lifetime-short', {
      byHand: [
        `sed -i 's/^session.gc_maxlifetime = 20/session.gc_maxlifetime = 1440/' ${ini}`,
        () =>
          machine.write(
            ini,
            'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 1440\nsession.gc_probability = 0\n',
          ),
      ],
    });
    expect(found.evidence[0]).toMatch(/= 20 /);
  });

  test('one that may be longer: PHP-FPM behind a web server that is not read', async () => {
    const machine = new Machine().withSescle();
    machine.write('/etc/php/8.2/fpm/php.ini', 'session.save_path = /var/lib/php/sessions\n');
    machine.write('/etc/php/8.2/fpm/php-fpm.conf', 'include=/etc/php/8.2/fpm/pool.d/*.conf\n');
    machine.write(
      '/etc/php/8.2/fpm/pool.d/www.conf',
      '[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php.sock\npm = static\npm.max_children = 1\n',
    );
    machine.directory('/var/www');
    const found = await mend(machine, 'lifetime-uncertain', {
      byHand: [
        `printf '[discover]\\ndocument_roots = ["/var/www"]\\n' >> /etc/sescle/sescle.toml`,
        () =>
          machine.write('/etc/sescle/sescle.toml', '[discover]\ndocument_roots = ["/var/www"]\n'),
      ],
    });
    expect(found.evidence.join('\n')).toMatch(/the web server was not found/);
    expect(found.remedy[0]).toMatch(/document_roots = \["\/var\/www"\]/);
  });

  test('sessions from the future', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'ahead', { ageSeconds: -9999 });
    await mend(machine, 'written-in-the-future', { choose: (line) => line.startsWith('find') });
  });
});

test('a forgotten directory: adopting it mends it', async () => {
  const machine = new Machine().withSescle();
  const shop = machine.directory('/srv/shop/var/sessions');
  writeSessions(shop, 30, 'abcdefghij', { ageSeconds: 50 });
  machine.directory('/etc/sescle');
  const found = await mend(machine, 'forgotten-directory');
  expect(found).toMatchObject({ severity: 'note', subject: shop });
  expect(found.remedy[0]).toContain('sescle adopt -l 24m ');
});
