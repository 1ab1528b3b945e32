/**
 * The process that works on tables: it has no rights but its user's, and ends when its parent does.
 *
 * Questions come as lines on standard input, answers go as lines to standard output (messages.ts). Those
 * about one table are answered in their order, those about different tables side by side.
 *
 * Invariant: nothing is kept but open connections; every question is answered, or the process ends.
 */
import { createInterface } from 'node:readline';
import { saidText, TableError, type TableFailure } from './failure.js';
import { loginOf } from './login-source.js';
import type { Answers, Message, Op, Questions } from './messages.js';
import { openAccess } from './open-access.js';
import { tableProfiles } from './profiles/all.js';
import { statementFailure } from './statement-failure.js';
import { TableWorker } from './worker.js';

const workers = new Map<number, TableWorker>();
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });

lines.on('line', async (line) => {
  const message = JSON.parse(line) as Message;
  const { number } = message;
  try {
    say({ number, answer: await answer(message) });
  } catch (error) {
    say({ number, failure: failureOf(error) });
  }
});
// The parent is gone: nobody waits for an answer. The servers roll back what is under way.
lines.on('close', () => process.exit());
// What a driver throws where nobody listens: its connection is of no use any more, and the parent notices.
process.on('uncaughtException', () => process.exit(1));

function say(reply: unknown): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

async function answer({ store, op, question }: Message): Promise<Answers[Op]> {
  switch (op) {
    case 'open':
      return open(store, question as Questions['open']);
    case 'begin':
      return workerOf(store).begin(question as Questions['begin']);
    case 'bite':
      return workerOf(store).bite(question as Questions['bite']);
    case 'close':
      workers.get(store)?.close();
      workers.delete(store);
      return {};
  }
}

async function open(
  store: number,
  { source, settings }: Questions['open'],
): Promise<Answers['open']> {
  workers.get(store)?.close();
  workers.delete(store);
  const { login, table, columns } = await loginOf(source);
  const known = {
    ...settings,
    table: settings.table || table || (settings.profile.table ?? ''),
    columns: { ...columns, ...settings.columns },
  };
  const access = await openAccess(
    login,
    tableProfiles.get(settings.profile.name)?.advisory ?? null,
  );
  const worker = await TableWorker.open(access, known);
  workers.set(store, worker);
  const { server, warnings } = worker.inspection;
  return { server, warnings };
}

function workerOf(store: number): TableWorker {
  const worker = workers.get(store);
  if (worker === undefined) throw new Error('the table was not opened');
  return worker;
}

function failureOf(error: unknown): TableFailure {
  if (error instanceof TableError) return error.failure;
  const said = statementFailure(error);
  if (said !== undefined) return said.failure;
  return {
    code: 'ERR_TABLE_SERVER',
    message: `the work on it failed: ${saidText(error)}`,
    remedy: null,
  };
}
