/** The models a stage may name. One file a model; a name without one is `planned` and refused. */
import { pspnet, type PspnetOptions } from './pspnet.ts';

/** The built models with their options. `src/models` has a registry over these names. */
export interface ModelOptionsOf {
  pspnet: PspnetOptions;
}

export type ModelName = keyof ModelOptionsOf;
export type ModelOptions = ModelOptionsOf[ModelName];
/** A model by name with its options. */
export type ModelChoice = { [Name in ModelName]: { readonly name: Name; readonly options: ModelOptionsOf[Name] } }[ModelName];

export const models = { pspnet } as const satisfies Record<ModelName, unknown>;

export const modelNames = Object.keys(models) as [ModelName, ...ModelName[]];

/** Known and not built yet. */
export const plannedModels = ['segformer', 'transxnet', 'isaanet', 'solnet'] as const;
