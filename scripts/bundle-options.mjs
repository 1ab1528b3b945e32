// What bundle.mjs and bundle-executable.mjs tell esbuild alike.
import path from 'node:path';

export const common = {
  absWorkingDir: path.resolve(import.meta.dirname, '..'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  sourcemap: true,
  logLevel: 'warning',
};
