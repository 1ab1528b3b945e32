/**
 * A real Apache with mod_php is the oracle: for random configurations, what its scripts are told by
 * ini_get() must be what is read from its files.
 *
 * Twice: for every script, by the merge alone; and for every Usage that is about a script which
 * exists, by what discovery will be given.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanDocumentRoots } from '../../lib/php/apache/document-roots.js';
import { mergeSettings, sectionsAt } from '../../lib/php/apache/merge.js';
import { overrideUsages } from '../../lib/php/apache/override-usages.js';
import { type ApacheConfiguration, readApache } from '../../lib/php/apache/read-apache.js';
import type { ApacheScope, Section } from '../../lib/php/apache/section.js';
import { applied } from '../../lib/php/apache/section-outcomes.js';
import { type ApacheUsage, apacheUsages } from '../../lib/php/apache/usages.js';
import { FileTree } from '../../lib/php/file-tree.js';
import { parseIni } from '../../lib/php/ini/parse-ini.js';
import type { Setting, Warning } from '../../lib/php/provenance.js';
import type { SessionSettings } from '../../lib/php/usage.js';
import { type Apache, freePort, phpModule, preamble, startApache } from '../support/apache.js';
import { Random } from '../support/random.js';
import { tempDir } from '../support/temp-dir.js';
import { type RandomApache, randomApache } from './random-apache.js';

const startCount = 15;
const library = phpModule();

const iniValues = {
  'session.save_handler': 'files',
  'session.save_path': '/base/path',
  'session.gc_maxlifetime': '1440',
  'session.gc_probability': '0',
  'session.gc_divisor': '1000',
  sys_temp_dir: '/base/temp',
} as const;

const base: SessionSettings = new Map(
  Object.entries(iniValues).map(([name, value]) => [
    name as keyof typeof iniValues,
    { value, source: { kind: 'default', of: 'this test' }, setBy: 0 },
  ]),
);

describe.skipIf(library === undefined)('what is read from Apache’s files', () => {
  it(`is what mod_php tells the scripts of ${startCount} random configurations`, {
    timeout: 300_000,
  }, async () => {
    const random = Random.fromEnvironment();
    const compared = {
      configurations: 0,
      scopes: 0,
      scripts: 0,
      refused: 0,
      usages: 0,
      accessFileUsages: 0,
      ifUsages: 0,
    };
    const differences: string[] = [];
    for (let start = 0; start < startCount; start++) {
      const root = tempDir('sescle-apache-');
      const port = await freePort();
      writeIni(root);
      const generated = randomApache(random, root, preamble(root, port, library ?? ''));
      const apache = await startApache(root, generated.mainFile, port, [
        '-DFLAG',
        ...generated.before.flatMap((line) => ['-C', line]),
        ...generated.after.flatMap((line) => ['-c', line]),
      ]);
      try {
        const trial = new Trial(apache, generated);
        await trial.compareScripts();
        await trial.compareUsages();
        differences.push(...trial.differences.map((line) => `start ${start}: ${line}`));
        compared.configurations += 1;
        compared.scopes += trial.scopeCount;
        compared.scripts += trial.scripts;
        compared.refused += trial.refused;
        compared.usages += trial.usages;
        compared.accessFileUsages += trial.accessFileUsages;
        compared.ifUsages += trial.ifUsages;
      } finally {
        await apache.stop();
      }
    }
    expect(differences.slice(0, 10), `SESCLE_SEED=${random.seed}`).toEqual([]);
    console.info(`apache: SESCLE_SEED=${random.seed}`, compared);
    expect(compared.scripts).toBeGreaterThan(startCount * 30);
    expect(compared.usages).toBeGreaterThan(startCount * 10);
    expect(compared.accessFileUsages).toBeGreaterThan(0);
    expect(compared.ifUsages).toBeGreaterThan(0);
  });
});

function given(value: string): Setting {
  return { value, source: { kind: 'command line' }, setBy: 0 };
}

function writeIni(root: string): void {
  mkdirSync(root, { recursive: true });
  const lines = Object.entries(iniValues).map(([name, value]) => `${name} = "${value}"`);
  writeFileSync(path.join(root, 'php.ini'), `${lines.join('\n')}\ndisplay_errors = 0\n`);
}

class Trial {
  readonly differences: string[] = [];
  scripts = 0;
  refused = 0;
  usages = 0;
  accessFileUsages = 0;
  ifUsages = 0;
  readonly #apache: Apache;
  readonly #requests: RandomApache['requests'];
  readonly #configuration: ApacheConfiguration;
  readonly #tree = new FileTree('/');
  readonly #accessFiles = new Map<string, Section>();
  readonly #all: readonly ApacheUsage[];
  /** What Apache says of `host url`. */
  readonly #answers = new Map<string, string | number>();

  constructor(apache: Apache, { mainFile, defines, before, after, requests }: RandomApache) {
    this.#apache = apache;
    this.#requests = requests;
    this.#configuration = readApache(this.#tree, {
      mainFile,
      defines,
      environment: new Map(),
      before: before.map(given),
      after: after.map(given),
    });
    const scanned = scanDocumentRoots(this.#tree, this.#configuration.documentRoots, {
      parseIni,
      userIniNames: [],
      apache: this.#configuration,
    });
    for (const { directory, section } of scanned.overrides)
      if (section !== null) this.#accessFiles.set(directory, section);
    const leftOut: Warning[] = [];
    const options = { tree: this.#tree, labelPrefix: 'apache2', warnings: leftOut };
    const plain = apacheUsages(this.#configuration, base, options);
    this.#all = [...plain, ...(overrideUsages(scanned.overrides, plain, leftOut) as ApacheUsage[])];
    const warnings = [...this.#configuration.warnings, ...scanned.warnings, ...leftOut]
      .map(({ message }) => message)
      .filter((message) => !/NOT_DEFINED/.test(message));
    if (warnings.length > 0) this.differences.push(`warnings: ${warnings.join('; ')}`);
  }

  get scopeCount(): number {
    return this.#configuration.scopes.reduce(
      (sum, { directories, locations }) => sum + 1 + directories.length + locations.length,
      this.#accessFiles.size,
    );
  }

  async compareScripts(): Promise<void> {
    for (const { host, file, url } of this.#requests) {
      const answer = await this.#ask(host, url);
      // An .htaccess in which PHP's values are not allowed: Apache refuses, no PHP runs.
      if (answer === 500) {
        this.refused += 1;
        continue;
      }
      const scope = this.#scope(host);
      const { sections } = sectionsAt(this.#configuration.scopes[0], scope, {
        file,
        url,
        accessFiles: this.#accessFiles,
      });
      const merged = mergeSettings(sections, true);
      const [outcome] = applied(this.#configuration, base, merged, this.#tree);
      const { settings = base } = outcome ?? {};
      this.scripts += 1;
      this.#compare(`${host}${url}`, answer, settings);
    }
  }

  async compareUsages(): Promise<void> {
    const byPoint = new Map<string, ApacheUsage>();
    for (const usage of this.#all) {
      const { scope, point } = usage.apache;
      const host = scope.name?.replace(/:.*/, '');
      const isSure = point.forced?.every(
        ({ isRegex, pattern }) => !isRegex && !/[*?[]/.test(pattern),
      );
      if (host === undefined || isSure === false) continue;
      if (!this.#requests.some((other) => other.host === host && other.url === point.url)) continue;
      const query = /'(if[0-9]+)'/.exec(point.forced?.at(-1)?.pattern ?? '')?.[1];
      // The later are those with .htaccess files.
      byPoint.set(`${host} ${point.url}${query === undefined ? '' : `?${query}`}`, usage);
    }
    for (const [key, usage] of byPoint) {
      const [host = '', url = ''] = key.split(' ');
      const answer = await this.#ask(host, url);
      if (answer === 500) continue;
      this.usages += 1;
      if (usage.label.includes('.htaccess')) this.accessFileUsages += 1;
      if (url.includes('?')) this.ifUsages += 1;
      this.#compare(usage.label, answer, usage.settings);
    }
  }

  async #ask(host: string, url: string): Promise<string | number> {
    const key = `${host} ${url}`;
    const answer = this.#answers.get(key) ?? (await this.#apache.get(host, url));
    this.#answers.set(key, answer);
    return answer;
  }

  #scope(host: string): ApacheScope {
    const scope = this.#configuration.scopes.find(({ name }) => name === `${host}:*`);
    if (scope === undefined) throw new Error(`no virtual host ${host}`);
    return scope;
  }

  #compare(what: string, answer: string | number, settings: SessionSettings): void {
    const ours = Object.keys(iniValues).map((name) => [
      name,
      settings.get(name as keyof typeof iniValues)?.value,
    ]);
    const told = typeof answer === 'string' ? fromHex(answer) : String(answer);
    const read = JSON.stringify(Object.fromEntries(ours));
    if (told !== read) this.differences.push(`${what}: PHP has ${told}, we read ${read}`);
  }
}

/** The page gives its values in hexadecimal, since they need not be UTF-8. */
function fromHex(answer: string): string {
  return answer.replaceAll(/"x([0-9a-f]*)"/g, (_, hex: string) =>
    JSON.stringify(Buffer.from(hex, 'hex').toString('latin1')),
  );
}
