/**
 * A thread of the language server that knows networks: it traces a stage's steps, which takes seconds, and reads what a
 * checkpoint holds. No native addon is loaded and nothing is run.
 */
import { parentPort } from 'node:worker_threads';
import { messageOf, unreachable } from '../base/errors.ts';
import type { NetworkAnswers, NetworkQuestion, NetworkReply, NetworkRequest } from '../config/network-questions.ts';
import { summariseCheckpoint } from '../training/checkpoint-summary.ts';
import { describeStage } from '../training/stage-description.ts';

async function answer(question: NetworkQuestion): Promise<NetworkAnswers[keyof NetworkAnswers]> {
  switch (question.kind) {
    case 'describe':
      return describeStage(question.stage);
    case 'checkpoint':
      return summariseCheckpoint(question.file);
    default:
      return unreachable(question);
  }
}

parentPort?.on('message', ({ ticket, question }: NetworkRequest) => {
  answer(question).then(
    (given) => parentPort?.postMessage({ ticket, answer: given } satisfies NetworkReply),
    (error: unknown) => parentPort?.postMessage({ ticket, failure: messageOf(error) } satisfies NetworkReply),
  );
});
