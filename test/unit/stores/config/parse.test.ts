/** A configuration file is read exactly, or refused with every problem and its line. */
import { describe, expect, test } from 'vitest';
import { SescleError } from '../../../../lib/errors.js';
import { fromBytes } from '../../../../lib/php/byte-string.js';
import {
  type Configuration,
  defaultConfiguration,
} from '../../../../lib/stores/config/configuration.js';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';
import { anyTextOf, lineCount } from '../../../support/any-text.js';
import { fc } from '../../../support/fast-check.js';
import { fuzzRuns } from '../../../support/fuzz-runs.js';

const file = '/etc/sescle/sescle.toml';

function read(text: string): Configuration {
  return parseConfiguration(fromBytes(Buffer.from(text)), file);
}

function refusal(text: string): SescleError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SescleError) return error;
    throw error;
  }
  throw new Error(`was not refused: ${text}`);
}

function at(line: number) {
  return { kind: 'file', file, line };
}

describe('what is obeyed', () => {
  test('an empty file changes nothing', () => {
    expect(read('')).toEqual({ ...defaultConfiguration, file });
    expect(read('# only a comment\n')).toEqual({ ...defaultConfiguration, file });
  });

  test('every key is read, with the line that it stands on', () => {
    const configuration = read(`
shared_lifetime = "shortest"
grace = "1m"
exclude = [
  "/srv/legacy",
  "/srv/bücher",
]
[discover]
apache = false
run_php = false
[[store]]
path = "/srv/app/sessions"
profile = "laravel"
lifetime = "2h"
grace = 0
[[store]]
save_path = "2;0600;/srv/forum"
lifetime = "never"
`);
    expect(configuration).toMatchObject({
      file,
      sharedLifetime: { value: 'shortest', source: at(2) },
      grace: { value: 60, source: at(3) },
      exclude: [
        { value: '/srv/legacy', source: at(5) },
        { value: fromBytes(Buffer.from('/srv/bücher')), source: at(6) },
      ],
      discover: {
        ini: true,
        runPhp: false,
        fpm: true,
        apache: false,
        userFiles: true,
        processes: true,
      },
      stores: [
        {
          savePath: { value: '/srv/app/sessions', source: at(12) },
          path: '/srv/app/sessions',
          depth: 0,
          profile: 'laravel',
          shape: { prefix: '', minLength: 40, maxLength: 40 },
          lifetime: { value: 7200, source: at(14) },
          grace: { value: 0, source: at(15) },
          source: at(11),
        },
        {
          savePath: { value: '2;0600;/srv/forum', source: at(17) },
          path: '/srv/forum',
          depth: 2,
          profile: 'php',
          shape: { prefix: 'sess_' },
          lifetime: { value: 'never', source: at(18) },
          grace: { value: 60, source: at(3) },
          source: at(16),
        },
      ],
    });
  });

  test('a shard, with its line', () => {
    expect(read('\nshard = "3/16"').shard).toEqual({
      value: { index: 3, count: 16 },
      source: at(2),
    });
  });

  test.each([
    ['1440', 1440],
    ['"1440"', 1440],
    ['"24m"', 1440],
    ['"1h30m"', 5400],
    ['"1d"', 86_400],
    ['"2w"', 1_209_600],
    ['"never"', 'never'],
  ])('a lifetime of %s', (written, lifetime) => {
    const [store] = read(`[[store]]\npath = "/s"\nlifetime = ${written}`).stores;
    expect(store?.lifetime?.value).toBe(lifetime);
  });

  test('a store without a lifetime leaves it to PHP', () => {
    expect(read('[[store]]\npath = "/s"').stores[0]?.lifetime).toBeNull();
  });

  test('a path with a ; is one directory to PHP too', () => {
    const [store] = read('[[store]]\npath = "/srv/a;b"').stores;
    expect(store).toMatchObject({ path: '/srv/a;b', savePath: { value: '0;0600;/srv/a;b' } });
  });

  test("CodeIgniter's files may begin with another cookie's name", () => {
    const [store] = read('[[store]]\npath = "/s"\nprofile = "codeigniter"\nprefix = "shop"').stores;
    expect(store?.shape).toMatchObject({ prefix: 'shop', minLength: 27, maxLength: 251 });
  });

  test('one directory may hold the sessions of two kinds of software', () => {
    const text = '[[store]]\npath = "/s"\n[[store]]\npath = "/s"\nprofile = "codeigniter"';
    expect(read(text).stores).toHaveLength(2);
  });
});

