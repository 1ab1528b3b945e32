/** On which Node sescle runs. */
import { expect, test } from 'vitest';
import { nodeVersionFault } from '../../../lib/cli/node-version.js';

test.each(['v20.17.0', 'v20.20.2', 'v22.0.0', 'v26.1.0'])('%s is new enough', (version) => {
  expect(nodeVersionFault(version)).toBe(null);
});

test.each(['v18.20.8', 'v20.16.9', 'v20.0.0', 'v8.17.0'])('%s is too old', (version) => {
  expect(nodeVersionFault(version)).toBe(`sescle needs Node 20.17 or later; this is ${version}`);
});
