# fish completion for sescle
# Made from the tables of options by `npm run documents`: changes belong there, or in
# lib/cli/completions*.ts.

function __sescle_is_first
    test (count (commandline -opc)) -eq 1
end

# Whether the command is one of these.
function __sescle_in
    contains -- (commandline -opc)[2] $argv
end

complete -c sescle -f
complete -c sescle -n __sescle_is_first -a watch -d 'the monitor: keeps stores clean, each session removed as soon as it has expired'
complete -c sescle -n __sescle_is_first -a sweep -d 'one pass over session stores, then exit'
complete -c sescle -n __sescle_is_first -a stores -d 'what was found, each value with where it came from'

complete -c sescle -n 'not __sescle_in watch sweep stores' -s l -l max-lifetime -r -f -d 'how long a session lives after it was last written'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s p -l php -r -F -d 'ask this PHP interpreter for its settings'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s i -l ini -r -F -d 'the php.ini that the interpreter is to read'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s c -l config -r -F -d 'sescle’s own configuration'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l root -r -f -a '(__fish_complete_directories)' -d 'look for PHP’s configuration and the stores below DIR'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s n -l dry-run -d 'do everything but the removal'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l strict -d 'remove only what nobody has open'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s v -l verbose -d 'say more'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s q -l quiet -d 'tell nothing but warnings and errors'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l max-rate -r -f -d 'remove at most N sessions a second'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l threads -r -f -d 'work with at most N threads'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l no-nice -d 'scan as fast as can be'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l index-limit -r -f -d 'remember at most N sessions of a store'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l http -r -f -d 'answer /metrics'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l textfile -r -f -a '(__fish_complete_directories)' -d 'keep the metrics in DIR/sescle.prom'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l wait -d 'watch a SAVE_PATH that does not exist yet'
complete -c sescle -n 'not __sescle_in watch sweep stores' -l state -r -f -a '(__fish_complete_directories)' -d 'where what is known of the clock is kept from one run to the next'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s V -l version -d 'show the version'
complete -c sescle -n 'not __sescle_in watch sweep stores' -s h -l help -d 'show this help'

complete -c sescle -n '__sescle_in watch' -s l -l max-lifetime -r -f -d 'how long a session lives after it was last written'
complete -c sescle -n '__sescle_in watch' -s p -l php -r -F -d 'ask this PHP interpreter for its settings'
complete -c sescle -n '__sescle_in watch' -s i -l ini -r -F -d 'the php.ini that the interpreter is to read'
complete -c sescle -n '__sescle_in watch' -s c -l config -r -F -d 'sescle’s own configuration'
complete -c sescle -n '__sescle_in watch' -l root -r -f -a '(__fish_complete_directories)' -d 'look for PHP’s configuration and the stores below DIR'
complete -c sescle -n '__sescle_in watch' -s n -l dry-run -d 'do everything but the removal'
complete -c sescle -n '__sescle_in watch' -l strict -d 'remove only what nobody has open'
complete -c sescle -n '__sescle_in watch' -s v -l verbose -d 'say more'
complete -c sescle -n '__sescle_in watch' -s q -l quiet -d 'tell nothing but warnings and errors'
complete -c sescle -n '__sescle_in watch' -l max-rate -r -f -d 'remove at most N sessions a second'
complete -c sescle -n '__sescle_in watch' -l threads -r -f -d 'work with at most N threads'
complete -c sescle -n '__sescle_in watch' -l no-nice -d 'scan as fast as can be'
complete -c sescle -n '__sescle_in watch' -l index-limit -r -f -d 'remember at most N sessions of a store'
complete -c sescle -n '__sescle_in watch' -l http -r -f -d 'answer /metrics'
complete -c sescle -n '__sescle_in watch' -l textfile -r -f -a '(__fish_complete_directories)' -d 'keep the metrics in DIR/sescle.prom'
complete -c sescle -n '__sescle_in watch' -l wait -d 'watch a SAVE_PATH that does not exist yet'
complete -c sescle -n '__sescle_in watch' -l state -r -f -a '(__fish_complete_directories)' -d 'where what is known of the clock is kept from one run to the next'
complete -c sescle -n '__sescle_in watch' -s V -l version -d 'show the version'
complete -c sescle -n '__sescle_in watch' -s h -l help -d 'show this help'
complete -c sescle -n '__sescle_in watch' -f -a '(__fish_complete_directories)'

