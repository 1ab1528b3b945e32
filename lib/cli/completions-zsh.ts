/** The completion for zsh, by its _arguments. */
import {
  type CompletedCommand,
  type CompletedOption,
  notice,
  quoted,
  shortHelp,
  type ValueKind,
} from './completions.js';

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const [monitor, ...named] = commands;
  return `#compdef sescle
${notice}

_sescle() {
  local curcontext=$curcontext state
  local -a line commands
  local -A opt_args
  commands=(
${named.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('')}  )
  if (( CURRENT > 2 )); then
    case $words[2] in
${named.map(caseOf).join('')}    esac
  fi
  _arguments -s -S \\
${optionLines(monitor?.options ?? [], '    ')}    '1: :->command'
  [[ $state != command ]] || _describe -t commands 'command' commands
}

_sescle "$@"
`;
}

function caseOf({ name, options, argumentKind, argumentName }: CompletedCommand): string {
  const rest =
    argumentKind === null
      ? ''
      : `          ${quoted(`*:${argumentName}:${action(argumentKind)}`)} \\\n`;
  return `      ${name})
        shift words
        (( CURRENT-- ))
        _arguments -s -S \\
${optionLines(options, '          ')}${rest}          && return
        return 1
        ;;
`;
}

function optionLines(options: readonly CompletedOption[], indentation: string): string {
  return options.map((option) => `${indentation}${specification(option)} \\\n`).join('');
}

/** As `'(-l --max-lifetime)'{-l+,--max-lifetime=}'[how long]:DURATION: '`. */
function specification({ short, long, valueName, valueKind, repeats, help }: CompletedOption) {
  const forms =
    valueName === null
      ? [short, long]
      : [short === undefined ? undefined : `${short}+`, `${long}=`];
  const written = forms.filter((form) => form !== undefined);
  const names = [short, long].filter((name) => name !== undefined);
  const value = valueName === null ? '' : `:${valueName}:${action(valueKind)}`;
  const told = quoted(`[${shortHelp(help).replaceAll(/[[\]:]/g, ' ')}]${value}`);
  const before = repeats ? "'*'" : quoted(`(${names.join(' ')})`);
  return `${before}${written.length > 1 ? `{${written.join(',')}}` : written.join('')}${told}`;
}

function action(kind: ValueKind): string {
  if (kind === 'unknown') return ' ';
  if (kind === 'file') return '_files';
  if (kind === 'directory') return '_files -/';
  return `(${kind.join(' ')})`;
}
