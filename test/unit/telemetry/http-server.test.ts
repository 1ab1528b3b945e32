/** The status server answers what it should, to whom it should, and nobody can hold it up. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorStatus } from '../../../lib/monitor/status.js';
import {
  type HttpLimits,
  type HttpServer,
  startHttpServer,
} from '../../../lib/telemetry/http-server.js';
import type { ListenAddress } from '../../../lib/telemetry/listen-address.js';
import { tempDir } from '../../support/temp-dir.js';
import { monitorStatus, storeStatus } from '../../telemetry/statuses.js';

const anyPort: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 };

interface Scene {
  readonly address?: ListenAddress;
  readonly snapshot?: () => MonitorStatus | Promise<MonitorStatus>;
  readonly limits?: Partial<HttpLimits>;
}

async function start({ address = anyPort, snapshot = () => monitorStatus(), limits }: Scene = {}) {
  const errors: unknown[] = [];
  const server = await startHttpServer({
    address,
    snapshot,
    onError: (error) => errors.push(error),
    ...(limits === undefined ? {} : { limits }),
  });
  onTestFinished(() => server.close());
  return Object.assign(server, { errors });
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly host?: string;
}

function ask(
  { address }: HttpServer,
  path: string,
  { method = 'GET', host }: Question = {},
): Promise<Reply> {
  const where =
    address.kind === 'unix'
      ? { socketPath: address.path }
      : { host: address.host, port: address.port };
  const headers = host === undefined ? {} : { Host: host };
  return new Promise((resolve, reject) => {
    request({ ...where, path, method, headers, agent: false }, async (response) => {
      const chunks = await response.toArray();
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
    })
      .on('error', reject)
      .end();
  });
}

/** Of an answer; 0 where there is none. */
function statusOf(server: HttpServer): Promise<number> {
  return ask(server, '/healthz').then(
    ({ status }) => status,
    () => 0,
  );
}

function portOf({ address }: HttpServer): number {
  return address.kind === 'tcp' ? address.port : 0;
}