complete -c sescle -n '__sescle_in sweep' -s l -l max-lifetime -r -f -d 'how long a session lives after it was last written'
complete -c sescle -n '__sescle_in sweep' -s p -l php -r -F -d 'ask this PHP interpreter for its settings'
complete -c sescle -n '__sescle_in sweep' -s i -l ini -r -F -d 'the php.ini that the interpreter is to read'
complete -c sescle -n '__sescle_in sweep' -s c -l config -r -F -d 'sescle’s own configuration'
complete -c sescle -n '__sescle_in sweep' -l root -r -f -a '(__fish_complete_directories)' -d 'look for PHP’s configuration and the stores below DIR'
complete -c sescle -n '__sescle_in sweep' -s n -l dry-run -d 'do everything but the removal'
complete -c sescle -n '__sescle_in sweep' -l strict -d 'remove only what nobody has open'
complete -c sescle -n '__sescle_in sweep' -l json -d 'print the report as one JSON object'
complete -c sescle -n '__sescle_in sweep' -l print0 -d 'print the paths of the removed sessions'
complete -c sescle -n '__sescle_in sweep' -s v -l verbose -d 'say more'
complete -c sescle -n '__sescle_in sweep' -s q -l quiet -d 'print nothing but errors and what --json or --print0 asks for'
complete -c sescle -n '__sescle_in sweep' -l progress -r -f -a 'auto always never' -d 'show progress on standard error'
complete -c sescle -n '__sescle_in sweep' -l max-rate -r -f -d 'remove at most N sessions a second'
complete -c sescle -n '__sescle_in sweep' -l threads -r -f -d 'work with at most N threads'
complete -c sescle -n '__sescle_in sweep' -l nice -d 'let everybody else go first'
complete -c sescle -n '__sescle_in sweep' -l state -r -f -a '(__fish_complete_directories)' -d 'where what is known of the clock is kept from one run to the next'
complete -c sescle -n '__sescle_in sweep' -s V -l version -d 'show the version'
complete -c sescle -n '__sescle_in sweep' -s h -l help -d 'show this help'
complete -c sescle -n '__sescle_in sweep' -f -a '(__fish_complete_directories)'

complete -c sescle -n '__sescle_in stores' -l search -r -f -a '(__fish_complete_directories)' -d 'look below these directories for others that are full of sessions'
complete -c sescle -n '__sescle_in stores' -s p -l php -r -F -d 'ask this PHP interpreter for its settings'
complete -c sescle -n '__sescle_in stores' -s i -l ini -r -F -d 'the php.ini that the interpreter is to read'
complete -c sescle -n '__sescle_in stores' -s c -l config -r -F -d 'sescle’s own configuration'
complete -c sescle -n '__sescle_in stores' -l root -r -f -a '(__fish_complete_directories)' -d 'look for PHP’s configuration and the stores below DIR'
complete -c sescle -n '__sescle_in stores' -l json -d 'print the stores as one JSON object'
complete -c sescle -n '__sescle_in stores' -l systemd-paths -d 'print a drop-in for systemd that lets sescle write to these stores only'
complete -c sescle -n '__sescle_in stores' -s v -l verbose -d 'say more'
complete -c sescle -n '__sescle_in stores' -s q -l quiet -d 'print nothing but errors and what --json asks for'
complete -c sescle -n '__sescle_in stores' -s V -l version -d 'show the version'
complete -c sescle -n '__sescle_in stores' -s h -l help -d 'show this help'
