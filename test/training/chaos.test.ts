import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { isTemporaryName } from '../../src/formats/atomic-file.ts';
import { listRuns, readableRuns } from '../../src/runs/list-runs.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, smallModel, start, stateHash, writeConfig, type Started } from './support.ts';

/** `npm run test:chaos` sets it to 100; with another SCRKD_SALT the moments are others. */
const kills = Number(process.env['SCRKD_KILLS'] ?? 10);

/** Where a checkpoint, a capture or a prediction is being written just now, by the name of its folder. */
function writingIn(runs: string): string | undefined {
  if (!existsSync(runs)) return undefined;
  const unfinished = readdirSync(runs, { recursive: true, withFileTypes: true }).find((entry) => isTemporaryName(entry.name) && /checkpoints|captures|predictions/.test(entry.parentPath));
  return unfinished && basename(/.*?(checkpoints|captures|predictions)/.exec(unfinished.parentPath)![0]);
}

/** Waits for a moment at which such a file stands half written; returns its folder, or undefined when the process ended first. */
async function untilWriting({ process: child, ended }: Started, runs: string): Promise<string | undefined> {
  for (;;) {
    const where = writingIn(runs);
    if (where !== undefined || child.exitCode !== null) return where;
    await Promise.race([sleep(1), ended]);
  }
}

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
    const random = new Random('chaos', kills, process.env['SCRKD_SALT'] ?? '');
    let killed = 0;
    const moments: Record<string, number> = {};
    for (;;) {
      const attempt = start(folder, 'run', 'killed.scrkd.yaml', '--runs', 'killed-runs');
      if (killed < kills) {
        // Up to the whole length: now and then in start-up, in the evaluation, in the hand-over between stages. Every other kill
        // then waits for the next half-written checkpoint, capture or prediction, which chance alone would hardly meet.
        const isAimed = killed % 2 === 1;
        await Promise.race([sleep(random.uniform() * duration), attempt.ended]);
        const where = isAimed ? await untilWriting(attempt, `${folder}/killed-runs`) : 'anywhere';
        if (where !== undefined && attempt.process.exitCode === null) {
          attempt.process.kill('SIGKILL');
          killed++;
          moments[where] = (moments[where] ?? 0) + 1;
        }
      }
      const { code, signal, stderr } = await attempt.ended;
      for (const run of await listRuns(`${folder}/killed-runs`)) expect('problem' in run ? run.problem.message : undefined).toBeUndefined();
      if (signal === 'SIGKILL') continue;
      expect(code, stderr).toBe(exitCodes.ok);
      if (killed >= kills) break;
      rmSync(`${folder}/killed-runs`, { recursive: true }); // it finished before it was killed often enough: all over again
    }
    console.log(`kills by moment: ${JSON.stringify(moments)}`);
    const runs = await readableRuns(`${folder}/killed-runs`);
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
