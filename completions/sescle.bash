# bash completion for sescle                                    -*- shell-script -*-
# Made from the tables of options by `npm run documents`: changes belong there, or in
# lib/cli/completions*.ts.

_sescle() {
  local word=${COMP_WORDS[COMP_CWORD]} before='' command='' options='' arguments=''
  ((COMP_CWORD == 0)) || before=${COMP_WORDS[COMP_CWORD - 1]}
  # --option=value comes as three words.
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]] && ((COMP_CWORD > 2)); then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  ((COMP_CWORD < 2)) || command=${COMP_WORDS[1]}
  case $command in
    watch)
      case $before in
        -l | --max-lifetime) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
        --max-rate) return ;;
        --shard) return ;;
        --threads) return ;;
        --index-limit) return ;;
        --http) return ;;
        --textfile) compopt -o dirnames; return ;;
        --state) compopt -o dirnames; return ;;
      esac
      options='-l --max-lifetime -p --php -i --ini -c --config --root -n --dry-run --strict -v --verbose -q --quiet --max-rate --shard --threads --no-nice --index-limit --http --textfile --wait --state -V --version -h --help'
      arguments=directory
      ;;
    sweep)
      case $before in
        -l | --max-lifetime) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word"); return ;;
        --max-rate) return ;;
        --shard) return ;;
        --threads) return ;;
        --state) compopt -o dirnames; return ;;
      esac
      options='-l --max-lifetime -p --php -i --ini -c --config --root -n --dry-run --strict --json --print0 -v --verbose -q --quiet --progress --max-rate --shard --threads --nice --state -V --version -h --help'
      arguments=directory
      ;;
    stores)
      case $before in
        --search) compopt -o dirnames; return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
      esac
      options='--search -p --php -i --ini -c --config --root --json --systemd-paths -v --verbose -q --quiet -V --version -h --help'
      ;;
    doctor)
      case $before in
        --search) compopt -o dirnames; return ;;
        --patience) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
      esac
      options='--search --patience -p --php -i --ini -c --config --root --json -q --quiet -V --version -h --help'
      ;;
    stats)
      case $before in
        -l | --max-lifetime) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
        --largest) return ;;
      esac
      options='-l --max-lifetime -p --php -i --ini -c --config --root --largest --json -q --quiet -V --version -h --help'
      arguments=directory
      ;;
    adopt)
      case $before in
        -l | --max-lifetime) return ;;
        --profile) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
      esac
      options='-l --max-lifetime --profile --undo -y --yes -n --dry-run -p --php -i --ini -c --config --root --json -q --quiet -V --version -h --help'
      arguments=directory
      ;;
    mkdirs)
      case $before in
        -b | --bits) return ;;
        -o | --owner) return ;;
        -m | --mode) return ;;
        --root) compopt -o dirnames; return ;;
      esac
      options='-b --bits -o --owner -m --mode -n --dry-run -y --yes --root --json -q --quiet -V --version -h --help'
      arguments=directory
      ;;
    completion)
      case $before in
      esac
      options='-V --version -h --help'
      arguments='bash zsh fish'
      ;;
    *)
      case $before in
        -l | --max-lifetime) return ;;
        -p | --php) compopt -o default; return ;;
        -i | --ini) compopt -o default; return ;;
        -c | --config) compopt -o default; return ;;
        --root) compopt -o dirnames; return ;;
        --max-rate) return ;;
        --shard) return ;;
        --threads) return ;;
        --index-limit) return ;;
        --http) return ;;
        --textfile) compopt -o dirnames; return ;;
        --state) compopt -o dirnames; return ;;
      esac
      options='-l --max-lifetime -p --php -i --ini -c --config --root -n --dry-run --strict -v --verbose -q --quiet --max-rate --shard --threads --no-nice --index-limit --http --textfile --wait --state -V --version -h --help'
      ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'watch sweep stores doctor stats adopt mkdirs completion' -- "$word")
  elif [[ $arguments == directory ]]; then
    compopt -o dirnames
  elif [[ $arguments == file ]]; then
    compopt -o default
  elif [[ -n $arguments ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$arguments" -- "$word")
  fi
}

complete -F _sescle sescle
