/**
 * Session tables: whether they can be collected, whether their expired rows are found by an index, whether
 * they go, and whether their database's clock is right.
 *
 * Invariant: pure.
 */
import type { TableExamination } from '../../tables/examination.js';
import { formatDuration } from '../../text/duration.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';
import { collectorsOf, lateSeconds } from './collection.js';

/** Further apart, users notice: a second or two is how exact a measurement over a network is. */
const clockToleranceMs = 2000;

export function tableFindings(facts: Facts): Finding[] {
  return facts.stores.flatMap((store) => {
    const { table } = store;
    if (table === null) return [];
    if (table.failure !== null) return [unusable(store, table.failure)];
    return [...late(store, table, facts), ...withoutIndex(store, table), ...clock(store, table)];
  });
}

function unusable(
  { store }: StoreFacts,
  { message, remedy }: NonNullable<TableExamination['failure']>,
): Finding {
  return {
    id: 'table-unusable',
    severity: 'urgent',
    subject: store.path,
    title: 'its table cannot be collected',
    evidence: [message],
    consequence: 'expired sessions stay',
    remedy: [remedy ?? 'journalctl -u sescle # whether it goes on by itself'],
  };
}

function late(facts: StoreFacts, { overdueSeconds }: TableExamination, all: Facts): Finding[] {
  if (overdueSeconds <= lateSeconds) return [];
  const { path } = facts.store;
  const evidence = [`the first expired row has been due for ${formatDuration(overdueSeconds, 2)}`];
  if (collectorsOf(facts, all).includes('sescle')) {
    return [
      {
        id: 'collected-late',
        severity: 'urgent',
        subject: path,
        title: 'expired sessions stay, though sescle should remove them',
        evidence,
        consequence: 'the table grows, and reading all of it takes longer',
        remedy: [`sescle sweep ${shellWord(path)}`, 'journalctl -u sescle # why it does not'],
      },
    ];
  }
  return [
    {
      id: 'nobody-collects',
      severity: 'warning',
      subject: path,
      title: 'nobody removes expired sessions',
      evidence: [...evidence, 'neither sescle.service nor sescle-sweep.timer is enabled'],
      consequence: 'the table grows, unless its framework collects now and then',
      remedy: ['systemctl enable --now sescle.service'],
    },
  ];
}

function withoutIndex(
  { store }: StoreFacts,
  { hasIndex, helpfulIndex }: TableExamination,
): Finding[] {
  // Where none would help, there is nothing to do about it.
  if (hasIndex || helpfulIndex === null) return [];
  return [
    {
      id: 'table-without-index',
      severity: 'warning',
      subject: store.path,
      title: 'no index finds its expired rows',
      evidence: ['it has only its primary key to walk along'],
      consequence: 'each pass reads the whole table, so sescle looks seldom and removes late',
      remedy: [`in the database: ${helpfulIndex}`],
    },
  ];
}

function clock({ store }: StoreFacts, { clockAheadMs, server }: TableExamination): Finding[] {
  if (Math.abs(clockAheadMs) <= clockToleranceMs) return [];
  const isAhead = clockAheadMs > 0;
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  return [
    {
      id: 'table-clock',
      severity: 'warning',
      subject: store.path,
      title: "the clock of its database differs from this machine's",
      evidence: [`${server ?? 'it'} is ${seconds} s ${isAhead ? 'ahead' : 'behind'}`],
      consequence: `its rows expire by that clock: ${seconds} s ${isAhead ? 'sooner' : 'later'} than here`,
      remedy: ['timedatectl set-ntp true # here, and on the host of the database'],
    },
  ];
}
