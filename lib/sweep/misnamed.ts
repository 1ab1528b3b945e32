const mistakes = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];
/** Of a table's; a server that is down or refuses everyone is none. */
const tableMistakes = ['SETTINGS', 'MISSING', 'COLUMN', 'TYPE', 'KIND'].map(
  (what) => `ERR_TABLE_${what}`,
);

/**
 * Whether what keeps a store from being swept is a mistake in what was asked for: a directory that is
 * not there, may not be used, or is of another kind. A disk that fails is none.
 */
export function isMisnamed({ code }: { readonly code: string }): boolean {
  if (code === 'ERR_NOT_ANSWERING') return false;
  if (code.startsWith('ERR_TABLE_')) return tableMistakes.includes(code);
  return code.startsWith('ERR_') || mistakes.includes(code);
}
