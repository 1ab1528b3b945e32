/**
 * `publishStatus()`: the monitor's status over HTTP, and as a file for node_exporter.
 *
 * Invariant: what serves is loaded where it is asked for; nothing that goes wrong here reaches the
 * monitor but as a line of text.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { MonitorCounts, MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { isLoopback, type ListenAddress, listenAddressText } from './listen-address.js';
import { hasOwnNetwork } from './own-network.js';

export interface PublishOptions {
  readonly snapshot: () => MonitorStatus;
  /**
   * The same at a cost that does not depend on the number of sessions, for metrics and health; default:
   * `snapshot`.
   */
  readonly summary?: (() => MonitorStatus) | undefined;
  /** The counts of each store, asked for every few seconds, for the lines on the page; default: `summary`. */
  readonly counts?: (() => MonitorCounts) | undefined;
  /** One store of the snapshot, whole, for its page; null: there is none. Default: found in the snapshot. */
  readonly store?: ((id: string) => MonitoredStore | null) | undefined;
  /** Where HTTP is answered: /metrics, /healthz, /api/status and a page. */
  readonly http?: ListenAddress | undefined;
  /** node_exporter's directory for text files. */
  readonly textfileDirectory?: string | undefined;
  /** Told what goes wrong; it may come again and again. */
  readonly onTrouble: (text: string) => void;
}

export interface Publication {
  /** Where HTTP is answered, with the port that was chosen; null: nowhere. */
  readonly address: string | null;
  /** Ends within a second. */
  close(): Promise<void>;
}

/** As often as Prometheus asks. */
const textfilePeriodMs = 15_000;
const textfilePatienceMs = 500;

/** @throws SescleError if it cannot listen */
export async function publishStatus(options: PublishOptions): Promise<Publication> {
  const server = await serve(options);
  const endTextfile = await keepTextfile(options);
  return {
    address: server === null ? null : listenAddressText(server.address),
    close: async () => {
      await Promise.all([server?.close(), endTextfile()]);
    },
  };
}

async function serve({ http, onTrouble, ...sources }: PublishOptions) {
  if (http === undefined) return null;
  const { startHttpServer } = await import('./http-server.js');
  if (!isLoopback(http)) {
    onTrouble(
      `${listenAddressText(http)} can be reached from other machines: anyone who can connect sees your paths; use 127.0.0.1 or a socket`,
    );
  }
  if (http.kind === 'tcp' && hasOwnNetwork()) {
    onTrouble(
      `${listenAddressText(http)} cannot be reached: this process has a network of its own. Listen on a socket (--http unix:/run/sescle/http.sock), or give the service the machine's network: systemctl edit sescle.service, [Service] PrivateNetwork=no and IPAddressDeny=`,
    );
  }
  return startHttpServer({
    address: http,
    ...sources,
    onError: (error) => onTrouble(String(error)),
  });
}

async function keepTextfile({
  textfileDirectory: directory,
  snapshot,
  summary = snapshot,
  onTrouble,
}: PublishOptions): Promise<() => Promise<void>> {
  if (directory === undefined) return async () => {};
  const { removeTextfile, writeTextfile } = await import('./textfile.js');
  const ending = new AbortController();
  let writing: Promise<void> | null = null;
  const write = async () => {
    try {
      const failure = await writeTextfile(directory, summary(), ending.signal);
      if (failure !== null && !ending.signal.aborted) onTrouble(failure.message);
    } catch (error) {
      onTrouble(String(error));
    }
    writing = null;
  };
  // One after the other: a directory that does not answer must not gather them.
  const writeNext = () => {
    writing ??= write();
    return writing;
  };
  // A directory that does not answer holds nobody up.
  await Promise.race([writeNext(), pause(textfilePatienceMs, undefined, { ref: false })]);
  const timer = setInterval(writeNext, textfilePeriodMs);
  return async () => {
    clearInterval(timer);
    // Or the one under way would put the file back.
    await Promise.race([writing, pause(textfilePatienceMs, undefined, { ref: false })]);
    ending.abort();
    await removeTextfile(directory, AbortSignal.timeout(textfilePatienceMs));
  };
}