/** A connection that says only what the test says. */
function rawConnection(server: HttpServer): Socket {
  const socket = connect({ host: '127.0.0.1', port: portOf(server) });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function readToEnd(socket: Socket): Promise<string> {
  let read = '';
  socket.on('data', (chunk) => {
    read += String(chunk);
  });
  socket.resume();
  await closed(socket);
  return read;
}

/** However it ended: once() would reject a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

const paths = ['/', '/api/status', '/healthz', '/metrics'];

describe('what is answered', () => {
  it('tells the metrics, with those of the process', async () => {
    const { status, headers, body } = await ask(await start(), '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toMatch(/^sescle_sessions\{.*\} 1234567$/m);
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('tells the snapshot as JSON', async () => {
    const { headers, body } = await ask(await start(), '/api/status');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body)).toEqual(monitorStatus());
  });

  it('tells the page', async () => {
    const { headers, body } = await ask(await start(), '/?some=query');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(/^<!DOCTYPE html>/);
  });

  it('tells that all is well', async () => {
    const reply = await ask(await start(), '/healthz');
    expect([reply.status, reply.body]).toEqual([200, 'ok\n']);
  });

  it('tells what is not well, one line a store', async () => {
    const snapshot = () =>
      monitorStatus([
        storeStatus({ id: '/a\nb', state: 'failing', problem: 'permission\ndenied' }),
        storeStatus(),
        storeStatus({ id: '/late', isOverdue: true }),
      ]);
    const { status, body } = await ask(await start({ snapshot }), '/healthz');
    expect(status).toBe(503);
    expect(body).toBe('/a b: permission denied\n/late: late: its next pass is overdue\n');
  });

  it.each(paths)('answers HEAD %s like GET, without the text', async (path) => {
    const server = await start();
    const reply = await ask(server, path, { method: 'HEAD' });
    expect(reply.status).toBe(200);
    expect(reply.body).toBe('');
    expect(Number(reply.headers['content-length'])).toBeGreaterThan(0);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('refuses %s', async (method) => {
    const server = await start();
    const replies = await Promise.all(
      [...paths, '/x'].map((path) => ask(server, path, { method })),
    );
    for (const { status, headers } of replies) {
      expect(status).toBe(405);
      expect(headers.allow).toBe('GET, HEAD');
    }
  });

  it.each([
    '/favicon.ico',
    '/metrics/',
    '//metrics',
    '/../metrics',
    '/%6Detrics',
    '/api',
    '/__proto__',
    '/constructor',
    'http://127.0.0.1/metrics',
  ])('has nothing at %s', async (path) => {
    expect((await ask(await start(), path)).status).toBe(404);
  });

  it('takes a snapshot and a summary at most once in a period', async () => {
    let taken = 0;
    const snapshot = () => {
      taken += 1;
      return monitorStatus();
    };
    const server = await start({ snapshot, limits: { snapshotPeriodMs: 60_000 } });
    for (const path of [...paths, ...paths]) await ask(server, path);
    expect(taken).toBe(2);
  });

  it('says that it failed, tells why only its caller, and goes on', async () => {
    let fails = true;
    const snapshot = () => {
      if (fails) throw new Error('secret');
      return monitorStatus();
    };
    const server = await start({ snapshot });
    const { status, body } = await ask(server, '/metrics');
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(server.errors).toEqual([new Error('secret')]);
    fails = false;
    expect((await ask(server, '/metrics')).status).toBe(200);
  });
});

describe('what a browser may do', () => {
  it.each([...paths, '/nothing'])('gets every protection with %s', async (path) => {
    const { headers } = await ask(await start(), path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      connection: 'close',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it("allows the page's own script and style by their hashes, and nothing else", async () => {
    const { headers, body } = await ask(await start(), '/');
    const hashOf = (tag: string) => {
      const texts = [...body.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))];
      expect(texts).toHaveLength(1);
      return `'sha256-${createHash('sha256')
        .update(texts[0]?.[1] ?? '')
        .digest('base64')}'`;
    };
    expect(String(headers['content-security-policy']).split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      `script-src ${hashOf('script')}`,
      `style-src ${hashOf('style')}`,
    ]);
  });

  it.each(paths)('is told nothing of %s under a name that was made to lead here', async (path) => {
    const server = await start();
    const reply = await ask(server, path, { host: `evil.example:${portOf(server)}` });
    expect(reply.status).toBe(403);
    expect(reply.body).toMatch(/^This server does not answer to that host name/);
    expect((await ask(server, path, { host: 'localhost' })).status).toBe(200);
  });

  it('refuses a request that names no host', async () => {
    const socket = rawConnection(await start());
    socket.write('GET /metrics HTTP/1.0\r\n\r\n');
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1.1 403 /);
  });
});

describe('who would hold it up', () => {
  it('ends a connection that never ends its headers', async () => {
    const socket = rawConnection(await start({ limits: { requestTimeoutMs: 300 } }));
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 50);
    onTestFinished(() => clearInterval(drip));
    expect(await readToEnd(socket)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  it('ends a connection that says nothing', async () => {
    const socket = rawConnection(await start({ limits: { idleTimeoutMs: 200 } }));
    expect(await readToEnd(socket)).toBe('');
  });

  it('ends a connection that does not read its answer', async () => {
    const stores = Array.from({ length: 30_000 }, (_, at) => storeStatus({ id: `/store/${at}` }));
    const limits = { idleTimeoutMs: 500, maxConnections: 1 };
    const server = await start({ snapshot: () => monitorStatus(stores), limits });
    const socket = rawConnection(server);
    socket.pause();
    socket.write('GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'connect');
    // Nobody else is let in until it is given up.
    await expect.poll(() => statusOf(server), { timeout: 20_000 }).toBe(200);
    const read = await readToEnd(socket);
    expect(read).toMatch(/^HTTP\/1.1 200 /);
    expect(read.length).toBeLessThan(JSON.stringify(monitorStatus(stores)).length);
  });

  it('answers one request a connection', async () => {
    const socket = rawConnection(await start());
    const one = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n';
    socket.write(one.repeat(5));
    expect((await readToEnd(socket)).match(/^HTTP\/1.1 200 /gm)).toHaveLength(1);
  });

  it('refuses headers that are too large', async () => {
    const socket = rawConnection(await start());
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`);
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1.1 431 /);
  });

  it('has a bounded number of connections', async () => {
    const server = await start({ limits: { maxConnections: 2 } });
    const held = [rawConnection(server), rawConnection(server)];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    expect(await readToEnd(rawConnection(server))).toBe('');
    held[0]?.destroy();
    await expect.poll(() => statusOf(server), { timeout: 20_000 }).toBe(200);
  });

  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
  ])('is not brought down by %j', async (sent) => {
    const server = await start();
    const socket = rawConnection(server);
    socket.write(sent);
    await readToEnd(socket);
    const hasty = rawConnection(server);
    hasty.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', () => hasty.resetAndDestroy());
    await closed(hasty);
    expect((await ask(server, '/healthz')).status).toBe(200);
    expect(server.errors).toEqual([]);
  });

  it('closes soon, whoever is connected', async () => {
    const server = await start({
      snapshot: () => new Promise(() => {}),
      limits: { requestTimeoutMs: 60_000, idleTimeoutMs: 60_000 },
    });
    const sockets = [rawConnection(server), rawConnection(server), rawConnection(server)];
    sockets[1]?.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    sockets[2]?.write('GET /metrics HTTP');
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const ended = Promise.all(sockets.map(closed));
    const before = performance.now();
    await server.close();
    // Half a second where the machine is idle; by itself none of these would end within a minute.
    expect(performance.now() - before).toBeLessThan(10_000);
    await ended;
    await server.close();
  });
});

describe('where it listens', () => {
  it('tells the port that was chosen, and listens there alone', async () => {
    const server = await start();
    expect(server.address).toEqual({ ...anyPort, port: expect.any(Number) });
    expect(portOf(server)).toBeGreaterThan(0);
    const elsewhere = connect({ host: '127.0.0.2', port: portOf(server) });
    const [error] = await once(elsewhere, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('listens on IPv6 too', async () => {
    const server = await start({ address: { kind: 'tcp', host: '::1', port: 0 } });
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  it.each([
    ['is taken', (port: number) => ({ ...anyPort, port }), 'EADDRINUSE', /stop the program/],
    ['is not here', () => ({ ...anyPort, host: '192.0.2.1' }), 'EADDRNOTAVAIL', /ip address/],
  ])('says so where the address %s', async (_, address, code, remedy) => {
    const first = await start();
    await expect(start({ address: address(portOf(first)) })).rejects.toMatchObject({
      name: 'SescleError',
      code,
      message: expect.stringMatching(/^cannot listen on \S+: /),
      remedy: expect.stringMatching(remedy),
    });
  });
});

describe('a Unix socket', () => {
  const unix = (path: string): ListenAddress => ({ kind: 'unix', path });

  it.each([0, 0o022, 0o777])('is for its owner and group, umask %o', async (mask) => {
    const before = process.umask(mask);
    onTestFinished(() => void process.umask(before));
    const path = join(tempDir(), 'http.sock');
    const server = await start({ address: unix(path) });
    expect(process.umask()).toBe(mask);
    expect(statSync(path).mode & 0o7777).toBe(0o660);
    expect((await ask(server, '/healthz', { host: 'any.example' })).status).toBe(200);
  });

  it('is removed at the end', async () => {
    const path = join(tempDir(), 'http.sock');
    const server = await start({ address: unix(path) });
    expect(existsSync(path)).toBe(true);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('takes the place of one that nobody listens on', async () => {
    const path = join(tempDir(), 'http.sock');
    await leaveStaleSocket(path);
    const server = await start({ address: unix(path) });
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  it('leaves alone one that somebody listens on', async () => {
    const path = join(tempDir(), 'http.sock');
    const first = await start({ address: unix(path) });
    await expect(start({ address: unix(path) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      remedy: expect.stringContaining('ss -xlp'),
    });
    expect((await ask(first, '/healthz')).status).toBe(200);
  });

  it('says so where its directory does not exist', async () => {
    const path = join(tempDir(), 'none', 'http.sock');
    await expect(start({ address: unix(path) })).rejects.toMatchObject({
      code: 'ENOENT',
      message: `${path} cannot be made: its directory does not exist`,
    });
  });

  it.each(['file', 'directory', 'link to a stale socket', 'link to nothing'])(
    'leaves alone a %s',
    async (kind) => {
      const directory = tempDir();
      const path = join(directory, 'http.sock');
      const other = join(directory, 'other');
      if (kind === 'file') writeFileSync(path, 'kept');
      else if (kind === 'directory') mkdirSync(path);
      else symlinkSync(other, path);
      if (kind === 'link to a stale socket') await leaveStaleSocket(other);
      const before = lstatSync(path).ino;
      await expect(start({ address: unix(path) })).rejects.toMatchObject({ code: 'EEXIST' });
      expect(lstatSync(path).ino).toBe(before);
      if (kind === 'file') expect(readFileSync(path, 'utf8')).toBe('kept');
      if (kind.startsWith('link')) expect(readlinkSync(path)).toBe(other);
      if (kind === 'link to a stale socket') expect(lstatSync(other).isSocket()).toBe(true);
    },
  );
});

/** What a program that was killed leaves behind. */
async function leaveStaleSocket(path: string): Promise<void> {
  const kept = `${path}.kept`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  linkSync(path, kept);
  server.close();
  await once(server, 'close');
  renameSync(kept, path);
}
