/**
 * What OpenLiteSpeed says of PHP: its virtual hosts' document roots, what they override of php.ini, and
 * how its external applications start lsphp.
 *
 * Invariant: nothing is run, nothing here throws over what the files hold. OpenLiteSpeed's own user may
 * write to its configuration, as its web console does: what stands there may lengthen lifetimes, but
 * names no directory by root's word.
 */
import { splitWords } from '../apache/config-lines.js';
import type { DocumentRoot } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { absolutePath } from '../paths.js';
import { isUser, type Setter, type Setting, type Source, type Warning } from '../provenance.js';
import { type SessionSettingName, type SessionSettings, sessionSettingNames } from '../usage.js';
import { WarningList } from '../warning-list.js';
import { type OlsEntry, OlsReader } from './ols-config.js';

export interface IniOverride {
  /** The virtual host's name. */
  readonly host: string;
  readonly settings: SessionSettings;
  /** Those that no .user.ini changes any more. */
  readonly fixed: ReadonlySet<SessionSettingName>;
}

/** How an external application is started. */
export interface ExternalApplication {
  readonly title: string;
  readonly command: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly user: { readonly text: ByteString; readonly source: Source } | null;
  readonly source: Source;
  readonly setBy: Setter;
}

export interface OpenLiteSpeed {
  readonly roots: readonly DocumentRoot[];
  readonly overrides: readonly IniOverride[];
  readonly applications: readonly ExternalApplication[];
  readonly warnings: readonly Warning[];
}

/** Below its own directory. */
export const openLiteSpeedFile = 'conf/httpd_config.conf';

export function readOpenLiteSpeed(tree: FileTree, serverRoot: ByteString): OpenLiteSpeed {
  return new Reading(tree, serverRoot).read();
}

interface Host {
  readonly name: ByteString;
  readonly root: ByteString;
  readonly entries: readonly OlsEntry[];
}

class Reading {
  readonly #tree: FileTree;
  readonly #serverRoot: ByteString;
  readonly #warnings = new WarningList();
  readonly #reader: OlsReader;
  readonly #roots = new Map<ByteString, DocumentRoot>();
  readonly #overrides: IniOverride[] = [];
  readonly #applications: ExternalApplication[] = [];

  constructor(tree: FileTree, serverRoot: ByteString) {
    this.#tree = tree;
    this.#serverRoot = serverRoot;
    this.#reader = new OlsReader(tree, serverRoot, this.#warnings);
  }

