/**
 * A real browser without a window: Chromium, over its debugging protocol on a pipe.
 *
 * Invariant: one for each test, with a profile of its own; it ends with the test. What the page or the browser
 * writes to the console is kept.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.js';

export interface View {
  readonly width: number;
  readonly height: number;
  readonly isDark?: boolean;
  readonly hasScripts?: boolean;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

export class Page {
  readonly #send: Send;
  /** What was written to the console. */
  readonly console: string[];

  constructor(send: Send, console: string[]) {
    this.#send = send;
    this.console = console;
  }

  /** Settles once the document and what it loads are there. */
  async go(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
    await this.until('document.readyState === "complete" && location.href !== "about:blank"');
  }

  /** The value of an expression in the page, awaited. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    for (;;) {
      // A navigation ends what is evaluated meanwhile, without an answer at times.
      const value = this.value<boolean>(`Boolean(${expression})`).catch(() => false);
      if (await Promise.race([value, pause(1000, false)])) return;
      await pause(30);
    }
  }

  click(selector: string): Promise<void> {
    return this.value(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** @param isWhole beyond the view's height too */
  async screenshot(file: string, isWhole = false): Promise<void> {
    const { data } = await this.#send('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: isWhole,
    });
    writeFileSync(file, Buffer.from(data as string, 'base64'));
  }
}

export async function openPage({
  width,
  height,
  isDark = false,
  hasScripts = true,
}: View): Promise<Page> {
  const child = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-extensions',
      '--disable-background-networking',
      '--no-first-run',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${tempDir()}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  onTestFinished(() => ended(child));
  const console: string[] = [];
  const send = connection(child, (text) => console.push(text));
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const toPage: Send = (method, params = {}) => send(method, params, sessionId as string);
  await toPage('Page.enable');
  await toPage('Runtime.enable');
  await toPage('Log.enable');
  await toPage('Emulation.setDeviceMetricsOverride', {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await toPage('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }],
  });
  if (!hasScripts) await toPage('Emulation.setScriptExecutionDisabled', { value: true });
  return new Page(toPage, console);
}

function connection(child: ChildProcess, onConsole: (text: string) => void) {
  const out = child.stdio[3] as Writable;
  const answers = new Map<number, (message: Message) => void>();
  let last = 0;
  let rest = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const message = JSON.parse(text) as Message;
      if (message.id !== undefined) answers.get(message.id)?.(message);
      else if (
        /^Runtime\.(consoleAPICalled|exceptionThrown)$|^Log\.entryAdded$/.test(message.method ?? '')
      ) {
        onConsole(JSON.stringify(message.params));
      }
    }
  });
  out.on('error', () => {});
  child.once('exit', (code, signal) => {
    for (const answer of answers.values()) answer({ error: { message: `${code ?? signal}` } });
  });
  return (method: string, params: object, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      last += 1;
      const id = last;
      answers.set(id, ({ result, error }) => {
        answers.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    // Its children too, which would go on writing to the profile.
    const kill = () => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        clearInterval(again);
        resolve();
      }
    };
    const again = setInterval(kill, 20);
    kill();
  });
}
