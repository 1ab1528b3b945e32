/** The process in which stamps are taken where that can hang. */
import { answerOnce } from '../apart/answer-once.js';
import { type StampQuestion, stampsOf } from './stamps.js';

answerOnce((question: StampQuestion) => stampsOf(question));
