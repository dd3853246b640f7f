// A decoding thread: one request at a time, answered with transferred arrays. Started by `decode-pool.ts`.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.ts';
import { DataError, type DataReason } from './errors.ts';
import { PairCache, preparePair, type PreparedSample, type PrepareRequest } from './prepare.ts';

export interface WorkerSettings {
  readonly cacheBytes: number;
}
export interface WorkerRequest {
  readonly ticket: number;
  readonly request: PrepareRequest;
}
export type WorkerReply =
  | { readonly ticket: number; readonly prepared: PreparedSample }
  | { readonly ticket: number; readonly failed: { readonly reason: DataReason; readonly message: string } };

if (parentPort !== null) {
  const port = parentPort;
  const cache = new PairCache((workerData as WorkerSettings).cacheBytes);
  const answer = async ({ ticket, request }: WorkerRequest): Promise<void> => {
    try {
      const original = await cache.get(request.image, request.mask);
      let prepared = preparePair(original, request);
      // A mask that was neither turned nor resized is the cached one: transferring it would empty the cache's copy.
      if (prepared.mask.data === original.mask.data) prepared = { ...prepared, mask: { ...prepared.mask, data: prepared.mask.data.slice() } };
      const buffers = [...prepared.images, prepared.mask.data].map((array) => array.buffer as ArrayBuffer);
      port.postMessage({ ticket, prepared } satisfies WorkerReply, buffers);
    } catch (error) {
      const reason = error instanceof DataError ? error.reason : 'unreadable';
      port.postMessage({ ticket, failed: { reason, message: messageOf(error) } } satisfies WorkerReply);
    }
  };
  // One after another: two pictures at once would double the memory and gain nothing on one thread.
  let queue = Promise.resolve();
  port.on('message', (message: WorkerRequest) => {
    queue = queue.then(() => answer(message));
  });
}
