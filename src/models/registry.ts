import { models, type ModelName, type ModelOptions, type ModelOptionsOf } from '../config/catalog/models.ts';
import { isaanet, recogniseIsaanet } from './isaanet.ts';
import type { Model, ModelUse, TensorShapes } from './model.ts';
import { pspnet, pspnetEncoders, recognisePspnet } from './pspnet.ts';
import { recogniseSegformer, segformer } from './segformer.ts';
import { recogniseSolnet, solnet } from './solnet.ts';
import { recogniseTransxnet, transxnet } from './transxnet.ts';

interface Entry<Options> {
  create(options: Options, use: ModelUse): Model;
  recognise(tensors: TensorShapes): readonly Options[];
  /** Options of all encoders for which there are weights of image classification; absent: the usual ones. */
  readonly encoders?: readonly Options[];
}

const registry: { readonly [Name in ModelName]: Entry<ModelOptionsOf[Name]> } = {
  pspnet: { create: pspnet, recognise: recognisePspnet, encoders: pspnetEncoders },
  segformer: { create: segformer, recognise: recogniseSegformer },
  transxnet: { create: transxnet, recognise: recogniseTransxnet },
  isaanet: { create: isaanet, recognise: recogniseIsaanet },
  solnet: { create: solnet, recognise: recogniseSolnet },
};

/** @param options the model's own, as its catalog entry has them. */
export function createModel(name: ModelName, options: ModelOptions, use: ModelUse = { isAdapted: false }): Model {
  return registry[name].create(options as never, use);
}

/** Options of a model with each of its encoders. */
export function encodersOf(name: ModelName): readonly ModelOptions[] {
  return registry[name].encoders ?? [models[name].defaults];
}

/** Options of a model that the tensors of a file speak for; none where they are not of this model. */
export function recogniseModel(name: ModelName, tensors: TensorShapes): readonly ModelOptions[] {
  return registry[name].recognise(tensors);
}
