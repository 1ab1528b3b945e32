/**
 * Whether a directory may be an application's, by the names in it alone: a look at its files costs more.
 *
 * Invariant: whatever a recogniser names has its mark here.
 */

/** All of one row. Drupal's are its installation's, not its sites'. */
const marks: readonly (readonly string[])[] = [
  ['artisan'],
  ['bin', 'config'],
  ['spark', 'app'],
  ['application', 'system'],
  ['bin', 'app'],
  ['configuration.php', 'administrator'],
  ['config.php', 'version.php'],
  ['program', 'config'],
  ['core', 'sites'],
  ['includes', 'sites'],
];

const names = new Set(marks.flat());

/** Of one directory. */
export class Marks {
  readonly #seen = new Set<string>();

  note(name: string): void {
    if (names.has(name)) this.#seen.add(name);
  }

  mayBeApplication(): boolean {
    return marks.some((row) => row.every((name) => this.#seen.has(name)));
  }
}
