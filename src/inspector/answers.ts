/** Questions one after another, the newest first; what was withdrawn meanwhile is not begun. */
import type { InspectedNetwork, InspectorAnswer, InspectorQuestion } from '../protocol/inspector.ts';
import { unreachable } from '../base/errors.ts';
import { InspectedNetworks } from './networks.ts';
import { scoresOfPredictions } from './scores.ts';

interface Files {
  readonly image: string;
  readonly mask: string;
}

interface Waiting {
  readonly id: number;
  readonly run: () => Promise<void>;
  readonly drop: () => void;
}

export class Answers {
  readonly #networks: InspectedNetworks;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  /** @param memoryBytes what weights, programs and answers may take */
  constructor(
    private readonly inspected: readonly InspectedNetwork[],
    memoryBytes: number,
  ) {
    this.#networks = new InspectedNetworks(inspected, memoryBytes);
  }

  /** @returns undefined when it was cancelled before its turn came. @throws ScrkdError */
  answer(id: number, question: InspectorQuestion, files: Files | undefined): Promise<InspectorAnswer | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, run: () => this.#compute(question, files).then(resolve, reject), drop: () => resolve(undefined) });
      void this.#work();
    });
  }

  cancel(id: number): void {
    const at = this.#waiting.findIndex((waiting) => waiting.id === id);
    if (at !== -1) this.#waiting.splice(at, 1)[0]!.drop();
  }

  /** One at a time: the engine uses all of its threads for each. */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) await next.run();
    this.#busy = false;
  }

  async #compute(question: InspectorQuestion, files: Files | undefined): Promise<InspectorAnswer> {
    switch (question.kind) {
      case 'capture':
        return { kind: 'capture', views: await this.#networks.capture(question.role, question.epoch, files?.image) };
      case 'image':
        return { kind: 'capture', views: await this.#networks.capture(question.role, question.epoch, new Uint8Array(question.bytes)) };
      case 'features': {
        const { shape, data } = await this.#networks.features(question.role, question.epoch, files?.image, question.stage, question.operand);
        return { kind: 'tensor', shape, data };
      }
      case 'scores':
        return { kind: 'scores', scores: await scoresOfPredictions(this.inspected) };
      default:
        return unreachable(question);
    }
  }
}
