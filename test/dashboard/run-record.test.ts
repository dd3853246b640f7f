import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { column, RunRecord } from '../../src/extension/dashboard/run-record.ts';
import { mergeAttempts } from '../../src/protocol/attempts.ts';
import type { NewRunEvent, RunEvent } from '../../src/protocol/events.ts';
import { exampleStep } from '../runs/support/example-run.ts';

const fresh = (): RunRecord => new RunRecord({ weights: { mvcd: 1, msfd: 1, dsd: 10 }, temperature: 1, learningRate: 2e-5 });

/** Events with `seq`, and times a tenth of a second apart unless given. */
function story(...events: readonly (NewRunEvent & { at?: number })[]): RunEvent[] {
  return events.map(({ at, ...event }, seq) => ({ v: 1, seq, attempt: 1, time: new Date(1_767_000_000_000 + (at ?? seq * 0.1) * 1000).toISOString(), ...event }));
}

function record(events: readonly RunEvent[]): RunRecord {
  const made = fresh();
  for (const event of events) made.apply(event);
  return made;
}

/** A log of attempts that were killed anywhere and went on from earlier steps. */
function killedLog(seed: number): RunEvent[] {
  const random = new Random('killed-log', seed);
  const events: NewRunEvent[] = [];
  let step = 0;
  for (let attempt = 1; attempt <= 4; attempt++) {
    if (attempt > 1) {
      step = random.integer(step + 1);
      events.push({ type: 'resume', checkpoint: 'last', epoch: Math.floor(step / 10), step });
    }
    for (let steps = random.integer(40); steps > 0; steps--) {
      step++;
      events.push(exampleStep(step, { terms: { sod: random.uniform(), mvcd: random.uniform() }, total: random.uniform(), learningRate: random.uniform() }));
      if (step % 10 === 0) {
        events.push({ type: 'epoch', epoch: step / 10, step, terms: { sod: random.uniform() }, total: random.uniform(), learningRate: 1, seconds: 1, imagesPerSecond: random.uniform(), memoryBytes: random.integer(1e9) });
        events.push({ type: 'evaluation', epoch: step / 10, step, split: 'validation', protocol: 'selection', checkpoint: 'current', images: 2, metrics: { maxF: random.uniform() }, best: false });
      }
    }
  }
  return story(...events);
}

describe('a run read event by event', () => {
  it('is what mergeAttempts makes of the whole log, wherever attempts were killed', () => {
    for (let seed = 0; seed < 60; seed++) {
      const events = killedLog(seed);
      const read = record(events);
      const merged = mergeAttempts(events);
      const steps = merged.filter((event) => event.type === 'step');
      expect(read.steps.step).toEqual(steps.map(({ step }) => step));
      expect(read.steps.column('sod')).toEqual(steps.map(({ terms }) => terms['sod']));
      expect(read.steps.column(column.total)).toEqual(steps.map(({ total }) => total));
      const epochs = merged.filter((event) => event.type === 'epoch');
      expect(read.epochs.step).toEqual(epochs.map(({ step }) => step));
      expect(read.epochs.column(column.memoryBytes)).toEqual(epochs.map(({ memoryBytes }) => memoryBytes));
      const evaluations = merged.filter((event) => event.type === 'evaluation');
      expect(read.evaluations.get('validation/selection')?.columns.column('maxF') ?? []).toEqual(evaluations.map(({ metrics }) => metrics['maxF']));
      expect(read.steps.time.every((time, i, all) => i === 0 || time >= all[i - 1]!)).toBe(true);
    }
  });

  it('leaves pauses out of the training time, and says how long they were', () => {
    const read = record(
      story(
        { type: 'state', state: 'running', at: 0 },
        { ...exampleStep(1), at: 1 },
        { type: 'state', state: 'paused', at: 2 },
        { type: 'state', state: 'running', at: 500 },
        { ...exampleStep(2), at: 501 },
      ),
    );
    expect(read.steps.time).toEqual([1, 3]);
    expect(read.marks(10)).toMatchObject([{ kind: 'pause', seconds: 498, at: { step: 1, epoch: 0.1, time: 2 } }]);
  });

  it('survives a clock that jumps back', () => {
    const read = record(story({ type: 'state', state: 'running', at: 100 }, { ...exampleStep(1, { seconds: 0.5 }), at: 101 }, { ...exampleStep(2, { seconds: 0.5 }), at: 20 }));
    expect(read.steps.time).toEqual([1, 1.5]);
  });

  it('tells a live change from what it was, and that it was refused', () => {
    const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const read = record(
      story(
        exampleStep(1, { weights: { sod: 1, mvcd: 1, msfd: 1, dsd: 10 } }),
        { type: 'control', id, verb: 'set', args: { msfd: 0.8, learningRate: 1e-5 }, outcome: 'accepted', step: 1 },
        { type: 'control', id: `${id.slice(0, -1)}W`, verb: 'pause', args: {}, outcome: 'rejected', reason: 'it is paused already', step: 1 },
        exampleStep(2, { weights: { sod: 1, mvcd: 1, msfd: 0.8, dsd: 10 }, learningRate: 1e-5 }),
      ),
    );
    const [change, refused] = read.marks(10);
    expect(change).toMatchObject({ kind: 'change', changes: [{ name: 'msfd', from: 1, to: 0.8 }, { name: 'learningRate', from: 2e-5, to: 1e-5 }] });
    expect(refused).toMatchObject({ kind: 'rejected', verb: 'pause', reason: 'it is paused already' });
    expect(read.settings).toEqual({ weights: { mvcd: 1, msfd: 0.8, dsd: 10 }, temperature: 1, learningRate: 1e-5 });
    expect(read.answers.get(id)?.outcome).toBe('accepted');
  });

  it('keeps what people did, and drops the best of an attempt that was taken back', () => {
    const evaluation = (step: number, maxF: number, best: boolean): NewRunEvent => ({ type: 'evaluation', epoch: step, step, split: 'test', protocol: 'selection', checkpoint: 'current', images: 1, metrics: { maxF }, best });
    const read = record(
      story(
        exampleStep(1),
        evaluation(1, 0.5, true),
        exampleStep(2),
        evaluation(2, 0.7, true),
        { type: 'control', id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', verb: 'set', args: { dsd: 3 }, outcome: 'accepted', step: 2 },
        { type: 'resume', checkpoint: 'last', epoch: 1, step: 1 },
      ),
    );
    expect(read.marks(1).map(({ kind }) => kind)).toEqual(['change', 'resume']);
    expect(read.evaluations.get('test/selection')?.columns.step).toEqual([1]);
  });
});
