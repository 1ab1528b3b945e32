/**
 * `publishStatus()`: the monitor's status over HTTP, and as a file for node_exporter.
 *
 * Invariant: what serves is loaded where it is asked for; nothing that goes wrong here reaches the
 * monitor but as a line of text.
 */
import type { MonitorStatus } from '../monitor/status.js';
import { isLoopback, type ListenAddress, listenAddressText } from './listen-address.js';

export interface PublishOptions {
  readonly snapshot: () => MonitorStatus;
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

async function serve({ http, snapshot, onTrouble }: PublishOptions) {
  if (http === undefined) return null;
  const { startHttpServer } = await import('./http-server.js');
  if (!isLoopback(http)) {
    onTrouble(
      `${listenAddressText(http)} can be reached by other machines, and tells whoever asks where sessions are kept`,
    );
  }
  return startHttpServer({ address: http, snapshot, onError: (error) => onTrouble(String(error)) });
}

async function keepTextfile({
  textfileDirectory: directory,
  snapshot,
  onTrouble,
}: PublishOptions): Promise<() => Promise<void>> {
  if (directory === undefined) return async () => {};
  const { removeTextfile, writeTextfile } = await import('./textfile.js');
  const write = async () => {
    const failure = await writeTextfile(directory, snapshot());
    if (failure !== null) onTrouble(failure.message);
  };
  await write();
  const timer = setInterval(() => void write(), textfilePeriodMs);
  return async () => {
    clearInterval(timer);
    await removeTextfile(directory);
  };
}
