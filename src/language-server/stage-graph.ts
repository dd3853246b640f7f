/** The stages of a config as a graph to draw. */
import * as path from 'node:path';
import { methods } from '../config/catalog/methods.ts';
import { models, type ModelChoice } from '../config/catalog/models.ts';
import { stageToDescribe, type StageDescription } from '../config/description.ts';
import type { Distillation, Experiment, Stage } from '../config/experiment.ts';
import type { Providers } from '../config/providers.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { spanRange, type ConfigDocument } from '../config/service/document.ts';
import { stageEntries } from '../config/service/outline.ts';
import type { GraphStage, GraphTransfer, StageGraph } from '../protocol/graph.ts';

/** Undefined while nothing can be made of the text. */
export async function stageGraph(document: ConfigDocument, { draft, diagnostics }: ResolvedConfig, providers: Providers): Promise<StageGraph | undefined> {
  if (draft === undefined) return undefined;
  const described = await Promise.all(draft.stages.map(async (stage) => providers.describeStage?.(stageToDescribe(draft, stage)).catch(() => undefined)));
  return {
    experiment: draft.name,
    stages: draft.stages.map((stage, index) => graphStage(document, draft, stage, described[index])),
    transfers: draft.stages.flatMap(({ name, distill }, index) => (distill === undefined ? [] : [graphTransfer(name, distill, described[index])])),
    errors: diagnostics.filter(({ severity }) => severity === 'error').length,
  };
}

function graphStage(document: ConfigDocument, { stages, directory }: Experiment, stage: Stage, description: StageDescription | undefined): GraphStage {
  const { name, model, resolution, given, distill, training } = stage;
  const entry = stageEntries(document.outline).find(({ key }) => key.name === name);
  const range = entry && spanRange(document, entry);
  return {
    name,
    role: given !== undefined ? 'given' : distill === undefined ? 'plain' : 'distilled',
    model: modelText(model),
    resolution,
    ...(given !== undefined && { source: `${path.relative(directory, given.file)}${given.kind === 'use' ? `#${given.stage}` : ''}` }),
    teaches: stages.some((other) => other.distill?.from === name),
    ...(given === undefined && { training: { epochs: training.epochs, batchSize: training.batchSize, learningRate: training.optimizer.learningRate } }),
    ...(description && {
      network: {
        parameters: description.parameters,
        multiplyAccumulates: description.multiplyAccumulates,
        features: description.features,
        ...(description.step && { peakBytes: description.step.peakBytes }),
      },
    }),
    ...(range && { lines: { first: range.start.line, last: range.end.line } }),
  };
}

function graphTransfer(to: string, { from, method, weights, temperature }: Distillation, traced: StageDescription | undefined): GraphTransfer {
  const { title, terms } = methods[method];
  const pairs = traced?.step?.transfers ?? [];
  return {
    from,
    to,
    method: title,
    temperature,
    terms: Object.entries(terms).map(([name, { description }]) => ({
      name,
      description,
      weight: weights[name] ?? 0,
      pairs: pairs.filter(({ term }) => term === name).map(({ teacher, student, comparedOn }) => ({ teacher, student, comparedOn })),
    })),
  };
}

/** `PSPNet · resnet50 · width 0.5`: the title, and options that are not the usual ones. */
function modelText({ name, options }: ModelChoice): string {
  const { title, defaults } = models[name];
  const said = Object.entries(options).flatMap(([option, value]) => {
    if (typeof value === 'string') return [value];
    return (defaults as Readonly<Record<string, unknown>>)[option] === value ? [] : [`${option} ${String(value)}`];
  });
  return [title, ...said].join(' · ');
}
