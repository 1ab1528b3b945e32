/** Reads and writes what is known of the clock in a process of its own. */
import { Apart } from '../apart/apart.js';
import { patience, type StateAnswer, type StateQuestion } from './state-file.js';

export const stateApart = new Apart<StateQuestion, StateAnswer>({
  program: 'clock/state-child.js',
  ...patience,
  mostLeftBehind: 1,
  failed: (reason) => new Error(`the process that writes it failed: ${reason}`),
});
