/**
 * The headers of every answer: what a browser may do with it.
 *
 * Invariant: nothing is loaded, sent or framed from elsewhere, and no script or style runs but the
 * page's own two, which are named by their hashes.
 */
import { createHash } from 'node:crypto';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hashSource(pageScript)}`,
  `style-src ${hashSource(pageStyle)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
