import { monotonicFactory } from 'ulid';

/** Run, launch and request ids: ULIDs, and those of one process sort in the order they were made even within a millisecond. */
export const newId: () => string = monotonicFactory();
