/** Plain Node: programs/node-fs.ts. */
import { nodeFs } from '../places.js';
import type { Driver } from './driver.js';

export const nodeFsDriver: Driver = {
  name: 'node fs',
  about: 'node node-fs.js LIFETIME DIR...: opendirSync, lstatSync, unlinkSync',
  missing: () => undefined,
  version: async () => process.version,
  command: ({ tree, lifetimeSeconds }) => ({
    argv: [process.execPath, nodeFs, String(lifetimeSeconds), ...tree.stores],
  }),
};
