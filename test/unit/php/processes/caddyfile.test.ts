import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { caddyfileSettings } from '../../../../lib/php/processes/caddyfile.js';
import type { PhpProcess } from '../../../../lib/php/processes/process.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

const usual = '/etc/frankenphp/Caddyfile';
let root: string;
beforeEach(() => {
  root = tempDir();
});

const franken = (
  words: readonly string[] = ['run', '--config', usual],
  changes: Partial<PhpProcess> = {},
): PhpProcess => ({
  pid: 7,
  startTicks: 1,
  sapi: 'frankenphp',
  label: 'frankenphp',
  exe: '/usr/bin/frankenphp',
  version: null,
  uid: 0,
  setBy: 0,
  master: null,
  arguments: ['frankenphp', ...words],
  environment: new Map(),
  title: null,
  workingDirectory: '/app',
  root: '/',
  unit: null,
  ...changes,
});

/** Values and lines, by name, and how many warnings that hide the process's word. */
function read(process = franken()) {
  const { settings, warnings } = caddyfileSettings(new FileTree(root), process);
  for (const { hides } of warnings) expect(hides).toBe(process.setBy);
  const found = [...settings].map(([name, { value, source, setBy }]) => {
    expect(setBy).toBe(process.setBy);
    return [name.replace('session.', ''), value, source.kind === 'file' ? source.line : 0];
  });
  return { found, warnings: warnings.map(({ message }) => message) };
}

const options = (text: string) =>
  `{\n\tfrankenphp {\n${text}\n\t}\n}\nexample.org {\n\tphp_server\n}\n`;

