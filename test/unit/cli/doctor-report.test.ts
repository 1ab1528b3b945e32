/** The doctor's findings, for people. */
import { expect, test } from 'vitest';
import { doctorReport } from '../../../lib/cli/doctor-report.js';
import { plain } from '../../../lib/cli/style.js';
import type { Finding } from '../../../lib/index.js';

const finding: Finding = {
  id: 'not-sticky',
  severity: 'urgent',
  subject: '/srv/0',
  title: 'everyone may remove it',
  evidence: ['mode 0777', 'no sticky bit'],
  consequence: 'anyone can',
  remedy: ['chmod +t /srv/0'],
};

function reportOf(findings: readonly Finding[]): string {
  return doctorReport({ version: 1, examinedAt: '', stores: 200, findings, warnings: [] }, plain);
}

test('a finding says what was seen, what it leads to, and what mends it', () => {
  expect(reportOf([finding])).toBe(`urgent: /srv/0: everyone may remove it
  seen        mode 0777
              no sticky bit
  leads to    anyone can
  to mend it  chmod +t /srv/0

200 stores looked at, 1 finding: 1 urgent
`);
});

test('of many of a kind some are told in full, and the others by name', () => {
  const many = Array.from({ length: 200 }, (_, at) => ({ ...finding, subject: `/srv/${at}` }));
  const text = reportOf([...many, { ...finding, id: 'other', severity: 'note' }]);
  expect(text.match(/^urgent: /gm)).toHaveLength(3);
  expect(text).toContain('the same of 197 others:\n');
  expect(text).toMatch(/\/srv\/22\n +and 177 more \(see --json\)\n/);
  expect(text).toMatch(/^note: /m);
  expect(text).toMatch(/201 findings: 200 urgent, 1 to know\n$/);
  expect(text.split('\n').length).toBeLessThan(60);
});
