/**
 * What the help says below the table of options.
 *
 * Invariant: every example works as it stands, but for the paths.
 */

const statuses = `
Exit status:
  0      done (sessions that were kept on purpose are no failure)
  1      an I/O error, or a store that could not be swept while others were
  2      a usage error, or no store could be swept
  128+n  ended by signal n after the file in hand; the report says what was done
`;

export const programHelp = `
Examples:
  sescle sweep -l 24m /var/lib/php/sessions    remove what was not written for 24 minutes
  sescle sweep --help                          all options of a sweep
${statuses}`;

export const sweepHelp = `
The lifetime is never guessed: give the session.gc_maxlifetime of the PHP that writes there.
A SAVE_PATH with a ; must be quoted for the shell.

Examples:
  sescle sweep -l 24m /var/lib/php/sessions    remove expired sessions
  sescle sweep -n -vv -l 1440 /srv/a           show what would be removed
  sescle sweep -l 1d '2;/srv/shop/sessions'    sessions in two levels of directories
  sescle sweep -l 1d --json /srv/a /srv/b      two stores, one report for programs
  sescle sweep -n -l 1d --print0 /srv/a | xargs -0 ls -l
${statuses}`;
