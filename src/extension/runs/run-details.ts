/** What lies below a run in the tree; read when the run is opened there. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochSummary } from '../../protocol/epochs.ts';
import type { MetricsEntry } from '../../protocol/metrics-file.ts';
import { checkpointNames } from '../../runs/checkpoints.ts';
import { readEpochs, readMetrics } from '../../runs/read-run.ts';
import { RunFolder } from '../../runs/run-folder.ts';

export interface CheckpointDetail {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** The newest first: last, best, then by epoch. */
export async function checkpointsOf(folder: string): Promise<CheckpointDetail[]> {
  const run = new RunFolder(folder);
  const rank = (name: string): number => ['last', 'best', 'previous'].indexOf(name);
  const names = checkpointNames(run).sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    if (first >= 0 && second >= 0) return first - second;
    return first >= 0 ? -1 : second >= 0 ? 1 : b.localeCompare(a);
  });
  const details = await Promise.all(names.map(async (name) => ({ name, path: run.checkpoint(name), bytes: await sizeOf(run.checkpoint(name)) })));
  return details.filter((detail): detail is CheckpointDetail => detail.bytes !== undefined);
}

export interface Evaluations {
  readonly final: readonly MetricsEntry[];
  /** Epochs with an evaluation during training, the newest first. */
  readonly epochs: readonly EpochSummary[];
}

export async function evaluationsOf(folder: string): Promise<Evaluations> {
  const run = new RunFolder(folder);
  const epochs = (await readEpochs(run)).filter(({ metrics }) => Object.keys(metrics).length > 0);
  return { final: readMetrics(run).entries, epochs: epochs.reverse() };
}

export interface CaptureDetail {
  readonly epoch: number;
  readonly samples: number;
}

/** The captured epochs, the newest first. */
export async function capturesOf(folder: string): Promise<CaptureDetail[]> {
  const { captures } = new RunFolder(folder);
  const names = (await readdir(captures).catch(() => [])).filter((name) => /^epoch-[0-9]+$/.test(name)).sort().reverse();
  return Promise.all(
    names.map(async (name) => {
      const files = await readdir(join(captures, name)).catch(() => []);
      return { epoch: Number(name.slice('epoch-'.length)), samples: files.filter((file) => file.endsWith('.safetensors') && !file.startsWith('.')).length };
    }),
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(({ size }) => size, () => undefined);
}
