/**
 * Discovery in a process of its own: what hangs there (a mount whose server is gone) stops nobody here.
 *
 * Invariant: it settles within the deadline, or when it is told to end.
 */
import { Apart } from '../apart/apart.js';
import { SescleError } from '../errors.js';
import type { DiscoveryQuestion } from './discover-options.js';
import type { DiscoveryAnswer } from './discovery-child.js';
import type { Discovery } from './store.js';

export type IsolatedOptions = DiscoveryQuestion & { readonly signal?: AbortSignal | undefined };

const common = {
  program: 'stores/discovery-child.js',
  /** Each silent mount keeps one of them. */
  threads: 32,
  notAnswering,
  failed,
};

const whole = new Apart<DiscoveryQuestion, DiscoveryAnswer>({
  ...common,
  deadlineMs: 60_000,
  mostLeftBehind: 3,
});

/** What sescle.toml names takes a few calls: those who cannot have all wait no minute more for it. */
const namedOnly = new Apart<DiscoveryQuestion, DiscoveryAnswer>({
  ...common,
  deadlineMs: 10_000,
  mostLeftBehind: 1,
});

/**
 * @throws SescleError as discoverStores(), and ERR_NOT_ANSWERING; the signal's reason
 */
export async function discoverIsolated({
  signal,
  ...question
}: IsolatedOptions): Promise<Discovery> {
  const apart = question.isNamedOnly === true ? namedOnly : whole;
  return discoveryOf(await apart.ask(question, signal));
}

function discoveryOf(answer: DiscoveryAnswer): Discovery {
  if ('discovery' in answer) return answer.discovery;
  const { refused, several } = answer;
  const [message, details] = refused;
  const cause =
    several.length === 0 ? undefined : new AggregateError(several.map((one) => new Error(one)));
  throw new SescleError(message, { ...details, cause });
}

function notAnswering(): SescleError {
  return new SescleError('discovery is stuck: a file system is not responding', {
    code: 'ERR_NOT_ANSWERING',
    remedy: 'find the dead network or FUSE mount (findmnt) and remount or unmount it',
  });
}

function failed(reason: string): SescleError {
  return new SescleError(`the process that looks for session stores failed: ${reason}`, {
    code: 'ERR_DISCOVERY',
  });
}