  read(): OpenLiteSpeed {
    const main = this.#reader.read(openLiteSpeedFile);
    this.#readApplications(main, { name: '', root: this.#serverRoot, entries: main });
    for (const host of this.#hostsIn(main)) this.#readHost(host);
    return {
      roots: [...this.#roots.values()],
      overrides: this.#overrides,
      applications: this.#applications,
      warnings: this.#warnings.all,
    };
  }

  #hostsIn(main: readonly OlsEntry[]): Host[] {
    return main.flatMap((entry): Host[] => {
      if (entry.children === null) return [];
      if (entry.name === 'virtualhost') {
        const root = lastValue(entry.children, 'vhroot') ?? '';
        return [this.#hostOf(entry, entry.value, root, entry.children)];
      }
      if (entry.name !== 'vhtemplate') return [];
      const file = lastValue(entry.children, 'templatefile');
      const members = entry.children.filter(({ name }) => name === 'member');
      if (file === null || members.length === 0) return [];
      const template = this.#reader.read(file, entry.source);
      return members.map((member) => {
        const name = splitWords(member.value)[0] ?? '';
        const root =
          lastValue(member.children ?? [], 'vhroot') ?? lastValue(template, 'vhroot') ?? '';
        return this.#hostOf(member, name, root, template);
      });
    });
  }

  /** @param entries those that say where its own configuration is, or hold it */
  #hostOf(
    { source }: OlsEntry,
    name: ByteString,
    root: ByteString,
    entries: readonly OlsEntry[],
  ): Host {
    const host: Host = { name, root: this.#serverRoot, entries };
    const path = this.#expanded(root, host);
    const own: Host = { ...host, root: absolutePath(this.#serverRoot, path) };
    const inside = entries.find((entry) => entry.name === 'virtualhostconfig')?.children;
    const file = lastValue(entries, 'configfile');
    if (inside != null) return { ...own, entries: inside };
    return file === null
      ? own
      : { ...own, entries: this.#reader.read(this.#expanded(file, own), source) };
  }

  #readHost(host: Host): void {
    const docRoot = host.entries.find(({ name }) => name === 'docroot');
    const written = docRoot?.value ?? '';
    const path = absolutePath(host.root, this.#expanded(written, host));
    if (docRoot !== undefined) this.#addRoot(path, docRoot);
    this.#readApplications(host.entries, host);
    const all = [...within(host.entries)];
    for (const entry of all) {
      const { name, value } = entry;
      if (name === 'location' && value !== '' && !/^(?:https?|lsapi|fcgi|proxy):/.test(value))
        this.#addRoot(absolutePath(path, this.#expanded(value, host, path)), entry);
      if (name === 'phpinioverride' && entry.children !== null)
        this.#readOverride(host, entry.children);
    }
  }

  #addRoot(path: ByteString, { source }: OlsEntry): void {
    if (path.includes('$')) {
      const message = `the value of ${printable(path)} is unknown, and so are the .user.ini files there`;
      this.#warnings.add(message, source, 0);
    } else if (!this.#roots.has(path)) this.#roots.set(path, { path, source });
  }

  #readOverride({ name }: Host, entries: readonly OlsEntry[]): void {
    const settings = new Map<SessionSettingName, Setting>();
    const fixed = new Set<SessionSettingName>();
    for (const { name: kind, value: written, source } of entries) {
      const [key, value = ''] = splitWords(written);
      const known = sessionSettingNames.find((other) => other === key && other !== 'TMPDIR');
      if (known === undefined || !/^php_(?:admin_)?(?:value|flag)$/.test(kind)) continue;
      const isFlag = kind.endsWith('flag');
      const flag = /^(?:on|1|yes|true)$/i.test(value) ? '1' : '0';
      settings.set(known, { value: isFlag ? flag : value, source, setBy: this.#writerOf(source) });
      if (kind.startsWith('php_admin')) fixed.add(known);
    }
    if (settings.size > 0) this.#overrides.push({ host: printable(name), settings, fixed });
  }

  #readApplications(entries: readonly OlsEntry[], host: Host): void {
    for (const { name, value, children, source } of entries) {
      if (name !== 'extprocessor' || children === null) continue;
      const path = lastValue(children, 'path');
      if (path === null || !/^(?:lsapi|fcgi)$/i.test(lastValue(children, 'type') ?? '')) continue;
      const [program = '', ...words] = splitWords(this.#expanded(path, host));
      const user = lastValue(children, 'extuser');
      this.#applications.push({
        title: `extprocessor ${printable(value)}`,
        command: [absolutePath(this.#serverRoot, program), ...words],
        environment: new Map(
          children.flatMap(({ name: key, value: pair }): [ByteString, ByteString][] => {
            const equals = pair.indexOf('=');
            return key === 'env' && equals > 0
              ? [[pair.slice(0, equals), this.#expanded(pair.slice(equals + 1), host)]]
              : [];
          }),
        ),
        user: user === null ? null : { text: user, source },
        source,
        setBy: this.#writerOf(source),
      });
    }
  }

  /** Its own user's word is not one user's: it is about everyone whom it serves. */
  #writerOf(source: Source): Setter {
    if (source.kind !== 'file') return 0;
    const place = this.#tree.find(source.file);
    const setBy = place instanceof Unreadable ? null : place.setBy;
    return isUser(setBy) ? null : setBy;
  }

  #expanded(text: ByteString, { name, root }: Host, docRoot: ByteString = root): ByteString {
    return text
      .replaceAll('$SERVER_ROOT', this.#serverRoot)
      .replaceAll('$VH_NAME', name)
      .replaceAll('$VH_ROOT', root)
      .replaceAll('$DOC_ROOT', docRoot);
  }
}

function lastValue(entries: readonly OlsEntry[], wanted: ByteString): ByteString | null {
  const value = entries.findLast(({ name }) => name === wanted)?.value ?? '';
  return value === '' ? null : value.replace(/^"(.*)"$/, '$1');
}

function* within(entries: readonly OlsEntry[]): Generator<OlsEntry> {
  for (const entry of entries) {
    yield entry;
    // Realms have locations too, which are files of users and groups.
    if (entry.children !== null && entry.name !== 'realm') yield* within(entry.children);
  }
}
