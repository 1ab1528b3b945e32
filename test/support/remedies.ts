/**
 * Tries a finding of the doctor's on a machine that has it: the finding is there, its remedy is carried out
 * as it is printed, and then the finding is gone. What was seen and done is the transcript in
 * docs/doctor.md.
 *
 * Invariant: the page shows what happened here; where it does not, the test fails. Numbers may differ.
 * SESCLE_WRITE_TRANSCRIPTS=1 writes the page anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Examination, Finding } from '../../lib/index.js';
import { quote, runCli, runShell } from './cli.js';
import type { Machine } from './machine.js';

export async function examined(machine: Machine, ...args: string[]): Promise<Examination> {
  const { text, stderr } = await runCli(['doctor', '--json', '--root', machine.root, ...args]);
  expect(stderr).toBe('');
  return JSON.parse(text);
}

export async function findings(machine: Machine, ...args: string[]): Promise<Finding[]> {
  return [...(await examined(machine, ...args)).findings];
}

export async function finding(machine: Machine, id: string, ...args: string[]): Promise<Finding> {
  const all = await findings(machine, ...args);
  const found = all.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no ${id} among ${all.map((each) => each.id)}`);
  expect(found.evidence.length).toBeGreaterThan(0);
  expect(found.consequence).not.toBe('');
  expect(found.remedy.length).toBeGreaterThan(0);
  return found;
}

export async function expectMended(machine: Machine, id: string): Promise<void> {
  expect((await findings(machine)).map((each) => each.id)).not.toContain(id);
}

interface Trial {
  /** Which lines of the remedy are carried out. Default: all. */
  readonly choose?: (line: string) => boolean;
  /** Makes of a line what does the same to a machine that is only files. */
  readonly change?: (line: string) => string;
  /** What was done by hand, where the remedy is no command: as it is told, and as it is done. */
  readonly byHand?: readonly [told: string, done: () => void];
  /** Options of the command. */
  readonly args?: readonly string[];
  /** The section of the page, where there are several of a kind; null: it has none. */
  readonly section?: string | null;
}

/** @returns the finding as it was */
export async function mend(machine: Machine, id: string, trial: Trial = {}): Promise<Finding> {
  const { choose = () => true, change = (line) => line, byHand, section = id, args = [] } = trial;
  const found = await finding(machine, id, ...args);
  const before = await report(machine, args);
  const done: string[] = [];
  if (byHand === undefined) {
    const commands = found.remedy.filter(choose);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      await carryOut(change(command), machine);
      done.push(`# ${command}`);
    }
  } else {
    const [told, doIt] = byHand;
    doIt();
    done.push(`# ${told}`);
  }
  await expectMended(machine, id);
  const after = await report(machine, args);
  const seen = before.split('\n\n').find((block) => block.includes(found.title)) ?? '';
  const last = after.trimEnd().split('\n').at(-1) ?? '';
  const lines = ['# sescle doctor', seen.trimEnd(), ...done, '# sescle doctor', last];
  if (section === null) return found;
  expectOnPage(section, lines.join('\n').replaceAll(machine.root, ''));
  return found;
}

async function report(machine: Machine, args: readonly string[]): Promise<string> {
  return (await runCli(['doctor', '--root', machine.root, ...args])).text;
}

/** `sescle` is the one that is tested, on the machine that it is tried on. */
export async function carryOut(command: string, machine: Machine): Promise<void> {
  const root = quote(machine.root);
  const { status, stderr, text } = await runShell(`
sescle() {
  case $1 in
    adopt) shift; "\${sescle[@]}" adopt --yes --root ${root} "\${@/#${machine.root.replaceAll('/', '\\/')}/}" ;;
    sweep) shift; "\${sescle[@]}" sweep -l 24m "$@" ;;
    *) "\${sescle[@]}" "$@" ;;
  esac
}
systemctl() { command systemctl --quiet --root=${root} "\${@/--now/--no-block}"; }
${command}`);
  expect([status, stderr + text], command).toEqual([0, expect.anything()]);
}

const page = fileURLToPath(new URL('../../docs/doctor.md', import.meta.url));

function expectOnPage(section: string, transcript: string): void {
  const text = readFileSync(page, 'utf8');
  const name = section.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const block = new RegExp(
    `(## [^\\n]*\\(\`${name}\`\\)\\n(?:(?!## )[^\\n]*\\n)*?\`\`\`console\\n)([^]*?)(\`\`\`)`,
  );
  const [, , shown] = block.exec(text) ?? [];
  expect(shown, `docs/doctor.md has no section for ${section}`).toBeDefined();
  if (process.env['SESCLE_WRITE_TRANSCRIPTS'] === '1') {
    writeFileSync(
      page,
      text.replace(block, (_, head, __, tail) => `${head}${transcript}\n${tail}`),
    );
    return;
  }
  expect(withoutNumbers(shown ?? '')).toBe(withoutNumbers(`${transcript}\n`));
}

function withoutNumbers(text: string): string {
  return text
    .replace(/\d+(?:[.,]\d+)*/g, 'N')
    .replace(/N (?:[KMG]i)?B\b/g, 'N B')
    .replace(/ {2,}/g, '  ');
}
