/** What people are advised to do about a file that could not be removed. */
import { expect, test } from 'vitest';
import { describeFailure } from '../../../lib/files/failure-text.js';

function remedyOf(code: string, errno: number, syscall: string): string | null {
  return describeFailure({ code, errno, syscall, path: Buffer.from('/s/sess_a'), count: 1 }).remedy;
}

test('a lack of permission is not looked for among immutable files', () => {
  expect(remedyOf('EACCES', 13, 'unlinkat')).toBe("run sescle as root or as the directory's owner");
  expect(remedyOf('EPERM', 1, 'unlinkat')).toMatch(/immutable .*\(lsattr\)$/);
  for (const code of ['EACCES', 'EPERM']) {
    expect(remedyOf(code, 1, 'openat2')).toBe("run sescle as root or as the file's owner");
    expect(remedyOf(code, 1, 'setfsuid')).toMatch(/^allow CAP_SETUID and CAP_SETGID/);
  }
});
