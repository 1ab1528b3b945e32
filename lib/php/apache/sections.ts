/**
 * Takes the tree of directives apart into hosts and sections.
 *
 * Invariant: only what PHP's sessions depend on is kept. A line that Apache would refuse is a
 * warning and counts for nothing.
 */
import { type ByteString, printable } from '../byte-string.js';
import { absolutePath } from '../paths.js';
import type { Warning } from '../provenance.js';
import { isAboutLifetime, sessionSettingNames } from '../usage.js';
import type { WarningList } from '../warning-list.js';
import { splitWords } from './config-lines.js';
import type { Directive } from './directive.js';
import type { ApacheScope, PhpSetting, Section, SectionKind, ServedDirectory } from './section.js';
import { unknownNames } from './variables.js';

type Open = { -readonly [Key in keyof Section]: Section[Key] } & {
  settings: PhpSetting[];
  inside: Section[];
};
type OpenScope = { -readonly [Key in keyof ApacheScope]: ApacheScope[Key] } & {
  directories: Section[];
  locations: Section[];
  aliases: ApacheScope['aliases'][number][];
  userDirectories: ServedDirectory[];
};

const sectionKinds: Readonly<Record<string, { kind: SectionKind; isRegex: boolean }>> = {
  directory: { kind: 'directory', isRegex: false },
  directorymatch: { kind: 'directory', isRegex: true },
  location: { kind: 'location', isRegex: false },
  locationmatch: { kind: 'location', isRegex: true },
  files: { kind: 'files', isRegex: false },
  filesmatch: { kind: 'files', isRegex: true },
  if: { kind: 'if', isRegex: false },
  elseif: { kind: 'if', isRegex: false },
  else: { kind: 'if', isRegex: false },
};

/** Sections that limit other directives only: what PHP is told in them counts everywhere. */
const transparent = new Set(['limit', 'limitexcept']);

export class SectionReader {
  readonly #warnings: WarningList;
  readonly #serverRoot: ByteString;

  constructor(serverRoot: ByteString, warnings: WarningList) {
    this.#serverRoot = serverRoot;
    this.#warnings = warnings;
  }

  /** The server first, then its virtual hosts. */
  readServer(
    directives: readonly Directive[],
    source: Section['source'],
  ): [ApacheScope, ...ApacheScope[]] {
    const server = openScope(null, source, 0);
    const hosts: [OpenScope, ...OpenScope[]] = [server];
    this.#readScope(directives, server, hosts);
    return hosts;
  }

  readAccessFile(
    directives: readonly Directive[],
    source: Section['source'],
    setBy: Section['setBy'],
  ): Section {
    const top = openSection('top', '', false, '', source, setBy);
    for (const directive of directives) this.#readIn(directive, top, null);
    return top;
  }

  #readScope(directives: readonly Directive[], scope: OpenScope, hosts: OpenScope[]): void {
    const top = scope.top as Open;
    for (const directive of directives) {
      if (directive.name === 'virtualhost' && directive.children !== null) {
        const host = openScope(hostName(directive), directive.source, directive.setBy);
        hosts.push(host);
        this.#readScope(directive.children, host, hosts);
      } else if (!this.#readHostSetting(directive, scope)) this.#readIn(directive, top, scope);
    }
  }

  /** @returns whether it was one */
  #readHostSetting({ name, args, source, setBy }: Directive, scope: OpenScope): boolean {
    const words = splitWords(args);
    const [first = '', second = ''] = words;
    const absolute = (path: ByteString): ByteString => absolutePath(this.#serverRoot, path);
    switch (name) {
      case 'documentroot':
        scope.documentRoot = { path: absolute(first), source, setBy };
        return true;
      case 'virtualdocumentroot': {
        // What stands before the first part of the host's name: all the hosts' directories are there.
        const parts = absolute(first).split('/');
        const at = parts.findIndex((part) => part.includes('%'));
        const path = (at < 0 ? parts : parts.slice(0, at)).join('/');
        if (path !== '') scope.documentRoot = { path, source, setBy };
        return true;
      }
      case 'alias':
        if (words.length === 2)
          scope.aliases.push({ url: withoutSlashes(first), path: absolute(second), source, setBy });
        return true;
      case 'accessfilename':
        scope.accessFileNames = words;
        return true;
      case 'user':
      case 'assignuserid':
      case 'ruidgid':
        scope.user = { text: first, source };
        return true;
      case 'userdir':
        // Whom else it is disabled for does not matter: what they set counts for nobody then.
        if (!/^(?:disabled|enabled)$/i.test(first))
          for (const path of words) scope.userDirectories.push({ path, source, setBy });
        return true;
      default:
        return false;
    }
  }

