/**
 * The monitor's log: lines for people on a terminal, JSON by pino for everything else.
 *
 * Invariant: what is said again and again is said once, and counted until it is said no more or a
 * minute has passed.
 */
import type { Logger } from 'pino';
import type { LogLevel, LogLine } from './event-text.js';

export interface LogOptions {
  /** Whether people read it as it is written. */
  readonly isForPeople: boolean;
  /** Lines that matter less are left out. */
  readonly level: LogLevel;
  readonly write: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const order: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
const repeatMs = 60_000;
const mostRemembered = 1000;

/** Loads pino where it is needed, and only there: it takes longer than a small sweep. */
export async function openLog(options: LogOptions): Promise<Log> {
  return new Log(options, options.isForPeople ? null : await openJson(options));
}

async function openJson({ level, write, now }: LogOptions): Promise<Logger> {
  const { default: pino } = await import('pino');
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (name) => ({ level: name }) },
    },
    { write },
  );
}

export class Log {
  readonly #options: LogOptions;
  readonly #json: Logger | null;
  /** When each line that is trouble was last written, and how often it was not since. */
  readonly #said = new Map<string, { atMs: number; unsaid: number }>();

  /** @param json null: for people */
  constructor(options: LogOptions, json: Logger | null) {
    this.#options = options;
    this.#json = json;
  }

  write({ level, text, fields = {} }: LogLine): void {
    if (order.indexOf(level) > order.indexOf(this.#options.level)) return;
    const more = level === 'info' || level === 'debug' ? 0 : this.#repeats(text);
    if (more === null) return;
    const full = more === 0 ? text : `${text} (and ${more} times more)`;
    if (this.#json !== null) {
      this.#json[level]({ ...fields }, full);
      return;
    }
    const time = new Date(this.#options.now()).toISOString().slice(0, 19).replace('T', ' ');
    const mark = level === 'info' || level === 'debug' ? '' : `${level}: `;
    this.#options.write(`${time}  ${mark}${full}\n`);
  }

  /** @returns how often it was left out before; null: it is to be left out now */
  #repeats(text: string): number | null {
    // Not the system's clock: once set back it would silence all for as long.
    const atMs = performance.now();
    const said = this.#said.get(text);
    if (said !== undefined && atMs - said.atMs < repeatMs) {
      said.unsaid += 1;
      return null;
    }
    if (this.#said.size >= mostRemembered) this.#said.clear();
    this.#said.set(text, { atMs, unsaid: 0 });
    return said?.unsaid ?? 0;
  }
}
