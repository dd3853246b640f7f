/** The installed engine `tensorflow` against onnxruntime; its installation's refusals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createTensorFlowEngine } from '../../src/engine/tensorflow/engine.ts';
import { installTensorFlow } from '../../src/engine/tensorflow/install.ts';
import { binding, installationIn, supportedPlatform } from '../../src/engine/tensorflow/installation.ts';
import { prove } from '../../src/engine/tensorflow/proof.ts';
import { createEagerEngine } from '../../src/engine/eager.ts';
import { traced } from './support.ts';

const native = join(import.meta.dirname, '../../src/engine/tensorflow/native');

describe('the engine tensorflow', () => {
  it('names the command that installs it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scrkd-tf-'));
    try {
      expect(() => createTensorFlowEngine(installationIn(folder))).toThrow(/scrkd engine install/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps the addon that was built, under its own hash', () => {
    const bytes = readFileSync(join(native, supportedPlatform, binding.file));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(binding.sha256);
  });

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('can be cancelled, and says how it goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scrkd-tf-'));
    try {
      const installation = installationIn(folder);
      const abort = new AbortController();
      abort.abort();
      const cancelled = installTensorFlow({ installation, bindings: native, onProgress: () => undefined, signal: abort.signal, probe: () => Promise.resolve() });
      await expect(cancelled).rejects.toMatchObject({ reason: 'installation', message: expect.stringContaining('goes on') as string });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is proved by a gradient that another engine can be proved by, too', async () => {
    await prove(traced);
    await prove(createEagerEngine('cpu'));
    const wrong = { ...traced, compile: (step: Parameters<typeof traced.compile>[0], inputs: Parameters<typeof traced.compile>[1]) => traced.compile((given) => ({ gradient: tf.mul(step(given)['gradient']!, 1.01) }), inputs) };
    await expect(prove(wrong)).rejects.toThrow(/wrong gradient/);
  });
});
