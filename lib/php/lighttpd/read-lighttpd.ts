/**
 * The directories that lighttpd has PHP run scripts from, what it tells PHP with each request, and how it
 * starts php-cgi itself, by its configuration (lighttpd's src/configparser.y).
 *
 * Invariant: nothing is run, `include_shell` neither. All conditions are taken as met: what holds for some
 * requests is given. What is not understood is told in a warning that hides its writer's word.
 */
import type { DocumentRoot } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import type { FileTree } from '../file-tree.js';
import type { PhpValue } from '../nginx/php-values.js';
import { wordsOf } from '../processes/unit-words.js';
import type { Setter, Source, Warning } from '../provenance.js';
import { mainFileOf, WebServerFiles, type Written } from '../web-server-files.js';
import { type LighttpdEntry, type LighttpdValue, lighttpdEntries } from './lighttpd-lines.js';

export interface LighttpdOptions {
  /** Absolute. */
  readonly mainFile: ByteString;
}

/** PHP that it starts by itself. */
export interface StartedBackend {
  readonly command: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly source: Source;
  readonly setBy: Setter;
}

export interface Lighttpd {
  readonly roots: readonly DocumentRoot[];
  readonly phpValues: readonly PhpValue[];
  readonly backends: readonly StartedBackend[];
  readonly warnings: readonly Warning[];
}

const maxDepth = 16;
/** Debian's: they print types of files and the port. */
const harmlessShell = /^\/usr\/share\/lighttpd\/[\w.-]+\.(?:pl|sh|py)(?:\s+\d*)?$/;

export function readLighttpd(tree: FileTree, { mainFile }: LighttpdOptions): Lighttpd {
  const reading = new Reading(tree);
  reading.read(mainFile, mainFileOf(mainFile));
  return reading.result();
}

class Reading {
  readonly #files: WebServerFiles;
  readonly #phpValues: PhpValue[] = [];
  readonly #backends: StartedBackend[] = [];
  /** All that a name was ever given. */
  readonly #variables = new Map<ByteString, ByteString[]>();

  constructor(tree: FileTree) {
    this.#files = new WebServerFiles(tree, { server: 'lighttpd', maxDepth });
  }

  result(): Lighttpd {
    return {
      roots: this.#files.roots,
      phpValues: this.#phpValues,
      backends: this.#backends,
      warnings: this.#files.warnings,
    };
  }

  read(path: ByteString, from: Written): void {
    const file = this.#files.read(path, from);
    if (file === undefined) return;
    const { at } = file;
    this.#files.loseIfEmpty(file.text, at(0));
    for (const entry of lighttpdEntries(file.text)) {
      if ('problem' in entry) this.#files.lose(entry.problem, at(entry.line));
      else this.#add(entry, at(entry.line));
    }
  }

