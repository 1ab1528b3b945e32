/**
 * The completion for bash, which does without the package bash-completion.
 *
 * Invariant: paths are left to readline, which alone quotes them right.
 */
import {
  type CompletedCommand,
  type CompletedOption,
  flagsOf,
  notice,
  type ValueKind,
} from './completions.js';

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).filter((name) => name !== '');
  return `# bash completion for sescle                                    -*- shell-script -*-
${notice}

_sescle() {
  local word=\${COMP_WORDS[COMP_CWORD]} before='' command='' options='' arguments=''
  ((COMP_CWORD == 0)) || before=\${COMP_WORDS[COMP_CWORD - 1]}
  # --option=value comes as three words.
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]] && ((COMP_CWORD > 2)); then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  ((COMP_CWORD < 2)) || command=\${COMP_WORDS[1]}
  case $command in
${commands
  .filter(({ name }) => name !== '')
  .map((command) => `    ${command.name})\n${caseOf(command)}      ;;\n`)
  .join('')}    *)
${commands
  .filter(({ name }) => name === '')
  .map(caseOf)
  .join('')}      ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${names.join(' ')}' -- "$word")
  elif [[ $arguments == directory ]]; then
    compopt -o dirnames
  elif [[ $arguments == file ]]; then
    compopt -o default
  elif [[ -n $arguments ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$arguments" -- "$word")
  fi
}

complete -F _sescle sescle
`;
}

/** Completes the value of an option; else tells what may follow. */
function caseOf({ options, argumentKind }: CompletedCommand): string {
  const cases = options
    .filter(({ valueName }) => valueName !== null)
    .map((option) => `        ${pattern(option)}) ${actionOf(option.valueKind)}return ;;\n`);
  return `      case $before in
${cases.join('')}      esac
      options='${flagsOf(options).join(' ')}'
${argumentsLine(argumentKind)}`;
}

function argumentsLine(kind: ValueKind | null): string {
  if (kind === null) return '';
  return `      arguments=${typeof kind === 'string' ? kind : `'${kind.join(' ')}'`}\n`;
}

function pattern({ short, long }: CompletedOption): string {
  return short === undefined ? long : `${short} | ${long}`;
}

function actionOf(kind: ValueKind): string {
  if (kind === 'unknown') return '';
  if (kind === 'file') return 'compopt -o default; ';
  if (kind === 'directory') return 'compopt -o dirnames; ';
  return `mapfile -t COMPREPLY < <(compgen -W '${kind.join(' ')}' -- "$word"); `;
}
