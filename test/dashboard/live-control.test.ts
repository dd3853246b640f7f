import { afterAll, beforeAll, expect, test } from 'vitest';
import { DashboardModel } from '../../src/extension/dashboard/dashboard-model.ts';
import type { RunCurves, RunSummary, ToDashboard } from '../../src/protocol/dashboard.ts';
import type { ReadableRun } from '../../src/runs/list-runs.ts';
import { endlessPair, eventsOfType, makeScenes, scratchFolder, start, until, untilRun, untilStep, writeConfig, type Started } from '../training/support.ts';

const folder = scratchFolder();
let training: Started;
let run: ReadableRun;

beforeAll(async () => {
  await makeScenes(folder, 8, 2);
  writeConfig(folder, 'live', endlessPair('live'));
  training = start(folder, 'run', 'live.scrkd.yaml');
  run = await untilRun(folder, 'student');
  await untilStep(run, 2);
});
afterAll(async () => {
  training.process.kill('SIGKILL');
  await training.ended;
});

test('a weight turned in the dashboard is the trainer’s from the next step on, and its refusals are told', async () => {
  let summary: RunSummary | undefined;
  let curves: RunCurves | undefined;
  const onMessage = (message: ToDashboard): void => {
    if (message.type === 'runs') summary = message.snapshot.runs[0];
    else curves = message.curves;
  };
  const model = new DashboardModel(onMessage, () => true);
  model.show([run.folder.path]);
  await model.refresh();
  expect(summary).toMatchObject({ standing: 'running', settings: { weights: { mvcd: 1, msfd: 1, dsd: 10 } } });

  model.control(run.folder.path, { verb: 'set', changes: { dsd: 2.5 } });
  expect(summary?.requests).toMatchObject([{ verb: 'set', answer: { kind: 'waiting' } }]);
  const answered = async (): Promise<true | undefined> => {
    await model.refresh();
    return summary?.requests.at(-1)?.answer.kind === 'waiting' ? undefined : true;
  };
  await until('the answer', answered);
  const [event] = (await eventsOfType(run, 'control')).filter(({ verb }) => verb === 'set');
  expect(event).toMatchObject({ args: { dsd: 2.5 }, outcome: 'accepted' });
  expect(summary).toMatchObject({
    requests: [{ answer: { kind: 'accepted', step: event!.step } }],
    changed: { 'distill.weights.dsd': '10 → 2.5' },
    settings: { weights: { dsd: 2.5 } },
  });
  expect(summary?.marks).toContainEqual(expect.objectContaining({ kind: 'change', changes: [{ name: 'dsd', from: 10, to: 2.5 }] }));
  await untilStep(run, event!.step + 2);
  await model.refresh();
  expect(summary?.settings.weights['dsd']).toBe(2.5);
  const { at, total } = curves!.steps!;
  const steps = await eventsOfType(run, 'step');
  at.step.forEach((step, i) => expect(total[i]).toBe(steps.find((each) => each.step === step)?.total));

  model.control(run.folder.path, { verb: 'resume' });
  await until('the refusal', answered);
  expect(summary?.requests.at(-1)).toMatchObject({ verb: 'resume', answer: { kind: 'rejected', reason: 'it is not paused' } });
});
