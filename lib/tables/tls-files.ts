/** The certificates and the key of a connection, read by the process that may read them. */
import type { DatabaseAddress } from './address.js';
import { readText } from './secrets.js';
import type { TlsTexts } from './settings.js';

/** @throws TableError */
export function tlsTexts({ tls, tlsFiles }: DatabaseAddress): TlsTexts | null {
  if (tls === 'off') return null;
  const { ca, certificate, key } = tlsFiles;
  const text = (path: string | null) => (path === null ? null : readText(path));
  return { ca: text(ca), certificate: text(certificate), key: text(key) };
}
