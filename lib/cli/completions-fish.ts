/** The completion for fish. */
import {
  type CompletedCommand,
  type CompletedOption,
  notice,
  quoted,
  shortHelp,
  type ValueKind,
} from './completions.js';

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const named = commands.filter(({ name }) => name !== '');
  const lines = named.map(
    ({ name, summary }) =>
      `complete -c sescle -n __sescle_is_first -a ${name} -d ${quoted(summary)}`,
  );
  for (const { name, options, argumentKind } of commands) {
    const condition =
      name === ''
        ? `not __sescle_in ${named.map((one) => one.name).join(' ')}`
        : `__sescle_in ${name}`;
    lines.push('');
    for (const option of options) lines.push(optionLine(option, condition));
    if (argumentKind !== null) {
      lines.push(`complete -c sescle -n '${condition}'${action(argumentKind)}`);
    }
  }
  return `# fish completion for sescle
${notice}

function __sescle_is_first
    test (count (commandline -opc)) -eq 1
end

# Whether the command is one of these.
function __sescle_in
    contains -- (commandline -opc)[2] $argv
end

complete -c sescle -f
${lines.join('\n')}
`;
}

function optionLine(option: CompletedOption, condition: string): string {
  const { short, long, valueName, valueKind, help } = option;
  const forms = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
  const value = valueName === null ? '' : ` -r${action(valueKind)}`;
  return `complete -c sescle -n '${condition}'${forms}${value} -d ${quoted(shortHelp(help))}`;
}

function action(kind: ValueKind): string {
  if (kind === 'unknown') return ' -f';
  if (kind === 'file') return ' -F';
  if (kind === 'directory') return " -f -a '(__fish_complete_directories)'";
  return ` -f -a '${kind.join(' ')}'`;
}
