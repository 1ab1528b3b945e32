/**
 * The other side of apart.ts: one question, one answer, then the end.
 *
 * Invariant: the process never outlives its question by choice.
 */

/** @param answer what it throws ends the process, which is reported to the one who asked */
export function answerOnce<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
): void {
  process.once('message', async (question: Question) => {
    // The parent ends it: an exit of its own might be heard of before the answer.
    process.send?.(await answer(question));
  });
  // The parent is gone: nobody waits for an answer.
  process.once('disconnect', () => process.exit());
}
