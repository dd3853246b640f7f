import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { FormatError } from '../../../src/formats/errors.ts';
import { withTensorFile } from '../../../src/formats/open-tensor-file.ts';
import type { Tensor } from '../../../src/formats/tensor-file.ts';

/** A folder that is gone after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scrkd-formats-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeIn(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** All tensors of a file. */
export function readAll(path: string): Promise<Record<string, Tensor>> {
  return withTensorFile(path, async (file) => {
    const tensors: Record<string, Tensor> = {};
    for (const name of file.tensors.keys()) tensors[name] = await file.read(name);
    return tensors;
  });
}

/** Fails unless reading a file's tensors ends with a FormatError that names the file. */
export async function refusalOf(path: string): Promise<FormatError> {
  try {
    await readAll(path);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.message).toContain(path);
    return error;
  }
  throw new Error(`${path} was read`);
}
