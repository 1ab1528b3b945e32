/**
 * Where Apache and nginx look for their configuration if nobody tells them: what they were built with,
 * which stands in the program as text (`httpd -V` and `nginx -V` print it).
 *
 * Invariant: nothing is run, and only a program that root alone could have written is believed.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

export interface Build {
  /** Where relative paths begin. */
  readonly prefix: ByteString;
  /** May be relative. */
  readonly mainFile: ByteString;
}

/** Apache with its debug information is not that large; a program of another kind may be. */
const maxProgramBytes = 16 * 2 ** 20;

export function apacheBuild(tree: FileTree, exe: ByteString): Build | null {
  const text = programText(tree, exe);
  const prefix = / -D HTTPD_ROOT="([^"\0]*)"/.exec(text)?.[1];
  const file = / -D SERVER_CONFIG_FILE="([^"\0]*)"/.exec(text)?.[1];
  if (prefix === undefined || file === undefined) return null;
  return { prefix, mainFile: file };
}

export function nginxBuild(tree: FileTree, exe: ByteString): Build | null {
  const text = programText(tree, exe);
  if (!/(?:nginx|Angie|Tengine) version: /.test(text)) return null;
  const given = /configure arguments: ([^\0]*)/.exec(text)?.[1] ?? '';
  const option = (name: string) =>
    new RegExp(`(?:^|\\s)--${name}=('?)(.*?)\\1(?=\\s|$)`).exec(given)?.[2];
  const prefix = option('prefix') ?? '/usr/local/nginx';
  return { prefix, mainFile: option('conf-path') ?? 'conf/nginx.conf' };
}

function programText(tree: FileTree, exe: ByteString): ByteString {
  const file = tree.read(exe, maxProgramBytes);
  return file instanceof Unreadable || file.setBy !== tree.setBy ? '' : file.text;
}
