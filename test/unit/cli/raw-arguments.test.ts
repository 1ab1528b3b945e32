/** Arguments that are not UTF-8 come through byte for byte. */
import { expect, test } from 'vitest';
import { rawBytes, restoreArguments } from '../../../lib/cli/raw-arguments.js';
import { fc } from '../../support/fast-check.js';

const argument = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)));

test('every argument gets its bytes back, next to any others', () => {
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      const commandLine = ['node', '--flag', 'main.js'].map((text) => Buffer.from(text));
      const kernel = Buffer.concat([...commandLine, ...args].flatMap((one) => [one, Buffer.of(0)]));
      const decoded = args.map((one) => one.toString('utf8'));
      expect(restoreArguments(decoded, kernel).map(rawBytes)).toEqual(args);
    }),
  );
});

test('an argument that is UTF-8 stays the text that it is', () => {
  const kernel = Buffer.concat([Buffer.from('node\0main.js\0é\0'), Buffer.of(0xff, 0)]);
  expect(restoreArguments(['é', '\uFFFD'], kernel)[0]).toBe('é');
});

test.each([
  ['empty', ''],
  ['that of a process which renamed itself', 'renamed\0'],
])('a command line that is %s changes nothing', (_, commandLine) => {
  expect(restoreArguments(['a\uFFFD', 'b'], Buffer.from(commandLine))).toEqual(['a\uFFFD', 'b']);
});