describe('a Caddyfile of FrankenPHP', () => {
  it('sets what php_ini says in its options, in lines and in blocks', () => {
    writeTree(
      {
        [usual]: `# the options
{
	skip_install_trust
	servers {
		php_ini session.gc_maxlifetime 1
	}
	frankenphp { # {
		worker {
			file "a b"
		}
		php_ini session.gc_maxlifetime 9000
		php_ini {
			memory_limit 1G
			session.save_path "/srv/a \\"b\\""
			session.save_handler \\
				files
			sys_temp_dir \`/srv/\\\`
		}
	}
}
example.org {
	php_ini session.gc_maxlifetime 2
	import sites/*
	root {env.ROOT}
}
`,
      },
      root,
    );
    expect(read()).toEqual({
      found: [
        ['gc_maxlifetime', '9000', 11],
        ['save_path', '/srv/a "b"', 14],
        ['save_handler', 'files', 15],
        ['sys_temp_dir', '/srv/\\', 17],
      ],
      warnings: [],
    });
  });

  it('has no options where it begins with a site', () => {
    writeTree(
      { [usual]: `example.org {\n}\n${options('php_ini session.gc_maxlifetime 3')}` },
      root,
    );
    expect(read()).toEqual({ found: [], warnings: [] });
    writeTree(
      { [usual]: `(name) {\n\tlog\n}\n${options('php_ini session.gc_maxlifetime 3')}` },
      root,
    );
    expect(read().found).toEqual([['gc_maxlifetime', '3', 6]]);
  });

  it('has the variables of the process in it', () => {
    writeTree(
      { [usual]: options('{$FRANKENPHP_CONFIG}\nphp_ini session.gc_maxlifetime {$LIFE:60}') },
      root,
    );
    expect(read().found).toEqual([['gc_maxlifetime', '60', 4]]);
    const environment = new Map([
      ['LIFE', '70'],
      ['FRANKENPHP_CONFIG', 'php_ini session.save_path /srv'],
    ]);
    expect(read(franken(undefined, { environment })).found).toEqual([
      ['save_path', '/srv', 3],
      ['gc_maxlifetime', '70', 4],
    ]);
    expect(read(franken(undefined, { environment: null })).warnings.join()).toMatch(
      /its environment is unknown/,
    );
  });

  it('is at most the word of the process, and of who could have written it', () => {
    writeTree(
      { [usual]: `{\nfrankenphp {\nphp_ini session.gc_maxlifetime 1\n}\n}\nimport sites/*\n` },
      root,
    );
    // What follows the options, an import among it, can bring no others.
    expect(read(franken(undefined, { setBy: 1000 }))).toEqual({
      found: [['gc_maxlifetime', '1', 3]],
      warnings: [],
    });
    chmodSync(join(root, usual), 0o666);
    const { settings } = caddyfileSettings(new FileTree(root), franken());
    expect(settings.get('session.gc_maxlifetime')?.setBy).toBeNull();
  });

  it('that is not understood hides the word of the process, with the line', () => {
    for (const [text, reason] of [
      [options('import php.caddy'), /an import/],
      [options('php_ini {\nimport php.caddy\n}'), /an import/],
      [`{\n\timport options\n}\n`, /an import/],
      [`import first\n{\n}\n`, /an import/],
      [options('php_ini session.gc_maxlifetime {env.LIFE}'), /a placeholder/],
      [options('php_ini session.gc_maxlifetime'), /a php_ini is not understood/],
      [options('php_ini { session.gc_maxlifetime 1 }'), /a brace/],
      [options('php_ini session.save_path <<END\n/srv\nEND'), /a heredoc/],
      [options('php_ini session.save_path "/srv\n/x"'), /a quote/],
      [options('php_ini session.save_path "/srv'), /a lone/],
    ] as const) {
      writeTree({ [usual]: text }, root);
      const { found, warnings } = read(franken(undefined, { setBy: 1000, uid: 1000 }));
      expect(found, text).toEqual([]);
      expect(warnings.join(), text).toMatch(reason);
    }
  });

  it('may be as hostile as it likes', () => {
    const size = 1_000_000;
    const environment = new Map([['A', 'x'.repeat(100_000)]]);
    for (const line of ['{$', '"', '`', '\\', '{', '"a', '\\\n', '{$A}', '#', '<<', '\\"']) {
      const text = `{\nfrankenphp {\nphp_ini a ${line.repeat(size / line.length - 10)}`;
      writeTree({ [usual]: text }, root);
      const { found } = read(franken(undefined, { environment }));
      expect(found, line).toEqual([]);
    }
    writeTree(
      { [usual]: options(`php_ini session.save_path "${'\\"'.repeat(size / 2 - 100)}"`) },
      root,
    );
    expect(read().found[0]?.[1]).toHaveLength(size / 2 - 100);
  });

  it('is the one that the process was started with', () => {
    writeTree(
      {
        [usual]: options('php_ini session.gc_maxlifetime 1'),
        '/app/Caddyfile': options('php_ini session.gc_maxlifetime 2'),
      },
      root,
    );
    const value = (...words: string[]) => read(franken(words)).found[0]?.[1];
    expect(value('run')).toBe('2');
    expect(value('run', '-w', '--config=../app/../etc/frankenphp/Caddyfile')).toBe('1');
    expect(value('run', '-c', usual, '--adapter', 'caddyfile')).toBe('1');
    expect(value('php-server', '--root', '/x')).toBeUndefined();
    expect(read(franken(['php-cli', 'x.php']))).toEqual({ found: [], warnings: [] });
    writeTree({ '/elsewhere/x': '' }, root);
    const without = franken(['run'], { workingDirectory: '/elsewhere' });
    expect(read(without)).toEqual({ found: [], warnings: [] });
  });

  it('is not known where something else may have been read', () => {
    for (const [process, reason] of [
      [franken(['run', '--resume']), /its option/],
      [franken(['run', '--envfile', 'x']), /its option/],
      [franken(['run', '--adapter', 'yaml']), /the adapter/],
      [franken(['run', '-c', '-']), /its input/],
      [franken(['run', '-c', 'x.json']), /no Caddyfile/],
      [franken(['run', '-c', '/missing']), /cannot be read/],
      [franken(['run'], { workingDirectory: null }), /working directory/],
      [franken([], { arguments: null }), /its arguments/],
    ] as const) {
      expect(read(process).found).toEqual([]);
      expect(read(process).warnings.join()).toMatch(reason);
    }
  });
});
