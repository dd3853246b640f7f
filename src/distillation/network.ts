/** A network: a model at an input size, with what a distillation method puts into it. */
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { MethodName, MethodOptions } from '../config/catalog/methods.ts';
import type { ModelName, ModelOptions } from '../config/catalog/models.ts';
import { featureGrid } from '../models/model.ts';
import { createModel } from '../models/registry.ts';
import { saliencyLoss } from '../models/saliency-loss.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf } from '../nn/resize.ts';
import { DistillationError } from './errors.ts';
import type { Method, NetworkShape, Observation } from './method.ts';
import { createMethod } from './registry.ts';

export interface NetworkDefinition {
  readonly model: ModelName;
  readonly options: ModelOptions;
  readonly height: number;
  readonly width: number;
  /** An SCRKD student keeps its disentanglement, gates and fusion at inference (the paper counts them as free, they are not). */
  readonly adapter?: { readonly method: MethodName; readonly options: MethodOptions };
}

export interface Network {
  readonly shape: NetworkShape;
  /** In state-dict order, `trainingOnly` ones included. */
  readonly parameters: readonly ParameterSpec[];
  readonly method: Method | undefined;
  /** Shapes of the noise that the model trains with, by name. */
  noise(batchSize: number): Readonly<Record<string, readonly number[]>>;
  /** L_SOD, or the model's own supervised loss over the logits of all heads. */
  supervisedLoss(logits: readonly Tensor4D[], mask: Tensor4D, headWeights: readonly number[]): Scalar;
  /** @param image [B,height,width,3] */
  observe(layers: Layers, image: Tensor4D): Observation;
}

/**
 * The outside of a network.
 * @throws {DistillationError} `size`
 */
export function networkShape(definition: NetworkDefinition, method = adapterOf(definition)): NetworkShape {
  const { height, width } = definition;
  const model = createModel(definition.model, definition.options, { isAdapted: method?.adapt !== undefined });
  if (!model.validSize(height, width)) {
    throw new DistillationError('size', l10n.t('{0} cannot take images of {1} x {2} pixels.', definition.model, height, width));
  }
  return {
    height,
    width,
    features: model.features,
    grids: model.features.map((feature) => featureGrid(feature, height, width)),
    heads: model.heads,
    isAdapted: method?.adapt !== undefined,
    adapterSchemes: model.adapterSchemes,
  };
}

/**
 * @param method in place of the definition's adapter.
 * @param teacher of a network that is being distilled.
 * @throws {DistillationError} `size`
 */
export function createNetwork(definition: NetworkDefinition, method = adapterOf(definition), teacher?: NetworkShape): Network {
  const { height, width } = definition;
  const model = createModel(definition.model, definition.options, { isAdapted: method?.adapt !== undefined });
  const shape = networkShape(definition, method);
  return {
    shape,
    method,
    noise: (batchSize) => Object.fromEntries(model.noise.map(({ name, channels }) => [name, channels === undefined ? [batchSize] : [batchSize, channels]])),
    supervisedLoss: model.supervisedLoss ?? saliencyLoss,
    parameters: [...model.parameters(height, width), ...(method?.parameters(shape, teacher) ?? []), ...(method?.extraSteps ?? []).flatMap((step) => step.parameters)],
    observe: (layers, image) => {
      const { features, taps, logits: onTheWay } = model.decoderFeatures(layers, image);
      const adapted = method?.adapt?.(layers, features);
      const logits = [...model.logits(layers, adapted?.forHeads ?? features), ...(onTheWay ?? [])];
      return { features, taps, logits, inputGrid: gridOf(image), ...(adapted && { operands: adapted.operands }) };
    },
  };
}

function adapterOf({ adapter }: NetworkDefinition): Method | undefined {
  return adapter && createMethod(adapter.method, adapter.options);
}
