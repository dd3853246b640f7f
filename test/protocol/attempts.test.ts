import { describe, expect, test } from 'vitest';
import { acceptedChanges, mergeAttempts } from '../../src/protocol/attempts.ts';
import { mergeEpochs, type EpochSummary } from '../../src/protocol/epochs.ts';
import type { NewRunEvent, RunEvent } from '../../src/protocol/events.ts';
import { exampleStep } from '../runs/support/example-run.ts';

/** Events of `[attempt, event]` pairs, numbered in their order. Their times go backwards: clocks do. */
function log(...entries: [attempt: number, event: NewRunEvent][]): RunEvent[] {
  return entries.map(([attempt, event], seq) => ({ v: 1, seq, attempt, time: new Date(1e12 - seq * 1000).toISOString(), ...event }));
}

const evaluation = (step: number, checkpoint = 'last'): NewRunEvent => ({ type: 'evaluation', epoch: 1, step, split: 'validation', protocol: 'pysod', checkpoint, images: 2, metrics: {}, best: false });
const resume = (step: number): NewRunEvent => ({ type: 'resume', checkpoint: 'last', epoch: 0, step });
const set = (step: number, args: Record<string, number>, outcome: 'accepted' | 'rejected' = 'accepted'): NewRunEvent => ({ type: 'control', id: `${step}`, verb: 'set', args, outcome, step });
const brief = (events: RunEvent[]): string[] => events.map((event) => `${event.attempt}:${event.type}${'step' in event ? event.step : ''}`);

describe('mergeAttempts', () => {
  test('an unbroken run stays as it is, whatever the order of the array', () => {
    const events = log([1, exampleStep(1)], [1, evaluation(1)], [1, exampleStep(2)]);
    expect(mergeAttempts(events)).toEqual(events);
    expect(mergeAttempts([...events].reverse())).toEqual(events);
  });

  test('after a resume the later steps of earlier attempts are gone, history stays', () => {
    const events = log(
      [1, exampleStep(1)],
      [1, exampleStep(2)],
      [1, set(2, { dsd: 5 })],
      [1, exampleStep(3)],
      [1, { type: 'log', level: 'warning', message: 'slow' }],
      [2, resume(1)],
      [2, exampleStep(2)],
      [2, exampleStep(3)],
      [2, exampleStep(4)],
    );
    expect(brief(mergeAttempts(events))).toEqual(['1:step1', '1:control2', '1:log', '2:resume1', '2:step2', '2:step3', '2:step4']);
  });

  test('a later resume from further back also drops what came between', () => {
    const events = log([1, exampleStep(1)], [1, exampleStep(2)], [2, resume(2)], [2, exampleStep(3)], [2, exampleStep(4)], [3, resume(1)], [3, exampleStep(2)]);
    expect(brief(mergeAttempts(events))).toEqual(['1:step1', '2:resume2', '3:resume1', '3:step2']);
  });

  test('what is reported again of the very step of the checkpoint replaces the first report', () => {
    const events = log([1, exampleStep(2)], [1, evaluation(2)], [1, evaluation(2, 'best')], [2, resume(2)], [2, evaluation(2)]);
    expect(brief(mergeAttempts(events))).toEqual(['1:step2', '1:evaluation2', '2:resume2', '2:evaluation2']);
    expect(mergeAttempts(events)[1]).toMatchObject({ checkpoint: 'best' });
  });
});

describe('acceptedChanges', () => {
  test('gives the changes from a step on, without rejected ones', () => {
    const events = log([1, set(1, { dsd: 1 })], [1, set(5, { dsd: 2 })], [1, set(6, { dsd: 3 }, 'rejected')], [1, set(7, { mvcd: 0, learningRate: 1e-3 })]);
    expect(acceptedChanges(events, 5)).toEqual([
      { step: 5, changes: { dsd: 2 } },
      { step: 7, changes: { mvcd: 0, learningRate: 1e-3 } },
    ]);
  });

  test('a change of a later attempt at an earlier step overrules what was changed after it', () => {
    const events = log([1, set(50, { dsd: 1, mvcd: 2 })], [1, set(60, { dsd: 3 })], [2, resume(40)], [2, set(45, { dsd: 9 })]);
    expect(acceptedChanges(events, 40)).toEqual([
      { step: 45, changes: { dsd: 9 } },
      { step: 50, changes: { mvcd: 2 } },
    ]);
  });
});

test('mergeEpochs keeps the last word on every epoch', () => {
  const epoch = (attempt: number, number: number): EpochSummary => ({
    v: 1, attempt, time: '2025-01-01T00:00:00Z', epoch: number, step: number * 10, terms: {}, total: attempt, learningRate: 1, seconds: 1, imagesPerSecond: 1, memoryBytes: 1, metrics: {},
  });
  const merged = mergeEpochs([epoch(1, 1), epoch(1, 2), epoch(1, 3), epoch(2, 2), epoch(3, 3)]);
  expect(merged.map(({ attempt, epoch }) => [attempt, epoch])).toEqual([[1, 1], [2, 2], [3, 3]]);
});
