/**
 * A real php-fpm with one pool, which serves session requests for www-data.
 *
 * Invariant: it is ours from its configuration to its socket, in a directory of its own, and ends by
 * dispose; nothing of the machine's own php-fpm is touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export function findPhpFpm(): string | undefined {
  const name = readdirSync('/usr/sbin').find((entry) => /^php-fpm[0-9.]*$/.test(entry));
  return name === undefined ? undefined : `/usr/sbin/${name}`;
}

export class PhpFpm implements AsyncDisposable {
  private constructor(
    readonly socket: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * @param directory for its configuration and socket; www-data must be able to reach it
   * @param savePath the directory of its sessions
   */
  static async start(program: string, directory: string, savePath: string): Promise<PhpFpm> {
    const socket = path.join(directory, 'fpm.sock');
    const config = path.join(directory, 'fpm.conf');
    writeFileSync(config, configuration(socket, savePath));
    const child = spawn(program, ['-F', '-O', '-y', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const fpm = new PhpFpm(socket, child);
    try {
      await ready(child);
    } catch (error) {
      await fpm[Symbol.asyncDispose]();
      throw error;
    }
    return fpm;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const end = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await end;
  }
}

function configuration(socket: string, savePath: string): string {
  return `[global]
daemonize = no

[bench]
user = www-data
group = www-data
listen = ${socket}
listen.mode = 0666
pm = static
pm.max_children = 4
php_admin_value[session.save_handler] = files
php_admin_value[session.save_path] = ${savePath}
php_admin_value[session.gc_probability] = 0
php_admin_value[session.use_cookies] = 0
php_admin_value[session.use_strict_mode] = 0
php_admin_value[session.cache_limiter] =
`;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      said = (said + text).slice(-4000);
      if (said.includes('ready to handle connections')) resolve();
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error(`php-fpm ended: ${said}`)));
  });
}
