/** What is reported of a store, and how often. */
import { expect, it } from 'vitest';
import type { MonitorEvent } from '../../../lib/monitor/events.js';
import type { Problem } from '../../../lib/monitor/problem.js';
import { StoreNews } from '../../../lib/monitor/store-news.js';

const unreadable: Problem = { trouble: 'unreadable', text: 'it cannot be read' };
const silent: Problem = { trouble: 'silent', text: 'it does not answer' };
const scan = { durationMs: 5, sessions: 7, fullIndex: null };

function reporting() {
  const events: MonitorEvent[] = [];
  const news = new StoreNews('/store', (event) => events.push(event));
  return { news, events, kinds: () => events.map(({ kind }) => kind) };
}

function resultOf(counts: { removed?: number; setAside?: number }, failures: unknown[] = []) {
  return { counts: { removed: 0, setAside: 0, ...counts }, failures } as unknown as Parameters<
    StoreNews['scanned']
  >[0];
}

const huge = (path: string) => ({ path, bytes: 2 ** 23, names: 3 });

it('a problem is reported once, and its end once', () => {
  const { news, events } = reporting();
  news.setProblem('scan', null);
  for (let pass = 0; pass < 3; pass += 1) news.setProblem('scan', unreadable);
  expect(news.problem).toBe(unreadable);
  for (let pass = 0; pass < 3; pass += 1) news.setProblem('scan', null);
  expect(news.problem).toBeNull();
  expect(events).toEqual([
    { kind: 'failing', store: '/store', problem: 'it cannot be read' },
    { kind: 'recovered', store: '/store' },
  ]);
});

it('a pass that goes well ends no problem of another kind', () => {
  const { news, events } = reporting();
  news.setProblem('collect', silent);
  news.setProblem('scan', null);
  news.setProblem('look', null);
  expect(news.problem).toBe(silent);
  expect(events).toHaveLength(1);
});

it('of several problems the scan’s comes first, then the look’s', () => {
  const { news, events } = reporting();
  news.setProblem('collect', { trouble: 'unremovable', text: 'collect' });
  news.setProblem('look', { trouble: 'silent', text: 'look' });
  news.setProblem('scan', { trouble: 'unreadable', text: 'scan' });
  news.setProblem('scan', null);
  news.setProblem('look', null);
  expect(events.map((event) => 'problem' in event && event.problem)).toEqual([
    'collect',
    'look',
    'scan',
    'look',
    'collect',
  ]);
});

it('a warning is reported when it is new, and again after it was gone', () => {
  const { news, events } = reporting();
  for (const warnings of [['a'], ['a'], ['b', 'a'], ['a'], ['a', 'b'], []]) {
    news.setWarnings(warnings);
    expect(news.warnings).toBe(warnings);
  }
  expect(events.flatMap((event) => (event.kind === 'warnings' ? event.warnings : []))).toEqual([
    'a',
    'b',
    'b',
  ]);
});

it('a huge directory is reported once, and again where it was small in between', () => {
  const { news, events } = reporting();
  for (const directory of [huge('a'), huge('a'), huge('b'), null, huge('b')]) {
    news.setHugeDirectory(directory);
  }
  expect(events.flatMap((event) => ('directory' in event ? event.directory.path : []))).toEqual([
    'a',
    'b',
    'b',
  ]);
});

it('a scan is reported with what it found, and no more', () => {
  const failure = { path: '/store/sess_a' };
  const plain = reporting();
  plain.news.scanned(resultOf({ removed: 2 }), scan);
  expect(plain.events).toEqual([
    { kind: 'scanned', store: '/store', durationMs: 5, sessions: 7, removed: 2 },
  ]);
  const full = reporting();
  full.news.scanned(resultOf({ setAside: 1 }, [failure]), { ...scan, fullIndex: 1000 });
  expect(full.events.slice(1)).toEqual([
    { kind: 'set-aside', store: '/store', sessions: 1 },
    { kind: 'index-full', store: '/store', sessions: 1000 },
    { kind: 'failures', store: '/store', failures: [failure] },
  ]);
});

it('only a change of who removes is reported', () => {
  const { news, kinds } = reporting();
  for (const turn of [null, 'left-to-others', null, 'taken-over'] as const) news.turn(turn);
  expect(kinds()).toEqual(['left-to-others', 'taken-over']);
});

it('nothing is reported once the store is no longer watched', () => {
  const { news, events } = reporting();
  news.end();
  news.setProblem('scan', unreadable);
  news.setWarnings(['a']);
  news.setHugeDirectory(huge('a'));
  news.scanned(resultOf({}), scan);
  news.failures([{}] as never);
  news.replaced();
  news.turn('taken-over');
  expect(events).toEqual([]);
  expect(news.problem).toBeNull();
});
