/** What a run's manifest says of its stage, for lists and filters. The manifest's config is opaque to its contract, so nothing is taken for granted. */
import type { RunManifest } from '../../protocol/run.ts';

export interface StageFacts {
  /** The config file of the launch. */
  readonly configFile: string | undefined;
  readonly model: string | undefined;
  /** E.g. `112` or `112x160` (height x width). */
  readonly resolution: string | undefined;
  /** The distillation method; undefined of a plain stage. */
  readonly method: string | undefined;
  /** The stage that it learns from. */
  readonly teacher: string | undefined;
  readonly dataset: string;
}

export function stageFacts(manifest: RunManifest): StageFacts {
  const experiment = recordOf(manifest.config['experiment']);
  const stages = Array.isArray(experiment['stages']) ? experiment['stages'].map(recordOf) : [];
  const stage = stages.find(({ name }) => name === manifest.stage) ?? {};
  const distill = recordOf(stage['distill']);
  const { height, width } = recordOf(stage['resolution']);
  return {
    configFile: textOf(experiment['file']),
    model: textOf(recordOf(stage['model'])['name']),
    resolution: typeof height !== 'number' || typeof width !== 'number' ? undefined : height === width ? String(height) : `${height}x${width}`,
    method: textOf(distill['method']),
    teacher: textOf(distill['from']),
    dataset: textOf(recordOf(experiment['dataset'])['name']) ?? lastName(manifest.dataset.root),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lastName(path: string): string {
  return path.split(/[\\/]/).filter((part) => part !== '').at(-1) ?? path;
}
