/**
 * A Debian system below a directory, to be looked at with --root: whole, and then broken by a test.
 *
 * Invariant: nobody runs there, and the tests' own machine has no say.
 */
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from './temp-dir.js';

const units = fileURLToPath(new URL('../../systemd/', import.meta.url));

export class Machine {
  readonly root = tempDir();
  /** The store of its php.ini, as this machine sees it. */
  readonly store = this.path('/var/lib/php/sessions');

  /** With one store, which nothing is wrong with but what the test says. */
  constructor(ini = '') {
    chmodSync(this.root, 0o755);
    this.write('/etc/passwd', 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n');
    this.write('/etc/group', 'root:x:0:\nwww-data:x:33:\n');
    this.write(
      '/etc/php/8.2/cgi/php.ini',
      `session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 1440\nsession.gc_probability = 0\n${ini}`,
    );
    this.directory('/var/lib/php/sessions', 0o1733);
    this.directory('/usr/lib/systemd/system');
    for (const unit of ['sescle.service', 'sescle-sweep.timer', 'sescle-sweep.service']) {
      copyFileSync(join(units, unit), this.path(`/usr/lib/systemd/system/${unit}`));
    }
  }

  path(inside: string): string {
    return `${this.root}${inside}`;
  }

  write(inside: string, text: string): void {
    mkdirSync(dirname(this.path(inside)), { recursive: true });
    writeFileSync(this.path(inside), text);
  }

  directory(inside: string, mode = 0o755): string {
    mkdirSync(this.path(inside), { recursive: true });
    chmodSync(this.path(inside), mode);
    return this.path(inside);
  }

  /** As `systemctl enable` links it. */
  enable(unit: string, target: string): void {
    const wants = this.directory(`/etc/systemd/system/${target}.wants`);
    symlinkSync(`/usr/lib/systemd/system/${unit}`, join(wants, unit));
  }

  /** With sescle's monitor enabled, so that somebody collects. */
  withSescle(): this {
    this.enable('sescle.service', 'multi-user.target');
    return this;
  }
}
