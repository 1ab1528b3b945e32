/** tmpreaper, by mtime, without the limit of 55 seconds that it sets itself. */
import { execute } from '../execute.js';
import { type Driver, missingProgram } from './driver.js';

export const tmpreaper: Driver = {
  name: 'tmpreaper',
  about: 'tmpreaper --mtime --runtime=0 SECONDSs DIR...',
  missing: () => missingProgram('tmpreaper'),
  version: async () => {
    const { stdout, stderr } = await execute('tmpreaper', ['--help']);
    return /Version: *(\S+)/.exec(stdout + stderr)?.[1] ?? 'unknown';
  },
  command: ({ tree, lifetimeSeconds }) => ({
    argv: ['tmpreaper', '--mtime', '--runtime=0', `${lifetimeSeconds}s`, ...tree.stores],
  }),
};
