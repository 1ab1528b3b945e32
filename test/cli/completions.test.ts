/** The committed completions, in the shells that they are for. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const completions = fileURLToPath(new URL('../../completions/', import.meta.url));

function run(command: string, args: readonly string[], cwd = '/'): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** A directory with one directory and one file. */
function smallTree(): string {
  const directory = tempDir();
  mkdirSync(join(directory, 'sessions of a'));
  writeFileSync(join(directory, 'sessions.ini'), '');
  return directory;
}

describe('bash', () => {
  /** What the function answers to these words, of which the last is incomplete. */
  function complete(...words: string[]): string[] {
    const script = `set -eu
      source "$0"
      compopt() { printf 'compopt %s\\n' "$*"; }
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _sescle
      ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = run('bash', ['-c', script, `${completions}sescle.bash`, ...words]);
    return out.split('\n').filter((line) => line !== '');
  }

  test.each([
    [
      ['sescle', 's'],
      ['sweep', 'stores', 'stats'],
    ],
    [
      ['sescle', 'sweep', '--m'],
      ['--max-lifetime', '--max-rate'],
    ],
    [
      ['sescle', 'sweep', '-n', '--progress', 'a'],
      ['auto', 'always'],
    ],
    [
      ['sescle', 'sweep', '--progress', '=', ''],
      ['auto', 'always', 'never'],
    ],
    [['sescle', 'sweep', '--progress', '=', 'ne'], ['never']],
    [
      ['sescle', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['sescle', 'sweep', '-c', ''], ['compopt -o default']],
    [['sescle', 'sweep', '-n', '/var'], ['compopt -o dirnames']],
    [['sescle', 'stores', '--root', '/m'], ['compopt -o dirnames']],
    [['sescle', 'stores', '--max'], []],
    [['sescle', 'stores', '-v', ''], []],
    [['sescle', 'sweep', '--threads', ''], []],
    [['sescle', '-p', ''], ['compopt -o default']],
  ])('%j is answered with %j', (words, answer) => {
    expect(complete(...words)).toEqual(answer);
  });

  test.skipIf(!requireTool('script'))('a path is completed and quoted at a prompt', () => {
    const directory = smallTree();
    const keys = join(directory, 'keys');
    // The function shows what the words have become.
    writeFileSync(keys, `sescle() { printf '<%s>' "$@"; }\nsescle sweep --root se\t\nexit\n`);
    const shell = `script -qec 'bash --rcfile ${completions}sescle.bash -i' /dev/null <${keys}`;
    expect(run('bash', ['-c', shell], directory)).toContain('<sweep><--root><sessions of a/>');
  });
});

describe.skipIf(!requireTool('fish'))('fish', () => {
  function complete(line: string, cwd?: string): string[] {
    const script = `source ${completions}sescle.fish; complete -C ${JSON.stringify(line)}`;
    const out = run('fish', ['--no-config', '-c', script], cwd);
    return out.split('\n').flatMap((one) => (one === '' ? [] : [one.replace(/\t.*/, '')]));
  }

  test('takes it for its own language', () => {
    expect(run('fish', ['-n', `${completions}sescle.fish`])).toBe('');
  });

  test.each([
    ['sescle s', ['stats', 'stores', 'sweep']],
    ['sescle sweep --m', ['--max-lifetime', '--max-rate']],
    ['sescle sweep --progress a', ['always', 'auto']],
    ['sescle stores --max', []],
    ['sescle stores --root se', ['sessions of a/']],
    ['sescle stores -c se', ['sessions of a/', 'sessions.ini']],
    ['sescle sweep -n se', ['sessions of a/']],
    ['sescle stores ', []],
    ['sescle --p', ['--php']],
  ])('%j is answered with %j', (line, answer) => {
    expect(
      complete(line, smallTree())
        .map((word) => word.replaceAll('\\ ', ' '))
        .sort(),
    ).toEqual(answer);
  });
});

describe.skipIf(!requireTool('zsh'))('zsh', () => {
  test('takes it for its own language', () => {
    expect(run('zsh', ['-n', `${completions}_sescle`])).toBe('');
  });

  /** What the line has become after a tabulator, in a zsh on a terminal of its own. */
  function complete(line: string, cwd: string): string {
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      tell() { zpty -w shell "$1" }
      tell 'PS1= PS2=; fpath=(${completions} $fpath); autoload -Uz compinit; compinit -D -u'
      tell 'report() { print -rn -- "LINE<$BUFFER>" > result; exit }; zle -N report; bindkey "^X" report'
      tell 'print -r READY-$((1+1))'
      zpty -m -r shell text '*READY-2*'
      zpty -w -n shell $'${line}\\t\\C-x'
      while zpty -r shell text; do :; done
      cat result`;
    return run('zsh', ['-f', '-c', script], cwd);
  }

  test.each([
    ['sescle sw', 'LINE<sescle sweep >'],
    ['sescle sweep --max-l', 'LINE<sescle sweep --max-lifetime=>'],
    ['sescle sweep --progress=al', 'LINE<sescle sweep --progress=always >'],
    ['sescle sweep -n se', 'LINE<sescle sweep -n sessions\\ of\\ a/>'],
    ['sescle stores -c sessions.', 'LINE<sescle stores -c sessions.ini >'],
  ])('%j becomes %j', (line, answer) => {
    expect(complete(line, smallTree())).toBe(answer);
  });
});

describe('sescle completion', () => {
  test.each([
    ['bash', 'sescle.bash'],
    ['zsh', '_sescle'],
    ['fish', 'sescle.fish'],
  ])('%s: the text that is installed', async (shell, file) => {
    const { status, stdout, stderr } = await runCli(['completion', shell]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.toString()).toBe(readFileSync(`${completions}${file}`, 'utf8'));
  });

  test.each([[['completion', 'tcsh']], [['completion']], [['completion', 'bash', 'zsh']]])(
    'anything else is a usage error: %j',
    async (args) => {
      const { status, text, stderr } = await runCli(args);
      expect([status, text]).toEqual([2, '']);
      expect(stderr).toMatch(/^sescle: [^\n]*; [^\n]*\n$/);
    },
  );
});
