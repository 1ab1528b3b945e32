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

export const mkdirsHelp = `
A directory that is there already is kept, so a run that was cut short is simply run again. A
directory that belongs to another user is reported and left alone. SAVE_PATH itself is made if
only its last directory is missing; root must then say with --owner whose it is to be.

Examples:
  sescle mkdirs --bits 5 '2;/var/lib/php/sessions'      1,056 directories, owned as the first one is
  sescle mkdirs -n --bits 6 '3;/srv/shop/sessions'      how many that would be
  sescle mkdirs --bits 4 -o www-data -m 0700 '1;/srv/s' for one user
${statuses}`;

export const statsHelp = `
A session is called empty if its file has no byte, and never used if nothing was written to it after
the first two seconds: most of those were made for bots, which send no cookie back. Sessions that
have been removed are not counted. When a session was made is not known of files that were copied
(a restored backup), nor where the file system does not tell (ext4, XFS, btrfs and tmpfs do).

Examples:
  sescle stats                                 every store of PHP's configuration
  sescle stats -l 24m /srv/shop/sessions       one directory, and what is due by that lifetime
  sescle stats --json | jq .stores[].sessions  for programs
${statuses}`;

export const doctorHelp = `
Examples:
  sescle doctor                        what is wrong, the worst first
  sescle doctor --search /srv /home    look for forgotten directories there
  sescle doctor --json                 for programs
  sescle doctor -q || mail ...         for monitoring: only the exit status

Exit status:
  0  nothing is wrong, or nothing that matters
  4  at least one finding to look at
  5  at least one urgent finding
  1  an I/O error
  2  usage or configuration error
`;

export const adoptHelp = `
A directory takes its lifetime from PHP's configuration, or from the .env of the Laravel application
that it lies in, with the file and line; any other needs -l.

Examples:
  sescle adopt -l 2h /srv/shop/var/sessions    shows the lines and asks
  sescle adopt --yes -l 1d '2;/srv/forum/s'    for scripts
  sescle adopt --undo /srv/shop/var/sessions   takes it out again
${statuses}`;

export const completionHelp = `
Examples:
  sescle completion bash >/etc/bash_completion.d/sescle
  sescle completion zsh >/usr/local/share/zsh/site-functions/_sescle
  sescle completion fish >/etc/fish/completions/sescle.fish
${statuses}`;
