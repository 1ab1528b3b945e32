/**
 * `npm run bench:race`: how wide the window is in which a request loses what it writes (see race.ts). With
 * `--held N` instead: whether requests that hold sessions open across a sweep lose anything (see held.ts).
 */
import { parseArgs } from 'node:util';
import { runTrial } from '../judging-trial.js';
import { heldTrial } from './held.js';
import { raceTrial } from './race.js';

const { values } = parseArgs({
  options: {
    // So many that a window which nobody was lost in is told to be under its limit.
    rounds: { type: 'string', default: '45' },
    held: { type: 'string' },
    size: { type: 'string', default: '8000' },
    work: { type: 'string', default: '/dev/shm' },
    out: { type: 'string' },
  },
});
const size = Number(values.size);
const trial =
  values.held === undefined
    ? raceTrial({ rounds: Number(values.rounds), size })
    : heldTrial({ held: Number(values.held), size });
process.exitCode = await runTrial('bench:race', { trial, workplace: values.work, out: values.out });
