/** Questions to a file system that may not answer: a network folder that hangs must not stop anybody from typing. */
import * as l10n from '@vscode/l10n';
import { ScrkdError } from '../base/errors.ts';

export class NoAnswerError extends ScrkdError<'no-answer'> {
  readonly reason = 'no-answer';
}

export interface PatienceOptions {
  /** Milliseconds to wait for an answer. */
  readonly patience: number;
  /** Milliseconds for which an answer holds. */
  readonly lifetime: number;
  /** Called when an answer came after its question was given up. */
  readonly onLate: () => void;
}

interface Asked {
  readonly answer: Promise<unknown>;
  readonly since: number;
  settledAt?: number;
  wasGivenUp?: boolean;
}

const mostQuestions = 2000;

export class Patience {
  readonly #asked = new Map<string, Asked>();
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * The answer to a question, asked once while it holds. A question that is still open after `patience` is given up at
   * once from then on, and not asked a second time.
   * @throws {NoAnswerError}, and what `ask` throws
   */
  async ask<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#current(question) ?? this.#begin(question, ask);
    if (asked.settledAt !== undefined) return asked.answer as Promise<T>;
    const left = asked.since + this.#options.patience - Date.now();
    if (left <= 0) throw this.#giveUp(asked, question);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#giveUp(asked, question)), left);
    });
    try {
      return (await Promise.race([asked.answer, limit])) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Forgets answers, all or those to questions with this in them; open questions stay. */
  forget(part = ''): void {
    for (const [question, { settledAt }] of this.#asked) if (settledAt !== undefined && question.includes(part)) this.#asked.delete(question);
  }

  #current(question: string): Asked | undefined {
    const asked = this.#asked.get(question);
    if (asked?.settledAt !== undefined && Date.now() - asked.settledAt > this.#options.lifetime) return undefined;
    return asked;
  }

  #begin<T>(question: string, ask: () => Promise<T>): Asked {
    if (this.#asked.size >= mostQuestions) this.forget();
    const answer = ask();
    const asked: Asked = { answer, since: Date.now() };
    const settle = (): void => {
      asked.settledAt = Date.now();
      if (asked.wasGivenUp === true) this.#options.onLate();
    };
    answer.then(settle, settle);
    this.#asked.set(question, asked);
    return asked;
  }

  #giveUp(asked: Asked, question: string): NoAnswerError {
    asked.wasGivenUp = true;
    return new NoAnswerError(l10n.t("'{0}' does not answer", question.slice(question.indexOf(' ') + 1)));
  }
}
