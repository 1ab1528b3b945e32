/**
 * `<IfDefine>`, `<IfModule>`, `<IfVersion>`, `<IfFile>`: what Apache decides while it reads.
 *
 * Invariant: undefined means that only a running Apache can tell; both sides are then to be read.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { absolutePath } from '../paths.js';
import { splitWords, takeWord, trim } from './config-lines.js';
import type { Modules } from './modules.js';
import type { Variables } from './variables.js';

export interface ConditionContext {
  readonly tree: FileTree;
  readonly serverRoot: ByteString;
  readonly variables: Variables;
  readonly modules: Modules;
}

/** The sections that are conditions, without their bracket. */
export const conditionNames: ReadonlySet<ByteString> = new Set([
  'ifdefine',
  'ifmodule',
  'ifversion',
  'iffile',
  'ifdirective',
  'ifsection',
]);

export function evaluate(
  name: ByteString,
  args: ByteString,
  context: ConditionContext,
): boolean | undefined {
  if (name === 'ifversion') return isVersion(args);
  // The exclamation mark counts only outside of quotes.
  const isNegated = args.startsWith('!');
  const { word } = takeWord(isNegated ? args.slice(1) : args);
  const holds = isMet(name, word, context);
  return holds === undefined ? undefined : holds !== isNegated;
}

function isMet(
  name: ByteString,
  word: ByteString,
  { tree, serverRoot, variables, modules }: ConditionContext,
): boolean | undefined {
  switch (name) {
    case 'ifdefine':
      return variables.isDefined(word);
    case 'ifmodule':
      return modules.has(word);
    case 'iffile':
      return isThere(tree, absolutePath(serverRoot, word));
    case 'ifdirective':
      return /^php_(?:admin_)?(?:value|flag)$/i.test(word) ? modules.has('php_module') : undefined;
    default:
      return undefined;
  }
}

/** Where users other than root could make or remove the file, either may be so when Apache starts. */
function isThere(tree: FileTree, path: ByteString): boolean | undefined {
  const place = tree.find(path);
  if (place.setBy !== 0) return undefined;
  if (place instanceof Unreadable) return place.isMissing ? false : undefined;
  return true;
}

/** Every Apache that is still looked after is a 2.4; which, cannot be read from its files. */
function isVersion(args: ByteString): boolean | undefined {
  const words = splitWords(args);
  const [operator, wanted = ''] = words.length > 1 ? words : ['=', trim(args)];
  const isNegated = operator?.startsWith('!') === true;
  const comparison = isNegated ? operator?.slice(1) : operator;
  if (!/^[0-9]+(?:\.[0-9]+){0,2}$/.test(wanted)) return undefined;
  const [major = 0, minor = 0, patch = 0] = wanted.split('.').map(Number);
  const order = Math.sign(2 - major) || Math.sign(4 - minor);
  // 2.4.0 is the oldest: every patch level is at least that.
  const isKnown = order !== 0 || (patch === 0 && (comparison === '>=' || comparison === '<'));
  if (!isKnown) return undefined;
  const holds = comparisons[comparison ?? '']?.(order);
  return holds === undefined ? undefined : holds !== isNegated;
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};
