/**
 * The manual's list of options, in mdoc(7), from the tables that the parser and the help come from.
 *
 * Invariant: what stands between the marks is made here, every other line is by hand. An option whose
 * meaning differs from command to command has an entry for each meaning.
 */
import type { CompletedCommand, CompletedOption } from '../lib/cli/completions.js';

const begin = '.\\" BEGIN OPTIONS (made by npm run documents)\n';
const end = '.\\" END OPTIONS\n';

/** The page with its list of options made anew. */
export function withOptionList(page: string, commands: readonly CompletedCommand[]): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin.trim()} … ${end.trim()}`);
  return page.slice(0, from + begin.length) + optionList(commands) + page.slice(to);
}

interface Entry {
  readonly option: CompletedOption;
  readonly commands: string[];
}

function optionList(commands: readonly CompletedCommand[]): string {
  const entries = new Map<string, Entry>();
  for (const { name, options } of commands) {
    for (const option of options) {
      const { short, long, valueName, help, detail } = option;
      const key = `${short} ${long} ${valueName} ${help} ${detail}`;
      const entry = entries.get(key) ?? { option, commands: [] };
      entry.commands.push(name === '' ? 'sescle' : name);
      entries.set(key, entry);
    }
  }
  const sorted = [...entries.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const items = sorted.map((entry) => item(entry, entry.commands.length === commands.length));
  return `.Bl -tag -width Ds\n${items.join('')}.El\n`;
}

/** Letters in the order of the alphabet, the small one before the capital. */
function sortKey({ option: { short, long } }: Entry): string {
  const name = (short ?? long).replace(/^-+/, '');
  return `${name.toLowerCase()} ${name === name.toLowerCase() ? 0 : 1}`;
}

function item({ option, commands }: Entry, isEverywhere: boolean): string {
  const { short, long, valueName, help, detail } = option;
  const value = valueName === null ? '' : ` Ar ${valueName}`;
  const flags = [short, long].filter((flag) => flag !== undefined);
  const head = flags.map((flag) => `Fl ${escaped(flag.slice(1))}${value}`).join(' , ');
  const whose = isEverywhere ? '' : `.Pq ${commands.map((name) => `Cm ${name}`).join(' , ')}\n`;
  return `.It ${head}\n${whose}${paragraph(help)}${detail === undefined ? '' : paragraph(detail)}`;
}

/** A sentence of its own, whose lines are filled by the formatter. */
function paragraph(help: string): string {
  const sentence = /^sescle\b/.test(help) ? help : help.charAt(0).toUpperCase() + help.slice(1);
  return `${wrapped(escaped(`${sentence}.`))}\n`;
}

/** What would begin a request, be an escape, or be printed as a typographic character. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll(/(?<![A-Za-z0-9])-/g, '\\-')
    .replaceAll(/[^\0-~]/gu, (character) => `\\[u${hex(character)}]`);
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** Lines of at most 78 characters, none of which begins like a request. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 78) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => (line.startsWith('.') ? `\\&${line}` : line)).join('\n');
}
