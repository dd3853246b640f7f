/** The thread that traces networks and reads checkpoints. It starts with the first question and holds nobody up. */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { NetworkAnswers, NetworkQuestion, NetworkReply, NetworkRequest } from '../config/network-questions.ts';
import { canonical } from '../config/recipe.ts';

type Answer = NetworkAnswers[keyof NetworkAnswers];

/** Where the bundled thread lies: beside the bundle, or, when the sources run (tests), in `dist/` of the package. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/network-worker.js' : './network-worker.js', import.meta.url);
}

/** Answers by question; a question that failed is not asked again. */
const mostAnswers = 500;

export class NetworkThread implements Disposable {
  readonly #answers = new Map<string, Answer | undefined>();
  readonly #asked = new Map<number, string>();
  readonly #onAnswer: () => void;
  #worker: Worker | undefined;
  #tickets = 0;
  #isOver = false;

  /** @param onAnswer called when something became known that was asked before */
  constructor(onAnswer: () => void) {
    this.#onAnswer = onAnswer;
  }

  /** What is known already; undefined until it is, or when it cannot be. `fresh` tells apart states of a file. */
  known<Kind extends NetworkQuestion['kind']>(question: Extract<NetworkQuestion, { kind: Kind }>, fresh = ''): NetworkAnswers[Kind] | undefined {
    const key = `${fresh}\0${canonical(question)}`;
    if (this.#answers.has(key)) return this.#answers.get(key) as NetworkAnswers[Kind] | undefined;
    if (![...this.#asked.values()].includes(key)) this.#ask(key, question);
    return undefined;
  }

  #ask(key: string, question: NetworkQuestion): void {
    const worker = this.#start();
    if (worker === undefined) return;
    const ticket = this.#tickets++;
    this.#asked.set(ticket, key);
    worker.postMessage({ ticket, question } satisfies NetworkRequest);
  }

  #start(): Worker | undefined {
    if (this.#worker !== undefined || this.#isOver) return this.#worker;
    const file = workerFile();
    if (!existsSync(file)) {
      this.#isOver = true;
      return undefined;
    }
    const worker = new Worker(file);
    worker.unref();
    worker.on('message', (reply: NetworkReply) => this.#settle(reply));
    // A thread that broke would break again: its figures are left out from now on.
    worker.on('error', () => this.#end());
    this.#worker = worker;
    return worker;
  }

  #settle(reply: NetworkReply): void {
    const key = this.#asked.get(reply.ticket);
    if (key === undefined) return;
    this.#asked.delete(reply.ticket);
    if (this.#answers.size >= mostAnswers) this.#answers.clear();
    this.#answers.set(key, 'answer' in reply ? reply.answer : undefined);
    if ('answer' in reply) this.#onAnswer();
  }

  #end(): void {
    this.#isOver = true;
    this.#worker = undefined;
    this.#asked.clear();
  }

  [Symbol.dispose](): void {
    const worker = this.#worker;
    this.#end();
    void worker?.terminate();
  }
}
