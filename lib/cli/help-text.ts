/**
 * What the help says below the table of options.
 *
 * Invariant: every example works as it stands, but for the paths.
 */

const statuses = `
Exit status:
  0      done (sessions that were kept on purpose are no failure)
  1      an I/O error, or a store that could not be swept while others were
  2      an error of usage or configuration, or no store is there that may be used
  3      no store was found (sweep: none that may be collected)
  128+n  ended by signal n after the file in hand; the report says what was done
`;

export const programHelp = `
Examples:
  sescle                                       keep every store clean, each by its own lifetime
  sescle stores                                what PHP's configuration tells of stores
  sescle sweep                                 sweep them all, each by its own lifetime
  sescle sweep -l 24m /var/lib/php/sessions    remove what was not written for 24 minutes
  sescle sweep --help                          all options of a sweep
${statuses}`;

export const sweepHelp = `
Without a SAVE_PATH every store is swept that sescle stores lists as collectable, each by its
own lifetimes. A SAVE_PATH that is one of them takes its lifetimes; any other needs -l: the
lifetime is never guessed. With -l that lifetime rules all stores. With --root a SAVE_PATH is
meant below DIR. A SAVE_PATH with a ; must be quoted for the shell.

Examples:
  sescle sweep                                 every store of PHP's configuration
  sescle sweep -n -v                           what that would remove, and what it leaves alone
  sescle sweep -l 24m /var/lib/php/sessions    remove expired sessions
  sescle sweep -n -vv -l 1440 /srv/a           show what would be removed
  sescle sweep -l 1d '2;/srv/shop/sessions'    sessions in two levels of directories
  sescle sweep -l 1d --json /srv/a /srv/b      two stores, one report for programs
  sescle sweep -n -l 1d --print0 /srv/a | xargs -0 ls -l
${statuses}`;

export const watchHelp = `
A session is removed within a second of its being due. Each store is scanned once a lifetime, or once an
hour; in between only what is due is looked at. SIGHUP has the stores found anew; SIGTERM and SIGINT end
it within a second, with status 0.

Examples:
  sescle watch                                 every store of PHP's configuration
  sescle watch -l 24m /var/lib/php/sessions    one store
  sescle watch -n -v                           what it would do
${statuses}`;

export const storesHelp = `
Examples:
  sescle stores                         every store, and whether sescle may collect it
  sescle stores -v                      every setting too, with its file and line
  sescle stores --search /srv /home     directories of sessions that nobody configured, too
  sescle stores --root /mnt/image       the stores of another system
  sescle stores --json                  the same for programs
${statuses}`;
