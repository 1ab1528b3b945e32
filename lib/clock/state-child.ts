/** The process that reads and writes what is known of the clock where its directory may not answer. */
import { answerOnce } from '../apart/answer-once.js';
import { answerFrom } from './state-file.js';

answerOnce(answerFrom);
