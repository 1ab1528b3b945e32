/**
 * `sescle help options`: the options that several commands share, and the exit status.
 *
 * Invariant: an option is either here or in the help of its commands, never in both.
 */
import { Command, Help, type Option } from 'commander';
import { discoveryRows } from './discovery-options.js';
import { statuses } from './help-text.js';
import {
  help,
  maxRateRow,
  type OptionRow,
  optionsOf,
  shardRow,
  stateRow,
  TableOption,
  threadsRow,
  version,
} from './option-rows.js';

const shared: readonly OptionRow[] = [
  ...discoveryRows,
  maxRateRow,
  shardRow,
  threadsRow('for the sweep, or for each store of the monitor'),
  stateRow,
  help,
  version,
];

/** The word behind `sescle help` that asks for them. */
export const sharedTopic = 'options';

/** @param columns how wide the terminal is */
export function sharedOptionsHelp(columns: number): string {
  const page = new Command('sescle COMMAND')
    .helpOption(false)
    .description('Options that several commands share.')
    .configureOutput({ getOutHelpWidth: () => columns, getOutHasColors: () => false })
    .addHelpText('after', statuses);
  for (const option of optionsOf(shared)) {
    if (option.detail !== undefined) option.description += ` (${unbracketed(option.detail)})`;
    page.addOption(option);
  }
  let text = '';
  page.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  page.outputHelp();
  return text;
}

/** The options that the help of a command shows itself. */
export function ownOptions(command: Command): Option[] {
  // The monitor's stand in `sescle watch --help`.
  if (command.parent === null && command.commands.length > 0) return [];
  const hidden = [help, version].map(({ flags }) => flags);
  return new Help()
    .visibleOptions(command)
    .filter(
      (option) =>
        !(option instanceof TableOption && option.isShared) && !hidden.includes(option.flags),
    );
}

function unbracketed(text: string): string {
  return text.replace(' (', '; ').replace(')', '');
}
