/**
 * What the help says below the table of options.
 *
 * Invariant: every example works as it stands, but for the paths. A command's help fits a screen of 24
 * lines; what several commands share stands once, in `sescle help options`.
 */

const more = `
Shared options (--root, -p, --threads, ...) and exit status: sescle help options
`;

export const statuses = `
Exit status:
  0      done; sessions kept on purpose are not a failure
  1      I/O error, or some stores could not be swept
  2      usage or configuration error, or no usable store
  3      no store found (sweep: none that sescle may clean)
  128+n  stopped by signal n; the report says what was done
  doctor has its own: see sescle doctor --help
`;

export const programHelp = `
Examples:
  sescle stores                              what sescle found, and may clean
  sescle sweep -n                            what one pass would remove
  sescle sweep -l 24m /var/lib/php/sessions  clean one directory now
  sescle                                     keep all stores clean until stopped

Options of a command: sescle COMMAND --help; without one: sescle watch --help
${more.trimStart()}`;

export const sweepHelp = `
Without SAVE_PATH it sweeps every collectable store: see sescle stores.

Examples:
  sescle sweep -n -v                         what would go, and what stays
  sescle sweep -l 24m /var/lib/php/sessions  one directory, your own lifetime
  sescle sweep -l 1d '2;/srv/shop/sessions'  two levels; quote the ;
${more}`;

export const watchHelp = `
SIGHUP looks for stores again. SIGTERM stops sescle within a second, status 0.

Examples:
  sescle watch                                 every store
  sescle watch -l 24m /var/lib/php/sessions    one store
${more}`;

export const storesHelp = `
Examples:
  sescle stores                      every store, and whether sescle cleans it
  sescle stores -v                   every setting, with its file and line
  sescle stores --search /srv /home  stores that no configuration mentions, too
  sescle stores --root /mnt/image    the stores of another system
${more}`;

export const mkdirsHelp = `
Existing directories are kept, so you can run it again. Another user's directory
is reported and left alone. If SAVE_PATH itself is missing, root must pass -o.

Examples:
  sescle mkdirs -n --bits 6 '3;/srv/shop/s'    how many that would be
  sescle mkdirs --bits 5 '2;/srv/shop/s'       make them, owned like the first
${more}`;

export const statsHelp = `
Empty: no byte was written. Never used: not written again after two seconds;
most of these come from bots, which send no cookie back.

Examples:
  sescle stats                                 every store
  sescle stats -l 24m /srv/shop/sessions       one directory
${more}`;

export const doctorHelp = `
Examples:
  sescle doctor                        what is wrong, worst first
  sescle doctor --search /srv /home    look for forgotten stores there

Exit status:
  0  nothing wrong    4  something to look at    5  something urgent
  1  an I/O error     2  usage or configuration error
${more}`;

export const adoptHelp = `
Without -l the lifetime comes from PHP's configuration, or from the .env of the
Laravel application around the directory.

Examples:
  sescle adopt -l 2h /srv/shop/var/sessions    shows the lines and asks
  sescle adopt --undo /srv/shop/var/sessions   takes them out again
${more}`;

export const completionHelp = `
Examples:
  sescle completion bash >/etc/bash_completion.d/sescle
  sescle completion zsh >/usr/local/share/zsh/site-functions/_sescle
  sescle completion fish >/etc/fish/completions/sescle.fish
${more}`;
