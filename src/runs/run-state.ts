import { protocolVersion } from '../protocol/json.ts';
import type { RunState } from '../protocol/run.ts';
import { thisProcess } from './liveness.ts';

/** The state a new attempt begins with: `queued`, in this process, and as far as the earlier attempts came. */
export function newState(attempt: number, now: Date, earlier: RunState | undefined): RunState {
  const lasting = earlier === undefined ? { epoch: 0, epochs: 0, step: 0, stepsPerEpoch: 0 } : without(earlier, ['error', 'queue', 'eta']);
  return { ...lasting, v: protocolVersion, state: 'queued', attempt, ...thisProcess(), heartbeat: now.toISOString() };
}

/** A state without what belongs to one status, or to one process, only. */
export function without<Name extends 'error' | 'queue' | 'eta'>(state: RunState, names: readonly Name[]): Omit<RunState, Name> {
  const entries = Object.entries(state).filter(([name]) => !names.includes(name as Name));
  return Object.fromEntries(entries) as Omit<RunState, Name>;
}
