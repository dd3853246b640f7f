/** What the inspector needs of a run's resolved config, which its manifest keeps as it was written. */
import * as z from 'zod';
import type { RunManifest } from '../../protocol/run.ts';

const resolution = z.object({ height: z.number(), width: z.number() });
const resolvedConfig = z.object({
  experiment: z.object({
    dataset: z.object({
      lists: z.object({ train: z.string().exactOptional(), test: z.string().exactOptional() }),
      validation: z.object({ fraction: z.number(), seed: z.number() }).exactOptional(),
    }),
    stages: z.array(
      z.looseObject({
        name: z.string(),
        model: z.object({ name: z.string(), options: z.record(z.string(), z.unknown()) }),
        resolution,
        distill: z.looseObject({ temperature: z.number() }).exactOptional(),
      }),
    ),
  }),
});

export interface ResolvedStage {
  /** Model and options in one text: equal for equal networks. */
  readonly network: string;
  readonly height: number;
  readonly width: number;
  readonly temperature: number;
}

/** Zero sizes for a config of a form that this version does not know: the pictures are shown all the same. */
export function resolvedStage(manifest: RunManifest): ResolvedStage {
  const stage = parse(manifest)?.experiment.stages.find(({ name }) => name === manifest.stage);
  if (stage === undefined) return { network: manifest.stage, height: 0, width: 0, temperature: 1 };
  return { network: JSON.stringify(stage.model), ...stage.resolution, temperature: stage.distill?.temperature ?? 1 };
}

/** How a run's dataset was listed. */
export function resolvedDataset(manifest: RunManifest) {
  return { root: manifest.dataset.root, ...(parse(manifest)?.experiment.dataset ?? { lists: {} }) };
}

function parse(manifest: RunManifest) {
  const parsed = resolvedConfig.safeParse(manifest.config);
  return parsed.success ? parsed.data : undefined;
}
