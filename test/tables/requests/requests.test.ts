/**
 * A session that a request of Symfony's opens while sescle collects is never lost: the request's lock keeps it,
 * or the request finds it gone and makes it anew.
 */
import { existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tableProfiles } from '../../../lib/tables/profiles/all.js';
import { requireTool } from '../../support/require-tool.js';
import { startedServers } from '../../support/started-servers.js';
import { Collector, planned } from '../../support/tables.js';
import { frameworkPackages, makeSessions, visit } from './requests.js';

const isReady = requireTool('php') && existsSync(`${frameworkPackages}/complete`);

describe.each(startedServers())('$name', ({ isThere, server, directory }) => {
  test.skipIf(!isThere || !isReady)(
    'loses no write of requests that renew sessions as they come to be due',
    async () => {
      const socket = server.name === 'MariaDB' ? `${directory}/socket` : directory;
      const visits = {
        server,
        socket,
        framework: 'symfony',
        count: 500,
        rate: 100,
        workers: 2,
      } as const;
      const first = await makeSessions(visits);
      const profile = tableProfiles.get('symfony');
      if (profile === undefined) throw new Error('there is no profile symfony');
      const collector = new Collector(planned(server.address(), { profile, table: 'visits' }));
      let isOver = false;
      onTestFinished(() => {
        isOver = true;
      });
      const collecting = (async () => {
        let removed = 0;
        while (!isOver) removed += (await collector.pass({ lifetimeSeconds: 0 })).counts.removed;
        return removed;
      })();
      const report = await visit(visits, first);
      isOver = true;
      const removed = await collecting;
      expect({ ...report, p50Ms: 0, p99Ms: 0, maxMs: 0 }).toEqual({
        requests: 500,
        lost: 0,
        problems: {},
        p50Ms: 0,
        p99Ms: 0,
        maxMs: 0,
        left: 500,
      });
      // The control: sessions were collected in between, and made anew by their requests.
      expect(removed).toBeGreaterThan(100);
    },
  );
});
