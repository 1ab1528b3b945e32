/**
 * The status server: /metrics, /healthz, /api/status and a page for people.
 *
 * Invariant: nobody who connects can hold it up or bring it down: every connection is one request of
 * bounded size and time, there is a bounded number of them, and whatever fails is told to onError.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SescleError } from '../errors.js';
import { systemReason } from '../text/system-reason.js';
import { type CountsAt, History } from './history.js';
import {
  type Answer,
  answersFrom,
  failed,
  type Snapshot,
  type StoreLookup,
  wrongHost,
} from './http-answers.js';
import { securityHeaders } from './http-headers.js';
import { isHostAllowed, type ListenAddress, listenAddressText } from './listen-address.js';
import { listenOnSocket } from './unix-socket.js';

export interface HttpLimits {
  /** For a whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** How long a connection may stand still, as where the answer is not read. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** An answer is told until it is this old. */
  readonly snapshotPeriodMs: number;
}

export const httpLimits: HttpLimits = {
  requestTimeoutMs: 5_000,
  idleTimeoutMs: 10_000,
  maxConnections: 64,
  snapshotPeriodMs: 500,
};

const maxHeaderBytes = 8 * 1024;

/** What requests under way are given to end by themselves. */
const closeGraceMs = 500;

export interface HttpServerOptions {
  readonly address: ListenAddress;
  readonly snapshot: Snapshot;
  /** What metrics and health are made of: it need not tell `ages` and `expiriesByMinute`. */
  readonly summary?: Snapshot | undefined;
  /** What the lines of the page are made of, asked for every few seconds; default: `summary`. */
  readonly counts?: Counts | undefined;
  /** One store of the snapshot, whole; null: there is none. Default: found in the snapshot. */
  readonly store?: StoreLookup | undefined;
  /** Told of what goes wrong while the server runs; it goes on. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<HttpLimits>;
}

type Counts = () => CountsAt | Promise<CountsAt>;

export interface HttpServer {
  /** With the port that was chosen. */
  readonly address: ListenAddress;
  /** Ends within a second, whoever is connected. */
  close(): Promise<void>;
}

/**
 * @returns once it listens
 * @throws SescleError if it cannot listen there
 */
export async function startHttpServer({
  address,
  snapshot,
  summary = snapshot,
  counts = summary,
  store,
  onError,
  limits = {},
}: HttpServerOptions): Promise<HttpServer> {
  const bounds = { ...httpLimits, ...limits };
  const history = new History();
  const sources = { snapshot, summary, store, historyOf: (id: string) => history.of(id) };
  const answer = answersFrom(sources, bounds.snapshotPeriodMs, () => performance.now());
  const server = boundedServer(bounds, (request, response) => {
    respond(request, response, address, answer).catch((error: unknown) => {
      onError(error);
      send(response, failed);
    });
  });
  await listen(server, address);
  server.on('error', onError);
  const endHistory = keepHistory(history, counts, onError);
  return {
    address: actualAddress(server, address),
    close: () => {
      endHistory();
      return close(server);
    },
  };
}

/** @returns what ends it */
function keepHistory(
  history: History,
  counts: Counts,
  onError: (error: unknown) => void,
): () => void {
  let isEnded = false;
  const add = async () => {
    try {
      history.add(await counts());
    } catch (error) {
      onError(error);
    }
    if (!isEnded) timer = setTimeout(add, history.periodMs).unref();
  };
  let timer = setTimeout(add, history.periodMs).unref();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

function boundedServer(
  { requestTimeoutMs, idleTimeoutMs, maxConnections }: HttpLimits,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
      maxHeaderSize: maxHeaderBytes,
    },
    onRequest,
  );
  server.maxConnections = maxConnections;
  // And says so: Connection: close.
  server.maxRequestsPerSocket = 1;
  server.timeout = idleTimeoutMs;
  return server;
}

async function respond(
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  address: ListenAddress,
  answer: ReturnType<typeof answersFrom>,
): Promise<void> {
  const isOurs = isHostAllowed(headers.host, address);
  send(response, isOurs ? await answer(method, url) : wrongHost);
}

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...securityHeaders,
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  const listening = once(server, 'listening');
  // Where listenOnSocket() throws, nobody waits for it.
  listening.catch(() => {});
  try {
    if (address.kind === 'unix') await listenOnSocket(server, address.path);
    else server.listen({ host: address.host, port: address.port });
    await listening;
  } catch (error) {
    throw error instanceof SescleError ? error : listenError(error, address);
  }
}

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'give a port above 1023 or a directory that may be written to, or run sescle as root',
  EADDRINUSE: 'stop the program that listens there (ss -ltnp names it), or give another address',
  EADDRNOTAVAIL: 'give an address that this machine has (ip address lists them)',
};

function listenError(error: unknown, address: ListenAddress): SescleError {
  const { code = 'ERR_HTTP', errno, syscall } = error as NodeJS.ErrnoException;
  const reason = errno === undefined ? String(error) : systemReason(-errno, code);
  const where = listenAddressText(address);
  return new SescleError(`cannot listen on ${where}: ${reason}`, {
    code,
    errno: errno === undefined ? undefined : -errno,
    syscall,
    remedy: remedies[code],
    cause: error,
  });
}

function actualAddress(server: Server, address: ListenAddress): ListenAddress {
  const bound = server.address();
  if (address.kind === 'unix' || bound === null || typeof bound === 'string') return address;
  return { ...address, port: bound.port };
}

/** Node removes a Unix socket's name as it stops to listen. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const grace = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    server.close(() => {
      clearTimeout(grace);
      resolve();
    });
    server.closeIdleConnections();
  });
}
