/**
 * A real Apache with mod_php, for one configuration.
 *
 * Invariant: it listens on 127.0.0.1 only, writes below its own directory only, and is gone when
 * stop() has returned. It leads a process group of its own: Apache ends its whole group with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireTool } from './require-tool.js';

const modulesDirectory = '/usr/lib/apache2/modules';

/** mod_php's library; undefined where Apache or mod_php is missing, which no CI lets pass. */
export function phpModule(): string | undefined {
  if (!requireTool('apache2')) return undefined;
  const library = readdirSync(modulesDirectory).find((name) => /^libphp.*\.so$/.test(name));
  if (library === undefined && process.env['CI'] === 'true')
    throw new Error(
      `${modulesDirectory} has no libphp*.so, and with CI=true no test may be skipped`,
    );
  return library && path.join(modulesDirectory, library);
}

export interface Apache {
  /** The body of a page, or its status where that is not 200. */
  get(host: string, url: string): Promise<string | number>;
  stop(): Promise<void>;
}

/** The lines that every Apache of these tests needs, for the top of its main file. */
export function preamble(root: string, port: number, library: string): string {
  const module = (name: string): string =>
    `LoadModule ${name}_module ${modulesDirectory}/mod_${name}.so`;
  return [
    `ServerRoot ${root}`,
    `DefaultRuntimeDir ${root}`,
    `PidFile ${root}/pid`,
    `ErrorLog ${root}/error.log`,
    `Listen 127.0.0.1:${port}`,
    'ServerName localhost',
    ...['mpm_prefork', 'authz_core', 'mime', 'alias', 'macro'].map(module),
    `LoadModule php_module ${library}`,
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    'TypesConfig /dev/null',
    'AddHandler application/x-httpd-php .php',
    'Mutex pthread',
    'StartServers 2',
    `PHPINIDir ${root}`,
    '',
  ].join('\n');
}

/** @param args as `-DNAME` */
export async function startApache(
  root: string,
  mainFile: string,
  port: number,
  args: readonly string[] = [],
): Promise<Apache> {
  writeFileSync(path.join(root, 'error.log'), '');
  const server = spawn('apache2', ['-f', mainFile, '-DFOREGROUND', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', PHP_INI_SCAN_DIR: '' },
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const apache: Apache = {
    get: (host, url) => fetchPage(agent, port, host, url),
    stop: async () => {
      agent.destroy();
      await end(server);
    },
  };
  for (let trial = 0; trial < 200; trial++) {
    if (server.exitCode !== null) {
      throw new Error(
        `Apache did not start: ${output}${readFileSync(`${root}/error.log`, 'utf8')}`,
      );
    }
    try {
      await apache.get('localhost', '/');
      return apache;
    } catch {
      await sleep(25);
    }
  }
  await apache.stop();
  throw new Error(`Apache did not answer within 5 s: ${output}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.pid === undefined) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  const timer = setTimeout(() => process.kill(-(server.pid ?? 0), 'SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

function fetchPage(
  agent: Agent,
  port: number,
  host: string,
  url: string,
): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const options = { agent, host: '127.0.0.1', port, path: url, headers: { host } };
    const request = get(options, (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve(response.statusCode === 200 ? body : (response.statusCode ?? 0)),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
