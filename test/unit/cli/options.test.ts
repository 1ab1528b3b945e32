/** The table of options: what parses is what the help shows, and nonsense is refused. */
import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { stateDirectory } from '../../../lib/cli/option-rows.js';
import { type SweepFlags, sweepFlags, sweepOptions } from '../../../lib/cli/options.js';

function parse(...args: string[]): SweepFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of sweepOptions()) command.addOption(option);
  return sweepFlags(command.parse(args, { from: 'user' }).opts());
}

test('what is not given has its default', () => {
  expect(parse()).toEqual({
    dryRun: false,
    strict: false,
    json: false,
    print0: false,
    verbose: 0,
    quiet: false,
    nice: false,
    progress: 'auto',
  });
});

test('where discovery looks is told by the options of sescle stores', () => {
  expect(parse('-p', 'php', '-i', '/i', '-c', '/c', '--root', '/r')).toMatchObject({
    php: Buffer.from('php'),
    ini: Buffer.from('/i'),
    config: Buffer.from('/c'),
    root: Buffer.from('/r'),
  });
});

test('every option is understood, long and short', () => {
  expect(
    parse(
      '-l',
      '24m',
      '-n',
      '-vv',
      '--print0',
      '--progress',
      'never',
      '--max-rate',
      '5',
      '--threads',
      '64',
      '--nice',
      '--strict',
    ),
  ).toEqual({
    maxLifetime: 1440,
    dryRun: true,
    strict: true,
    json: false,
    print0: true,
    verbose: 2,
    quiet: false,
    progress: 'never',
    maxRate: 5,
    threads: 64,
    nice: true,
  });
  expect(parse('--max-lifetime=1d', '--dry-run', '--quiet', '--json')).toMatchObject({
    maxLifetime: 86_400,
    dryRun: true,
    quiet: true,
    json: true,
  });
  expect(parse('-v', '--verbose', '-vv').verbose).toBe(4);
});

describe('refused:', () => {
  test.each([
    [['-l', '0'], /-l '0'.*at least 1 second/],
    [['-vvvvv'], /more than 4 times/],
    [['--json', '--print0'], /--json and --print0/],
    [['-q', '-v'], /-q and -v/],
    [['--progress', 'maybe'], /--progress 'maybe'/],
    [['--max-rate', '0'], /--max-rate '0'/],
    [['--max-rate', '1.5'], /--max-rate '1.5'/],
    [['--max-rate', '-1'], /--max-rate '-1'/],
    [['--threads', '0'], /--threads '0'/],
    [['--threads', '65'], /--threads '65'/],
    [['--threads', '1e1'], /--threads '1e1'/],
    [['--threads', ''], /--threads ''/],
    [['-l'], /argument missing/],
    [['-p', ''], /-p ''/],
    [['--search', '/x'], /unknown option '--search'/],
    [['--stern'], /unknown option '--stern'/],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});

describe('what is known of the clock is kept', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test.each<[string, number, Record<string, string | undefined>, string]>([
    ['where systemd says', 0, { STATE_DIRECTORY: '/var/lib/private/x:/y' }, '/var/lib/private/x'],
    ['by root where systemd would', 0, { XDG_STATE_HOME: '/x' }, '/var/lib/sescle'],
    ['by a user where XDG says', 1000, { XDG_STATE_HOME: '/x' }, '/x/sescle'],
    ['by a user at home', 1000, { HOME: '/home/a' }, '/home/a/.local/state/sescle'],
    [
      'by a user at home where XDG says nothing sound',
      1000,
      { HOME: '/home/a', XDG_STATE_HOME: 'x' },
      '/home/a/.local/state/sescle',
    ],
  ])('%s', (_, uid, environment, expected) => {
    vi.spyOn(process, 'geteuid').mockReturnValue(uid);
    for (const name of ['STATE_DIRECTORY', 'XDG_STATE_HOME', 'HOME'])
      vi.stubEnv(name, environment[name]);
    expect(stateDirectory({ state: undefined })).toBe(expected);
    expect(stateDirectory({ state: Buffer.from('/own') })).toBe('/own');
  });
});
