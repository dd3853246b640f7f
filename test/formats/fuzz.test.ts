import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/formats/errors.ts';
import { writeSafetensorsFile } from '../../src/formats/safetensors-writer.ts';
import { fuzzCount as count } from './support/fuzz-count.ts';
import { mutate } from './support/mutate.ts';
import { readAll, scratchFolder, writeIn } from './support/scratch.ts';

/** More than any of the small files may make the reader take, garbage included. */
const memoryBound = 512 * 1024 * 1024;

const folder = scratchFolder();
const fixtures = join(import.meta.dirname, '../fixtures/pytorch');
await writeSafetensorsFile(join(folder, 'tensors.safetensors'), [
  { name: 'weight', dtype: 'F32', shape: [4, 5], data: new Float32Array(20).fill(1) },
  { name: 'half', dtype: 'F16', shape: [7], data: new Uint16Array(7) },
  { name: 'count', dtype: 'I64', shape: [], data: BigInt64Array.of(3n) },
], { format: 'pt' });
const files = [join(folder, 'tensors.safetensors'), ...['tensors.pth', 'tensors-protocol-4.pth', 'tensors-legacy.pth', 'training.pth', 'module.pth'].map((name) => join(fixtures, name))];

test.each(files)('%s, mutated: every file is read or refused with a reason', { timeout: 1_800_000 }, async (original) => {
  const bytes = readFileSync(original);
  const before = process.resourceUsage().maxRSS;
  const ends = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const path = writeIn(folder, 'mutated', mutate(bytes, original.slice(original.lastIndexOf('/')), i));
    const end = await readAll(path).then(
      () => 'read',
      (error: unknown) => {
        if (error instanceof FormatError) return error.reason;
        throw new Error(`mutation ${i} ended with another error`, { cause: error });
      },
    );
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  expect([...ends.values()].reduce((sum, number) => sum + number, 0)).toBe(count);
  expect(ends.size).toBeGreaterThan(3); // the mutations reach more than the first check
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(memoryBound);
});
