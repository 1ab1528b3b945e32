/** A pass as it is every few minutes: one session in a hundred has expired. */
import type { Trial } from './trial.js';

export const mixed: Trial = {
  name: 'mixed',
  about: 'one directory, 1% expired, spread among the live',
  shape: (files) => {
    const expired = Math.ceil(files / 100);
    return { live: files - expired, expired, depth: 0, directories: 0 };
  },
};