  /** @param scope where directories and locations belong; null in an .htaccess file */
  #readIn(directive: Directive, section: Open, scope: OpenScope | null): void {
    const { name, children } = directive;
    if (children === null) {
      const setting = this.#readSetting(directive, scope === null);
      if (setting !== undefined) section.settings.push(setting);
      this.#readOverride(directive, section);
      return;
    }
    if (transparent.has(name)) {
      for (const child of children) this.#readIn(child, section, scope);
      return;
    }
    const inner = this.#openSection(directive);
    if (inner === undefined) return;
    for (const child of children) this.#readIn(child, inner, scope);
    if (inner.kind === 'files' || inner.kind === 'if') section.inside.push(inner);
    else if (inner.kind === 'directory') scope?.directories.push(inner);
    else scope?.locations.push(inner);
  }

  #openSection({ name, args, source, setBy }: Directive): Open | undefined {
    const known = sectionKinds[name];
    if (known === undefined) return undefined;
    const words = known.kind === 'if' ? [args] : splitWords(args);
    const hasTilde = words[0] === '~';
    const [written = ''] = hasTilde ? words.slice(1) : words;
    const isRegex = known.isRegex || hasTilde;
    const isPath = known.kind === 'directory' && !isRegex;
    const pattern = isPath ? directoryPath(written) : written;
    const label = `${titles[name] ?? name}${hasTilde ? ' ~' : ''} ${printable(written)}`.trim();
    return openSection(known.kind, pattern, isRegex, `<${label}>`, source, setBy);
  }

  #readSetting(
    { name, args, source, setBy, isCertain, unknown }: Directive,
    isOfAccessFile: boolean,
  ): PhpSetting | undefined {
    const kind = /^php_(admin_)?(value|flag)$/.exec(name);
    if (kind === null) return undefined;
    const words = splitWords(args);
    const [setting, value] = words;
    const known = sessionSettingNames.find((other) => other === setting);
    if (known === undefined || known === 'TMPDIR') return undefined;
    if (value === undefined || value === '' || words.length !== 2) {
      this.#warnings.add(`${name} takes a setting and a value, which must not be empty`, source);
      return undefined;
    }
    const isFlag = kind[2] === 'flag';
    const doubt: Warning = {
      message: `${unknownNames(unknown)} is not defined`,
      source,
      hides: setBy,
    };
    // Where the sessions are is not known then, and so not which they are.
    if (unknown.length > 0 && !isAboutLifetime(known)) this.#warnings.addAll([doubt]);
    return {
      name: known,
      value: isFlag ? flagValue(value) : /^none$/i.test(value) ? '' : value,
      isAdmin: kind[1] !== undefined,
      source,
      setBy,
      isCertain,
      ...(isOfAccessFile ? { isOfAccessFile } : {}),
      ...(unknown.length > 0 && isAboutLifetime(known) ? { doubt } : {}),
    };
  }

  /** PHP's values need `Options` or `All`; AllowOverrideList may name them one by one. */
  #readOverride({ name, args }: Directive, section: Open): void {
    const isList = name === 'allowoverridelist';
    if (section.kind !== 'directory' || (!isList && name !== 'allowoverride')) return;
    const allows = isList ? /^php_(?:value|flag)$/i : /^(?:all|options(?:=.*)?)$/i;
    const isAllowed = splitWords(args).some((word) => allows.test(word));
    section.allowsOverride = isAllowed || (isList && section.allowsOverride === true);
  }
}

/** php_flag knows `on` and `1`; all else is 0. */
function flagValue(value: ByteString): ByteString {
  return /^on$/i.test(value) || value === '1' ? '1' : '0';
}

/** A relative one matches nothing; patterns are paths too. */
function directoryPath(written: ByteString): ByteString {
  return written.startsWith('/') ? absolutePath('/', written) : withoutSlashes(written);
}

/** Not by an expression, which would try at every slash of many. */
function withoutSlashes(path: ByteString): ByteString {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** `shop.example:80`, from ServerName or else from the address that it listens on. */
function hostName({ args, children }: Directive): string {
  const [address = '*'] = splitWords(args);
  const port = /:([0-9]+|\*)$/.exec(address)?.[1] ?? '*';
  const named = children?.findLast(({ name }) => name === 'servername')?.args ?? '';
  const [serverName] = splitWords(named);
  const name = serverName?.replace(/^[a-z]+:\/\//i, '').replace(/:[0-9]+$/, '');
  return printable(name === undefined || name === '' ? address : `${name}:${port}`);
}

function openScope(
  name: string | null,
  source: Section['source'],
  setBy: Section['setBy'],
): OpenScope {
  return {
    name,
    source,
    top: openSection('top', '', false, '', source, setBy),
    directories: [],
    locations: [],
    documentRoot: null,
    aliases: [],
    userDirectories: [],
    accessFileNames: null,
    user: null,
  };
}

/** An .htaccess that was not read. */
export function unreadSection(doubt: Warning & Pick<Section, 'source' | 'setBy'>): Section {
  const { setBy, ...warning } = doubt;
  return { ...openSection('top', '', false, '', doubt.source, setBy), doubts: [warning] };
}

function openSection(
  kind: SectionKind,
  pattern: ByteString,
  isRegex: boolean,
  title: string,
  source: Section['source'],
  setBy: Section['setBy'],
): Open {
  return {
    kind,
    pattern,
    isRegex,
    title,
    settings: [],
    inside: [],
    allowsOverride: null,
    source,
    setBy,
  };
}

const titles: Readonly<Record<string, string>> = {
  directory: 'Directory',
  directorymatch: 'DirectoryMatch',
  location: 'Location',
  locationmatch: 'LocationMatch',
  files: 'Files',
  filesmatch: 'FilesMatch',
  if: 'If',
  elseif: 'ElseIf',
  else: 'Else',
};
