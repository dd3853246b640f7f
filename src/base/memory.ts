import { totalmem } from 'node:os';

/** Bytes of memory that this process may have: the machine's, or what a container or a scheduler leaves of it. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
