/** One story out of the attempts at a run: what a resumed run did again replaces what the killed attempt did. */
import { liveChanges, type LiveChanges } from './control.ts';
import type { RunEvent } from './events.ts';

/**
 * The events that count, in order of `seq`. After a `resume` from step s, what earlier attempts reported of later steps is
 * dropped, and so is what an earlier attempt reported of the very same step, evaluation, capture or checkpoint.
 * Controls, logs, states and resumes are history and stay.
 */
export function mergeAttempts(events: readonly RunEvent[]): RunEvent[] {
  const ordered = [...events].sort((a, b) => a.seq - b.seq);
  const kept: RunEvent[] = [];
  const reportedLater = new Set<string>();
  let lastValidStep = Infinity;
  // Backwards: an event is judged by the resumes and reports after it.
  for (const event of ordered.reverse()) {
    if (event.type === 'resume') lastValidStep = Math.min(lastValidStep, event.step);
    const subject = subjectOf(event);
    if (subject !== undefined) {
      if ('step' in event && event.step > lastValidStep) continue;
      if (reportedLater.has(subject)) continue;
      reportedLater.add(subject);
    }
    kept.push(event);
  }
  return kept.reverse();
}

/** A live change and the number of steps that were done when it was accepted: it acts from the step after that. */
export interface AcceptedChange {
  step: number;
  changes: LiveChanges;
}

/**
 * The live changes (`set`) accepted at step `step` or later, by step. A run that goes on from a checkpoint of that step
 * applies each again when it gets there, so that a crash takes nothing back that a person changed. Where a later attempt
 * changed the same thing at an earlier step, what the earlier attempt would have changed after that no longer counts.
 */
export function acceptedChanges(events: readonly RunEvent[], step: number): AcceptedChange[] {
  const accepted: AcceptedChange[] = [];
  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    if (event.type !== 'control' || event.verb !== 'set' || event.outcome !== 'accepted') continue;
    const parsed = liveChanges.safeParse(event.args);
    if (!parsed.success) continue;
    for (const earlier of accepted) {
      if (earlier.step > event.step) earlier.changes = without(earlier.changes, parsed.data);
    }
    accepted.push({ step: event.step, changes: parsed.data });
  }
  return accepted
    .filter((change) => change.step >= step && Object.keys(change.changes).length > 0)
    .sort((a, b) => a.step - b.step); // stable: equal steps stay in order of `seq`
}

function without(changes: LiveChanges, overruled: LiveChanges): LiveChanges {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !Object.hasOwn(overruled, name)));
}

/** What an event reports on, if a later attempt can report on it again. */
function subjectOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'step':
    case 'epoch':
    case 'capture':
      return `${event.type} ${event.step}`;
    case 'evaluation':
      return `evaluation ${event.step} ${event.split} ${event.protocol} ${event.checkpoint}`;
    case 'checkpoint':
      return `checkpoint ${event.step} ${event.name}`;
    case 'control':
    case 'resume':
    case 'log':
    case 'state':
      return undefined;
  }
}
