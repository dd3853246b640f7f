import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mergeAttempts } from '../../src/protocol/attempts.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { fuzzCount as count } from '../formats/support/fuzz-count.ts';
import { mutate } from '../formats/support/mutate.ts';
import { exampleManifest, exampleStep } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

test('a damaged event log is read as far as its lines are whole', { timeout: 1_800_000 }, async () => {
  using writer = RunWriter.create(temporaryFolder(), exampleManifest());
  writer.setState('running');
  for (let step = 1; step <= 20; step++) writer.append(exampleStep(step));
  const bytes = readFileSync(writer.folder.events);
  let damaged = 0;
  for (let i = 0; i < count; i++) {
    const mutated = mutate(bytes, 'events', i);
    writeFileSync(writer.folder.events, mutated);
    const read = await readEvents(writer.folder);
    const lines = Buffer.from(mutated).toString('latin1').split('\n').length - 1;
    expect(read.events.length + read.damaged + read.unknown).toBe(lines);
    expect(read.offset).toBeLessThanOrEqual(mutated.length);
    mergeAttempts(read.events);
    damaged += read.damaged;
  }
  expect(damaged).toBeGreaterThan(0);
  writeFileSync(writer.folder.events, bytes);
});
