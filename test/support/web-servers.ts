/**
 * Real web servers that send requests to a php-fpm, each with a configuration of its own in a place
 * that no package uses.
 *
 * Invariant: each listens on 127.0.0.1 only, runs as the user that it is given, writes below its own
 * directory only, and ends with its test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from './apache.js';

export interface ServedSite {
  /** The web server's own directory. */
  readonly directory: string;
  readonly documentRoot: string;
  /** Of php-fpm. */
  readonly socket: string;
  /** Sent with each request, if there is one. */
  readonly phpValue?: string;
  readonly uid: number;
}

export const serverNames = ['lighttpd', 'caddy', 'nginx'] as const;

export type ServerName = (typeof serverNames)[number];

interface Program {
  readonly configuration: string;
  readonly command: (file: string) => readonly string[];
}

type Settings = ServedSite & { readonly port: number };

const programs: Readonly<Record<ServerName, (site: Settings) => Program>> = {
  lighttpd: ({ directory, documentRoot, socket, phpValue, port }) => ({
    configuration: [
      'server.modules = ("mod_fastcgi", "mod_setenv")',
      `server.document-root = "${documentRoot}"`,
      `server.errorlog = "${directory}/error.log"`,
      `server.upload-dirs = ("${directory}")`,
      'server.bind = "127.0.0.1"',
      `server.port = ${port}`,
      `fastcgi.server = (".php" => (("socket" => "${socket}")))`,
      ...(phpValue === undefined
        ? []
        : [`setenv.add-environment = ("PHP_VALUE" => "${phpValue}")`]),
    ].join('\n'),
    command: (file) => ['lighttpd', '-D', '-f', file],
  }),
  caddy: ({ documentRoot, socket, phpValue, port }) => ({
    configuration: [
      '{\n admin off\n auto_https off\n}',
      `http://127.0.0.1:${port} {`,
      ` root * ${documentRoot}`,
      ` php_fastcgi unix/${socket} {`,
      ...(phpValue === undefined ? [] : [`  env PHP_VALUE "${phpValue}"`]),
      ' }\n}\n',
    ].join('\n'),
    command: (file) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  }),
  nginx: ({ directory, documentRoot, socket, phpValue, port }) => ({
    configuration: [
      'daemon off;',
      `pid ${directory}/pid;`,
      `error_log ${directory}/error.log;`,
      'events { }',
      'http {',
      ' access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => ` ${name}_temp_path ${directory}/${name};`,
      ),
      ` server {\n  listen 127.0.0.1:${port};\n  root ${documentRoot};`,
      `  location ~ \\.php$ {\n   fastcgi_pass unix:${socket};`,
      '   include /etc/nginx/fastcgi_params;',
      '   fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;',
      ...(phpValue === undefined ? [] : [`   fastcgi_param PHP_VALUE "${phpValue}";`]),
      '  }\n }\n}\n',
    ].join('\n'),
    command: (file) => ['nginx', '-e', `${directory}/error.log`, '-c', file],
  }),
};

/** @returns what fetches a page */
export async function startWebServer(
  name: ServerName,
  site: ServedSite,
): Promise<(url: string) => Promise<string>> {
  const { directory, uid } = site;
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const { configuration, command } = programs[name]({ ...site, port });
  const file = `${directory}/own-${name}.conf`;
  writeFileSync(file, `${configuration}\n`);
  chownSync(directory, uid, uid);
  const [program = '', ...words] = command(file);
  const child = spawn(program, words, {
    uid,
    gid: uid,
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await end;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const fetched = (url: string) => pageOf(port, url);
  for (let trial = 0; trial < 400; trial += 1) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
    try {
      await fetched('/none.html');
      return fetched;
    } catch {
      await sleep(25);
    }
  }
  throw new Error(`${name} did not answer: ${said}`);
}

function pageOf(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
