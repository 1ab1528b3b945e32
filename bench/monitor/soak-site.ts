/**
 * A server on which sites come and go: directories of sessions, and the sescle.toml that names them.
 *
 * Invariant: discovery is switched off in that file, so that no store but these is ever collected.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Site {
  readonly directory: string;
  /** Seconds. */
  lifetime: number;
}

const shortest = 2;
const longest = 10;
/** At each change, of those that are there: how many vanish, and how many get another lifetime. */
const vanishShare = 0.1;
const changeShare = 0.2;
/** Of those that vanish: the directory goes too, in whatever the monitor is doing there. */
const deleteShare = 0.5;

const switchedOff = `[discover]
ini = false
run_php = false
fpm = false
apache = false
user_files = false
processes = false
`;

export class SoakSite {
  written = 0;
  /** Stores that there ever were, by name. */
  named = 0;
  private sites: Site[] = [];
  /** Directories that no store will ever be again: they go with the next change. */
  private readonly abandoned: string[] = [];
  private readonly seats: (string | undefined)[];

  constructor(
    readonly root: string,
    readonly configuration: string,
    private readonly shape: { readonly count: number; readonly isFresh: boolean },
  ) {
    this.seats = Array(shape.count).fill(undefined);
  }

  /** Some vanish, some appear, some change their lifetime; then the file is written anew. */
  change(): void {
    const vanished = this.sites.filter(() => Math.random() < vanishShare);
    this.sites = this.sites.filter((site) => !vanished.includes(site));
    for (const directory of this.abandoned.splice(0)) rmSync(directory, { recursive: true });
    for (const { directory } of vanished) {
      if (Math.random() < deleteShare) rmSync(directory, { recursive: true });
      else if (this.shape.isFresh) this.abandoned.push(directory);
      this.seats[this.seats.indexOf(directory)] = undefined;
    }
    for (const site of this.sites) {
      if (Math.random() < changeShare) site.lifetime = someLifetime();
    }
    for (const [seat, directory] of this.seats.entries()) {
      if (directory !== undefined || Math.random() < 0.5) continue;
      const name = this.shape.isFresh ? `site-${this.named}` : `site-${seat}`;
      const place = path.join(this.root, name);
      this.seats[seat] = place;
      this.named++;
      mkdirSync(place, { recursive: true, mode: 0o700 });
      this.sites.push({ directory: place, lifetime: someLifetime() });
    }
    this.save();
  }

  /** So many sessions are created, in any of the stores. */
  write(count: number): void {
    for (let i = 0; i < count; i++) {
      const site = this.sites[Math.floor(Math.random() * this.sites.length)];
      if (site === undefined) return;
      const id = String(this.written++).padStart(26, '0');
      writeFileSync(path.join(site.directory, `sess_${id}`), 'n|i:1;');
    }
  }

  /** No more changes: all directories that are there are stores, with the shortest lifetime. */
  settle(): void {
    this.sites = readdirSync(this.root)
      .filter((name) => name.startsWith('site-'))
      .map((name) => ({ directory: path.join(this.root, name), lifetime: shortest }));
    this.save();
  }

  /** Sessions that are due since a second or longer. */
  leftovers(): string[] {
    const limitMs = Date.now() - (shortest + 2) * 1000;
    return this.sites.flatMap(({ directory }) =>
      readdirSync(directory)
        .map((name) => path.join(directory, name))
        .filter(
          (file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < limitMs,
        ),
    );
  }

  private save(): void {
    const stores = this.sites.map(
      ({ directory, lifetime }) => `\n[[store]]\npath = "${directory}"\nlifetime = ${lifetime}\n`,
    );
    // As editors do: whoever reads it meanwhile reads all of the old one or of the new one.
    writeFileSync(`${this.configuration}.new`, switchedOff + stores.join(''));
    renameSync(`${this.configuration}.new`, this.configuration);
  }
}

function someLifetime(): number {
  return shortest + Math.floor(Math.random() * (longest - shortest + 1));
}
