/** The manual pages: complete, in form, and right in what can be checked. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { completedCommands } from '../../lib/cli/completions.js';
import { Console } from '../../lib/cli/console.js';
import { buildProgram } from '../../lib/cli/program.js';
import { parseConfiguration } from '../../lib/stores/config/parse.js';
import { knownKeys, tableHeading } from '../../lib/stores/config/schema.js';
import { withOptionList } from '../../man/option-list.js';
import { requireTool } from '../support/require-tool.js';

const man = fileURLToPath(new URL('../../man/', import.meta.url));
const sescle = readFileSync(`${man}sescle.1`, 'utf8');
const toml = readFileSync(`${man}sescle.toml.5`, 'utf8');
const commands = completedCommands(buildProgram(new Console(), () => {}));

describe.each(['sescle.1', 'sescle.toml.5'])('%s', (page) => {
  test.skipIf(!requireTool('mandoc'))('is in the form that mandoc wants', () => {
    const { status, stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning', man + page], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('sescle(1)', () => {
  test('lists the options of the tables (else: npm run documents)', async () => {
    await expect(withOptionList(sescle, commands)).toMatchFileSnapshot(`${man}sescle.1`);
  });

  test('tells of every command', () => {
    for (const { name } of commands.slice(1)) {
      expect(sescle).toContain(`\n.Cm ${name}\n`);
      expect(sescle).toContain(`\n.It Cm ${name}\n`);
    }
  });

  test.skipIf(!requireTool('mandoc'))('reads as it was meant', () => {
    const text = formatted(withOptionList(sescle, commands));
    for (const { options } of commands) {
      for (const { short, long, valueName, help, detail } of options) {
        const value = valueName === null ? '' : ` ${valueName}`;
        const flags = short === undefined ? long + value : `${short}${value}, ${long}${value}`;
        expect(text).toContain(flags);
        expect(text).toContain(help.slice(1));
        expect(text).toContain((detail ?? '').slice(1));
      }
    }
  });
});

describe('sescle.toml(5)', () => {
  const sections = new Map([
    ['', 'KEYS AT THE TOP'],
    ['[discover]', 'DISCOVERY'],
    ['[[store]]', 'STORES'],
    [tableHeading, 'SESSION TABLES'],
  ]);

  test.each([...knownKeys])('documents the keys of %j, and no others', (table, keys) => {
    expect(documentedKeys(table).map(({ key }) => key)).toEqual([...keys]);
  });

  test('every key has a type, a default where there is one, and an example with it', () => {
    for (const table of knownKeys.keys()) {
      for (const { key, text } of documentedKeys(table)) {
        expect(text).toMatch(/^\.Pq (?:text|duration|boolean|list|table|array|absolute path)/);
        expect(examplesIn(text).join()).toContain(key);
      }
    }
  });

  test('what is shown can be written, and a default makes no difference', () => {
    for (const example of examplesIn(toml)) {
      expect(() => parseConfiguration(example, 'example')).not.toThrow();
    }
    for (const table of ['', '[discover]']) {
      for (const { key, text } of documentedKeys(table)) {
        const value = /default Li (.*)/.exec(text)?.[1]?.replaceAll('\\(dq', '"');
        if (value === undefined) continue;
        expect(plain(`${table}\n${key} = ${value}\n`)).toEqual(plain(''));
      }
    }
  });

  function plain(text: string) {
    const { grace, sharedLifetime, exclude, discover } = parseConfiguration(text, 'example');
    return { grace: grace.value, sharedLifetime: sharedLifetime.value, exclude, discover };
  }

  function documentedKeys(table: string): { key: string; text: string }[] {
    const section = toml.split('\n.Sh ').find((one) => one.startsWith(`${sections.get(table)}\n`));
    return (section ?? '')
      .split('\n.It Ic ')
      .slice(1)
      .map((item) => {
        const [key = '', ...text] = item.split('\n');
        return { key, text: text.join('\n') };
      });
  }
});

function examplesIn(text: string): string[] {
  return Array.from(text.matchAll(/^\.Bd -literal\n(.*?)^\.Ed/gms), ([, example = '']) => example);
}

/** As plain text, in one line; bold is a letter, a backspace and the letter again. */
function formatted(page: string): string {
  const text = execFileSync('mandoc', ['-Tascii', '-Owidth=500'], {
    encoding: 'utf8',
    input: page,
  });
  return text.replaceAll(/.[\b]/g, '').replaceAll(/\s+/g, ' ');
}