  #add({ name, value }: LighttpdEntry, from: Written): void {
    const own = name.replace(/^var\./, '');
    this.#assign(own, value);
    switch (own) {
      case 'include':
        for (const text of this.#texts(value, from)) this.#include(text, from);
        return;
      case 'include_shell':
        for (const text of this.#texts(value, from))
          if (!harmlessShell.test(text))
            this.#files.lose(`${printable(text)} is not run, so its output is unknown`, from);
        return;
      case 'server.document-root':
      case 'simple-vhost.server-root':
        for (const text of this.#texts(value, from)) this.#root(text, from);
        return;
      case 'evhost.path-pattern':
        for (const text of this.#texts(value, from)) this.#root(untilPattern(text), from);
        return;
      case 'userdir.path':
      case 'mysql-vhost.sql':
      case 'vhostdb.backend':
      case 'magnet.attract-physical-path-to':
        this.#files.lose(`${own} chooses directories that sescle cannot know`, from);
        return;
      case 'alias.url':
        for (const [, item] of pairsOf(value))
          for (const text of this.#texts(item, from)) this.#root(text, from);
        return;
      case 'setenv.add-environment':
      case 'setenv.set-environment':
        this.#environment(value, from);
        return;
      case 'fastcgi.server':
        this.#servers(value, from);
        return;
      case 'cgi.assign':
        for (const [ending, program] of pairsOf(value)) {
          if (/php/.test(ending)) this.#start(program, new Map(), from);
        }
        return;
    }
  }

  /** Every setting may stand in the values of later ones. */
  #assign(name: ByteString, value: LighttpdValue): void {
    const texts = value.kind === 'array' ? null : this.#textsOf(value.parts);
    if (!Array.isArray(texts)) return;
    const known = this.#variables.get(name) ?? [];
    this.#variables.set(name, [...known, ...texts].slice(0, maxValues));
  }

  #environment(value: LighttpdValue, from: Written): void {
    const block = {};
    for (const [name, item] of pairsOf(value)) {
      if (name !== 'PHP_VALUE' && name !== 'PHP_ADMIN_VALUE' && name !== 'DOCUMENT_ROOT') continue;
      for (const text of this.#texts(item, from)) {
        const { source, setBy } = from;
        if (name === 'DOCUMENT_ROOT') this.#root(text, from);
        else this.#phpValues.push({ name, text, source, setBy, block, server: 'lighttpd' });
      }
    }
  }

  /** `( ".php" => (( "bin-path" => "/usr/bin/php-cgi", "bin-environment" => ( … ) )) )` */
  #servers(value: LighttpdValue, from: Written): void {
    for (const [, hosts] of pairsOf(value)) {
      for (const [, host] of pairsOf(hosts)) {
        const options = new Map(pairsOf(host));
        const docroot = options.get('docroot');
        if (docroot !== undefined)
          for (const text of this.#texts(docroot, from)) this.#root(text, from);
        const program = options.get('bin-path');
        if (program === undefined) continue;
        const environment = new Map<ByteString, ByteString>();
        const given = options.get('bin-environment');
        for (const [name, item] of given === undefined ? [] : pairsOf(given)) {
          const [text] = this.#texts(item, from);
          if (text !== undefined) environment.set(name, text);
        }
        this.#start(program, environment, from);
      }
    }
  }

  #start(
    program: LighttpdValue,
    environment: ReadonlyMap<ByteString, ByteString>,
    from: Written,
  ): void {
    for (const text of this.#texts(program, from)) {
      const command = wordsOf(text);
      const { source, setBy } = from;
      if (command === null) this.#files.lose(`${printable(text)} is not understood`, from);
      else if (command.length > 0) this.#backends.push({ command, environment, source, setBy });
    }
  }

  /** All texts that a value may be. */
  #texts(value: LighttpdValue, from: Written): ByteString[] {
    if (value.kind === 'array') {
      this.#files.lose('a list stands where a text is expected', from);
      return [];
    }
    const texts = this.#textsOf(value.parts);
    if (Array.isArray(texts)) return texts;
    this.#files.lose(`the value of ${printable(texts.unknown)} is unknown`, from);
    return [];
  }

  #textsOf(
    parts: (LighttpdValue & { readonly kind: 'texts' })['parts'],
  ): ByteString[] | { readonly unknown: ByteString } {
    let texts: ByteString[] = [''];
    for (const { kind, text } of parts) {
      const choices = kind === 'text' ? [text] : this.#variables.get(text.replace(/^var\./, ''));
      if (choices === undefined || choices.length === 0) return { unknown: text };
      texts = texts.flatMap((one) => choices.map((choice) => one + choice)).slice(0, maxValues);
    }
    return texts;
  }

  #include(written: ByteString, from: Written): void {
    for (const file of this.#files.included(written, from))
      this.read(file, { ...from, depth: from.depth + 1 });
  }

  #root(text: ByteString, from: Written): void {
    if (!text.startsWith('/') || /^\/+$/.test(text))
      this.#files.lose(`the value of ${printable(text)} is unknown`, from);
    else this.#files.addRoot(text, from);
  }
}

const maxValues = 16;

function pairsOf(value: LighttpdValue): readonly (readonly [ByteString, LighttpdValue])[] {
  return value.kind === 'array' ? value.items : [];
}

/** `/srv/%0/htdocs/` as far as it is the same for all hosts. */
function untilPattern(text: ByteString): ByteString {
  const at = text.indexOf('%');
  return at < 0 ? text : text.slice(0, text.lastIndexOf('/', at) + 1);
}
