import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeRecord } from '../../src/formats/tensorboard/event-file.ts';
import { encodeEvent, type TensorBoardEvent } from '../../src/formats/tensorboard/event.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { TensorBoardMirror } from '../../src/runs/tensorboard-mirror.ts';
import { exampleManifest, exampleStep } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const now = (): Date => new Date(1_700_000_000_250);

/** A run with a mirror, from its first attempt or its next. */
async function attempt(path: string | undefined, work: (writer: RunWriter) => void): Promise<{ writer: RunWriter; problems: string[] }> {
  const problems: string[] = [];
  using mirror = new TensorBoardMirror((problem) => problems.push(problem));
  const options = { now, onEvent: mirror.write.bind(mirror) };
  using writer = path === undefined ? RunWriter.create(temporaryFolder(), exampleManifest(), options) : await RunWriter.open(path, options);
  mirror.begin(writer.folder);
  work(writer);
  return { writer, problems };
}

const fileOf = (...events: TensorBoardEvent[]): string => Buffer.concat(events.map((event) => encodeRecord(encodeEvent(event, now().getTime() / 1000)))).toString('hex');
const stepScalars = (step: number): TensorBoardEvent => ({
  kind: 'scalars',
  step,
  values: { 'loss/total': 0.6, 'loss/sod': 0.5, 'loss/mvcd': 0.1, 'weight/sod': 1, 'weight/mvcd': 1, 'training/learning-rate': 2e-5, 'training/images-per-second': 80 },
});

test('one file an attempt: the second begins where it goes on, so that what the first did after that no longer counts', async () => {
  const { writer } = await attempt(undefined, (run) => {
    run.setState('running');
    for (const step of [1, 2, 3]) run.append(exampleStep(step));
    run.append({ type: 'evaluation', epoch: 1, step: 3, split: 'validation', protocol: 'selection', checkpoint: 'current', images: 5, metrics: { mae: 0.25, maxF: NaN }, best: true });
  });
  const { path, tensorBoard } = writer.folder;
  await attempt(path, (run) => {
    run.append({ type: 'resume', checkpoint: 'last', epoch: 0, step: 2 });
    run.append(exampleStep(3, { temperature: 4 }));
  });
  expect(readdirSync(tensorBoard)).toEqual(['events.out.tfevents.attempt-0001', 'events.out.tfevents.attempt-0002']);
  const [first, second] = readdirSync(tensorBoard).map((name) => readFileSync(join(tensorBoard, name)).toString('hex'));
  const evaluation: TensorBoardEvent = { kind: 'scalars', step: 3, values: { 'validation-selection/mae': 0.25, 'validation-selection/maxF': NaN } };
  expect(first).toBe(fileOf({ kind: 'file-version' }, stepScalars(1), stepScalars(2), stepScalars(3), evaluation));
  const warm = stepScalars(3) as Extract<TensorBoardEvent, { kind: 'scalars' }>;
  expect(second).toBe(fileOf({ kind: 'file-version' }, { kind: 'session-start', step: 3 }, { ...warm, values: { ...warm.values, 'training/temperature': 4 } }));
});

test('a mirror that cannot be written is one warning; the log has everything', async () => {
  const { writer, problems } = await attempt(undefined, (run) => {
    writeFileSync(run.folder.tensorBoard, 'a file where the folder should be');
    for (const step of [1, 2, 3]) run.append(exampleStep(step));
  });
  expect(problems).toEqual([expect.stringContaining('EEXIST')]);
  expect((await readEvents(writer.folder)).events.map(({ type }) => type)).toEqual(['step', 'step', 'step']);
});

test('nothing is made for a run without steps', async () => {
  const { writer } = await attempt(undefined, (run) => run.setState('failed'));
  expect(existsSync(writer.folder.tensorBoard)).toBe(false);
});
