import { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import { DataError } from './errors.ts';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './decode-worker.ts';
import type { PreparedSample, PrepareRequest } from './prepare.ts';

interface Waiting {
  readonly worker: Worker;
  readonly resolve: (prepared: PreparedSample) => void;
  readonly reject: (error: DataError) => void;
}

/** Where the bundled thread lies: beside the bundle, or, when the sources run (tests), in `dist/` of the package. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/decode-worker.js' : './decode-worker.js', import.meta.url);
}

/** Threads that decode and resize beside the engine. They live as long as the pool. */
export class DecodePool implements AsyncDisposable {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #tickets = 0;
  #ended: DataError | undefined;

  /** @param cacheBytes bound of the decoded originals kept, over all threads */
  constructor(workers: number, cacheBytes: number) {
    const settings: WorkerSettings = { cacheBytes: Math.floor(cacheBytes / workers) };
    this.#workers = Array.from({ length: workers }, () => this.#start(settings));
  }

  /**
   * Prepares one sample.
   * @param lane a sample that keeps its lane meets the thread that has it in its cache
   * @throws DataError what `prepare` throws, `worker-failed`, `disposed`
   */
  async prepare(request: PrepareRequest, lane: number): Promise<PreparedSample> {
    if (this.#ended !== undefined) throw this.#ended;
    const ticket = this.#tickets++;
    const worker = this.#workers[lane % this.#workers.length]!;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { worker, resolve, reject });
      worker.postMessage({ ticket, request } satisfies WorkerRequest);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new DataError('disposed', l10n.t('The loader was closed.')));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(settings: WorkerSettings): Worker {
    const worker = new Worker(workerFile(), { workerData: settings });
    worker.on('message', (reply: WorkerReply) => {
      const waiting = this.#waiting.get(reply.ticket);
      this.#waiting.delete(reply.ticket);
      if ('prepared' in reply) waiting?.resolve(reply.prepared);
      else waiting?.reject(new DataError(reply.failed.reason, reply.failed.message));
    });
    worker.on('error', (error) => {
      this.#end(new DataError('worker-failed', l10n.t('A decoding thread failed: {0}', error.message), { cause: error }));
    });
    worker.on('exit', (code) => {
      this.#end(new DataError('worker-failed', l10n.t('A decoding thread ended with code {0}.', code)));
    });
    return worker;
  }

  /** The first reason stays; everyone who waits learns it. */
  #end(reason: DataError): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
