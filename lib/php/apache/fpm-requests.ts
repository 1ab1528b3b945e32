/**
 * What Apache tells the PHP-FPM behind it with each request, by mod_proxy_fcgi: variables that FPM takes
 * for settings, and paths that are no document root of Apache's.
 *
 * Invariant: for which requests it does is not asked.
 */
import type { ByteString } from '../byte-string.js';
import type { PhpValue } from '../nginx/php-values.js';
import { absolutePath } from '../paths.js';
import { splitWords } from './config-lines.js';
import type { Directive } from './directive.js';
import type { ServedDirectory } from './section.js';

export interface FpmRequests {
  readonly phpValues: readonly PhpValue[];
  /** As in `ProxyPassMatch ^/(.*\.php)$ fcgi://127.0.0.1:9000/srv/web/$1`. */
  readonly directories: readonly ServedDirectory[];
}

export function fpmRequestsIn(directives: readonly Directive[]): FpmRequests {
  const phpValues: PhpValue[] = [];
  const directories: ServedDirectory[] = [];
  const look = (block: readonly Directive[]): void => {
    for (const directive of block) {
      const { name, args, source, setBy, children } = directive;
      if (children !== null) {
        look(children);
        continue;
      }
      for (const [variable, text] of variablesIn(name, args)) {
        if (variable === 'PHP_VALUE' || variable === 'PHP_ADMIN_VALUE')
          phpValues.push({ name: variable, text, source, setBy, block, server: 'apache2' });
      }
      const path = /^(?:proxypass|proxypassmatch|rewriterule)$/.test(name)
        ? /fcgi:\/\/[^/\s"|]*(\/[^\s"$%]*)/.exec(args)?.[1]
        : undefined;
      const directory = path === undefined ? '' : path.slice(0, path.lastIndexOf('/'));
      if (directory !== '') directories.push({ path: absolutePath('/', directory), source, setBy });
    }
  };
  look(directives);
  return { phpValues, directories };
}

/** The variables that a line sets (mod_env, mod_setenvif, mod_rewrite, mod_proxy_fcgi). */
function variablesIn(name: ByteString, args: ByteString): (readonly [ByteString, ByteString])[] {
  if (!/PHP_(?:ADMIN_)?VALUE/.test(args)) return [];
  const words = splitWords(args);
  switch (name) {
    case 'setenv':
      return [[words[0] ?? '', words[1] ?? '']];
    case 'proxyfcgisetenvif':
      return [[words[1] ?? '', words[2] ?? '']];
    case 'setenvif':
    case 'setenvifnocase':
    case 'setenvifexpr':
    case 'browsermatch':
    case 'browsermatchnocase':
      return words.flatMap((word) => {
        const equals = word.indexOf('=');
        return equals < 0 ? [] : [[word.slice(0, equals), word.slice(equals + 1)] as const];
      });
    case 'rewriterule':
      return Array.from(
        args.matchAll(/[[,]\s*(?:E|env)=(PHP_(?:ADMIN_)?VALUE):([^,\]]*)/gi),
        ([, variable = '', value = '']) => [variable, value] as const,
      );
    default:
      return [];
  }
}