describe('what is refused', () => {
  test.each<[string, number, RegExp]>([
    ['grace = "0s"\nexclude = [', 2, /not valid TOML at column 11: unfinished array/],
    ['grace = 1\ngrace = 2', 2, /redefine/],
    ['grace "5m"', 1, /not valid TOML at column/],
    ['\n\nshared_lifetime = "average"', 3, /must be one of "longest", "shortest", not 'average'/],
    ['shared_lifetime = 1', 1, /'shared_lifetime' must be one of/],
    ['\ngrace = "soon"', 2, /'grace': 'soon' is not a duration; write whole numbers/],
    ['\ngrace = true', 2, /'grace' must be a duration, .* not true/],
    ['shard = 3', 1, /'shard' must be text, as "0\/16"/],
    ['shard = "3"', 1, /'shard': '3' is not of the form I\/N; write two whole numbers/],
    ['shard = "3/3"', 1, /'shard': '3\/3' names a shard that does not exist/],
    ['shard = "0/0"', 1, /'shard': '0\/0' has 0 shards/],
    ['grace = 1.5', 1, /'grace': 1.5 is not a duration/],
    ['grace = -1', 1, /at least 0 seconds/],
    ['grace = 1979-05-27', 1, /not a date/],
    ['grace = "never"', 1, /not a duration/],
    ['exclude = "/srv"', 1, /'exclude' must be a list.*not '\/srv'/],
    ['exclude = [\n"/a",\n"b"]', 3, /'exclude' must be an absolute path.* not 'b'/],
    ['exclude = ["/a\\u0000"]', 1, /'exclude': '\/a\\x00' contains a NUL byte/],
    ['exclude = [1]', 1, /must be a path in quotes, not 1/],
    ['discover = false', 1, /must be a table: \[discover\], not false/],
    ['[discover]\nfpm = "yes"', 2, /'fpm' must be true or false, not 'yes'/],
    ['\n[store]\npath = "/s"', 2, /write \[\[store\]\], with two brackets/],
    ['store = [1]', 1, /'store' must be a table, not 1/],
    ['\n[[store]]\nlifetime = 1', 2, /names no directory; give it 'path' or 'save_path'/],
    ['[[store]]\npath = "/a"\nsave_path = "/a"', 3, /two ways to say the same/],
    ['[[store]]\npath = "a"', 2, /'path' must be an absolute path/],
    ['[[store]]\npath = ""', 2, /'path' must be an absolute path/],
    ['[[store]]\npath = "//./"', 2, /'path' must name a directory of sessions, not \//],
    ['[[store]]\nsave_path = "a"', 2, /'save_path' must name an absolute directory, not 'a'/],
    ['[[store]]\nsave_path = "2"', 2, /names no directory, only a number; .*2;\/path/],
    ['[[store]]\nsave_path = "x;/a"', 2, /the depth 'x' is not a number/],
    ['[[store]]\nsave_path = "/a\\u0000"', 2, /contains a NUL byte/],
    ['[[store]]\nsave_path = "2;/a"\nprofile = "laravel"', 2, /without levels/],
    ['[[store]]\npath = "/a"\nprofile = "drupal"', 3, /must be one of "php", "laravel"/],
    ['[[store]]\npath = "/a"\nprefix = "x"', 3, /goes only with profile = "codeigniter"/],
    ['[[store]]\npath = "/a"\nprofile = "codeigniter"\nprefix = ""', 4, /1 to 100 letters/],
    ['[[store]]\npath = "/a"\nprofile = "codeigniter"\nprefix = "../"', 4, /1 to 100 letters/],
    ['[[store]]\npath = "/a"\nlifetime = 0', 3, /'lifetime': 0 is not valid: .* at least 1 second/],
    ['[[store]]\npath = "/a"\nlifetime = false', 3, /"never", not false/],
    ['[[store]]\npath = "/a"\nlifetime = "99999999999999w"', 3, /is too long/],
    ['[[store]]\npath = "/a"\n[[store]]\npath = "/a/"', 4, /\[\[store\]\] already, in line 1/],
    ['exclude = ["/srv"]\n[[store]]\npath = "/srv/./app"', 3, /is excluded in line 1/],
  ])('%j, in line %d', (text, line, reason) => {
    const { message, code, cause } = refusal(text);
    expect(message).toMatch(reason);
    expect(message.startsWith(`${file}:${line}: `)).toBe(true);
    expect(code).toBe('ERR_INVALID_CONFIGURATION');
    expect(cause).toBeUndefined();
  });

  test.each<[string, number, string]>([
    ['\nexlude = []', 2, "unknown key 'exlude'; did you mean 'exclude'?"],
    ['sharedLifetime = "longest"', 1, "did you mean 'shared_lifetime'?"],
    ['shared-lifetime = "longest"', 1, "did you mean 'shared_lifetime'?"],
    ['stores = []', 1, "did you mean 'store'?"],
    ['[discover]\nrunphp = true', 2, "unknown key 'runphp' in [discover]; did you mean 'run_php'?"],
    ['discover = { apahce = true }', 1, "did you mean 'apache'?"],
    ['[[store]]\nptah = "/s"', 2, "unknown key 'ptah' in [[store]]; did you mean 'path'?"],
    ['[[store]]\npath = "/s"\nliftime = 1', 3, "did you mean 'lifetime'?"],
    ['[[store]]\npath = "/s"\nexclude = []', 3, 'belongs at the top, before the first [table]'],
    ['fpm = true', 1, 'it belongs in [discover]'],
    ['save_path = "/s"', 1, 'it belongs in [[store]]'],
    ['unrelated = 1', 1, 'known are shared_lifetime, grace, shard, exclude, discover, store'],
    ['__proto__ = 1', 1, "unknown key '__proto__'"],
    ['constructor = 1', 1, "unknown key 'constructor'"],
    ['"\\u202Eevil" = 1', 1, "unknown key '\\xe2\\x80\\xaeevil'"],
  ])('an unknown key: %j', (text, line, reason) => {
    const { message } = refusal(text);
    expect(message).toContain(reason);
    expect(message.startsWith(`${file}:${line}: `)).toBe(true);
  });

  test('all problems are told at once, in the order of the file', () => {
    const { message, cause, remedy } = refusal(`[[store]]
path = "relative"
lifetme = 1
[[store]]
[[store]]
path = "/ok"
profile = "x"
[discover]
all = true
`);
    const lines = (cause as AggregateError).errors.map((error: Error) => error.message);
    expect(lines).toEqual([
      expect.stringContaining(`${file}:2: 'path' must be an absolute path`),
      expect.stringContaining(`${file}:3: unknown key 'lifetme'`),
      expect.stringContaining(`${file}:4: [[store]] names no directory`),
      expect.stringContaining(`${file}:7: 'profile' must be one of`),
      expect.stringContaining(`${file}:9: unknown key 'all'`),
    ]);
    expect(message).toBe(lines.join('; '));
    expect(remedy).toBe('correct these lines');
  });

  test('what is not UTF-8, in the line where it is not', () => {
    const text = fromBytes(Buffer.concat([Buffer.from('grace = 1\n# '), Buffer.of(0xff)]));
    expect(() => parseConfiguration(text, file)).toThrow(`${file}:2: this is not UTF-8 text`);
  });

  test('tables without end do not exhaust anything', () => {
    expect(refusal(`grace = ${'['.repeat(100_000)}`).message).toMatch(/excessively nested/);
  });

  test('a message stays one short line, whatever the value is', () => {
    const { message } = refusal(`shared_lifetime = "${'a\\n'.repeat(10_000)}"`);
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(300);
  });
});

test('any text is obeyed as a whole, or refused with lines that it has', () => {
  const text = anyTextOf(
    [
      ...[
        '[[store]]\n',
        '[discover]\n',
        '[',
        ']',
        '\n',
        '\n',
        '\n',
        '=',
        '"',
        "'",
        '"""',
        '{',
        '}',
      ],
      ...['path = "/srv/x"\n', 'path = "2;/srv/y"\n', 'lifetime = "24m"\n', 'lifetime = 1440\n'],
      ...[
        'grace = "1m"\n',
        'grace = ',
        'exclude = ["/a", "b"]\n',
        'exclude = [\n',
        '"/srv"',
        ',',
        '1',
      ],
      ...['ini = false\n', 'fpm = 3\n', 'profile = "laravel"\n', 'shared_lifetime = "shortest"\n'],
      ...['__proto__ = 1\n', 'constructor.prototype = 2\n', '\\u0000', '\xff', 'nan', '1e999', '#'],
    ],
    25,
  );
  let obeyed = 0;
  fc.assert(
    fc.property(text, (bytes) => {
      try {
        parseConfiguration(bytes, file);
        obeyed += 1;
      } catch (error) {
        if (!(error instanceof SescleError)) throw error;
        expect(error.code).toBe('ERR_INVALID_CONFIGURATION');
        expect(error.message).not.toMatch(/\p{Cc}/u);
        const lines = [
          ...error.message.matchAll(/(?:^|; )\/etc\/sescle\/sescle\.toml:([0-9]+): /g),
        ];
        expect(lines.length, error.message).toBeGreaterThan(0);
        for (const [, line] of lines) {
          expect(Number(line)).toBeGreaterThanOrEqual(1);
          expect(Number(line)).toBeLessThanOrEqual(lineCount(bytes));
        }
      }
    }),
    { numRuns: fuzzRuns(1_000) },
  );
  expect(obeyed).toBeGreaterThan(10);
});
