/**
 * Whether what keeps a store from being swept is a mistake in what was asked for: a directory that is
 * not there, may not be used, or is of another kind. A disk that fails is none.
 */
export function isMisnamed({ code }: { readonly code: string }): boolean {
  if (code === 'ERR_NOT_ANSWERING') return false;
  return (
    code.startsWith('ERR_') || ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(code)
  );
}
