/** The process in which node_exporter's text file is written where that can hang. */
import { answerOnce } from '../apart/answer-once.js';
import { changeTextfile } from './replace-textfile.js';

answerOnce(changeTextfile);
