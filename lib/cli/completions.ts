/**
 * The command line as shells and the manual are told of it: read off the parser itself, so that an
 * option which is in a table is completed and documented without another word.
 *
 * Invariant: what is completed is accepted. Only what a value is (a file, a directory, one of some
 * words) is told apart here, by the name that the help gives it.
 */
import { type Command, Help, type Option } from 'commander';
import { TableOption } from './option-rows.js';
import { shells } from './shells.js';

/** What may stand for a value: a path, one of some words, or what cannot be foreseen. */
export type ValueKind = 'file' | 'directory' | 'unknown' | readonly string[];

export interface CompletedOption {
  /** `-l`, where there is a short form. */
  readonly short: string | undefined;
  /** `--max-lifetime`. */
  readonly long: string;
  /** As `DURATION`; null for a switch. */
  readonly valueName: string | null;
  readonly valueKind: ValueKind;
  /** Whether it may be given several times, or with several values. */
  readonly repeats: boolean;
  /** As in the help, the default included. */
  readonly help: string;
  /** What the manual says besides. */
  readonly detail: string | undefined;
}

export interface CompletedCommand {
  /** Empty: sescle without a command. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are; null where it takes none. */
  readonly argumentKind: ValueKind | null;
  /** As `SAVE_PATH`; null where it takes none. */
  readonly argumentName: string | null;
}

/** By the name of a value in the help. What is not here is not completed. */
const kinds: Readonly<Record<string, ValueKind>> = {
  DIR: 'directory',
  FILE: 'file',
  PATH: 'file',
  SAVE_PATH: 'directory',
  SHELL: shells,
  WHEN: ['auto', 'always', 'never'],
};

/** sescle without a command first, then every command that the help lists. */
export function completedCommands(program: Command): CompletedCommand[] {
  const visible = program.createHelp().visibleCommands(program);
  return [
    completed(program, ''),
    // The parser's own `help` knows no options.
    ...visible
      .filter((command) => command.name() !== 'help')
      .map((command) => completed(command, command.name())),
  ];
}

function completed(command: Command, name: string): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    name,
    summary: command.summary(),
    // Not the command's own help, which leaves out what `sescle help options` shows.
    options: new Help().visibleOptions(command).map(completedOption),
    argumentKind: argument === undefined ? null : kindOf(argument.name()),
    argumentName: argument?.name() ?? null,
  };
}

function completedOption(option: Option): CompletedOption {
  const valueName = /[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? null;
  return {
    short: option.short,
    long: option.long ?? '',
    valueName,
    valueKind: valueName === null ? 'unknown' : kindOf(valueName),
    repeats: option.variadic || option.long === '--verbose',
    help: option.description + defaultOf(option),
    detail: option instanceof TableOption ? option.detail : undefined,
  };
}

/** As the help has it: of a switch there is none worth telling. */
function defaultOf({ required, defaultValueDescription: preset }: Option): string {
  return required && preset !== undefined ? ` (default: ${preset})` : '';
}

function kindOf(valueName: string): ValueKind {
  return kinds[valueName] ?? 'unknown';
}

/** The first words of an option's help, for lists in which it has one line. */
export function shortHelp(help: string): string {
  return /^.*?(?=: | \(|, |; |$)/.exec(help)?.[0] ?? help;
}

/** Every way to write one of the options, as `-l --max-lifetime`. */
export function flagsOf(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
}

/** Quotes for every of the three shells, where they agree: what is quoted has no ' and no \. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '’')}'`;
}

export const notice = `# Made from the tables of options by \`npm run documents\`: changes belong there, or in
# lib/cli/completions*.ts.`;
