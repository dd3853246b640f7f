/** The models a stage may name. One file a model; an unknown one is refused by name. */
import type * as z from 'zod';
import { isaanet, type IsaanetOptions } from './isaanet.ts';
import type { ModelEntry } from './model.ts';
import { pspnet, type PspnetOptions } from './pspnet.ts';
import { segformer, type SegformerOptions } from './segformer.ts';
import { solnet, type SolnetOptions } from './solnet.ts';
import { transxnet, type TransxnetOptions } from './transxnet.ts';

/** The built models with their options. `src/models` has a registry over these names. */
export interface ModelOptionsOf {
  pspnet: PspnetOptions;
  segformer: SegformerOptions;
  transxnet: TransxnetOptions;
  isaanet: IsaanetOptions;
  solnet: SolnetOptions;
}

export type ModelName = keyof ModelOptionsOf;
export type ModelOptions = ModelOptionsOf[ModelName];
/** A model by name with its options. */
export interface ModelChoice {
  readonly name: ModelName;
  readonly options: ModelOptions;
}

export const models: Readonly<Record<ModelName, ModelEntry<ModelOptions>>> = { pspnet, segformer, transxnet, isaanet, solnet };

/** The fields of all models' options together; which of them a model has, its entry says. */
export const modelFields = Object.assign({}, ...Object.values(models).map(({ options }) => options.shape)) as Record<string, z.core.$ZodType>;

export const modelNames = Object.keys(models) as [ModelName, ...ModelName[]];

/** A model's options in short: its backbone, and what is not as usual. */
export function optionsText({ name, options }: ModelChoice): string {
  const usual = new Map<string, unknown>(Object.entries(models[name].defaults));
  return Object.entries(options)
    .flatMap(([option, value]: [string, unknown]) => (option === 'backbone' ? [String(value)] : value === usual.get(option) ? [] : [`${option} ${String(value)}`]))
    .join(', ');
}
