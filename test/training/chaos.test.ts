import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { listRuns } from '../../src/runs/list-runs.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, smallModel, start, stateHash, writeConfig } from './support.ts';

/** `npm run test:chaos` sets it to 100. */
const kills = Number(process.env['SCRKD_KILLS'] ?? 10);

test(
  `killed ${kills} times at random moments, a short distillation leaves no corrupt run and ends as if nothing had happened`,
  { timeout: 60_000 + kills * 30_000 },
  async () => {
    const folder = scratchFolder();
    await makeScenes(folder, 8, 2);
    const config = (name: string) => `
version: 1
experiment: ${name}
dataset: { root: ./data, validation: { fraction: 0.25, seed: 1 } }
stages:
  teacher: { model: ${smallModel}, resolution: 64, training: { epochs: 2 } }
  student: { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 12, batchSize: 3, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 3 }
`;
    writeConfig(folder, 'unbroken', config('unbroken'));
    const began = performance.now();
    expect((await scrkd(folder, 'run', 'unbroken.scrkd.yaml')).code).toBe(exitCodes.ok);
    const duration = performance.now() - began;
    const expected = await Promise.all(['teacher', 'student'].map(async (stage) => stateHash(await newestRun(folder, stage))));
    const expectedTotals = (await eventsOfType(await newestRun(folder, 'student'), 'step')).map(({ total }) => total);

    writeConfig(folder, 'killed', config('killed'));
    const random = new Random('chaos', kills);
    let killed = 0;
    for (;;) {
      const attempt = start(folder, 'run', 'killed.scrkd.yaml', '--runs', 'killed-runs');
      // Up to the whole length: now and then in the middle of start-up, of a checkpoint, of the evaluation, of the hand-over between stages.
      if (killed < kills) await Promise.race([sleep(random.uniform() * duration), attempt.ended]);
      if (killed < kills && attempt.process.exitCode === null) {
        attempt.process.kill('SIGKILL');
        killed++;
      }
      const { code, signal, stderr } = await attempt.ended;
      for (const run of await listRuns(`${folder}/killed-runs`)) expect('problem' in run ? run.problem.message : undefined).toBeUndefined();
      if (signal === 'SIGKILL') continue;
      expect(code, stderr).toBe(exitCodes.ok);
      if (killed >= kills) break;
      rmSync(`${folder}/killed-runs`, { recursive: true }); // it finished before it was killed often enough: all over again
    }
    const runs = (await listRuns(`${folder}/killed-runs`)).flatMap((run) => ('problem' in run ? [] : [run]));
    const finished = ['teacher', 'student'].map((stage) => runs.filter(({ manifest, state }) => manifest.stage === stage && state.state === 'finished'));
    for (const [i, [run, ...others]] of finished.entries()) {
      expect(others).toEqual([]);
      expect(await stateHash(run!)).toBe(expected[i]);
      expect(existsSync(run!.folder.metrics)).toBe(true);
      const events = await eventsOf(run!);
      expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length);
    }
    expect((await eventsOfType(finished[1]![0]!, 'step')).map(({ total }) => total)).toEqual(expectedTotals);
  },
);
