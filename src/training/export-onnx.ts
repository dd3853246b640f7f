/** Networks as ONNX models, with what a user of the model has to know written into it. */
import { reshape, tidy, transpose, type Tensor4D } from '@tensorflow/tfjs-core';
import { imageDeviation, imageMean } from '../data/normalise.ts';
import type { StepFunction } from '../engine/engine.ts';
import { toOnnx } from '../engine/describe.ts';
import { identityText, type LoadedNetwork } from './network-weights.ts';
import { definePrediction, type NetworkDefinition } from './step.ts';

/**
 * The bytes of a model with one input, `image` [1, 3, height, width], and one output, `saliency` [1, 1, height, width] in [0, 1]. Its
 * metadata say how an image is prepared.
 * @param about further metadata, e.g. where the weights come from
 * @throws EngineError when the network cannot be exported
 */
export function exportOnnx({ network, weights }: LoadedNetwork, about: Readonly<Record<string, string>> = {}): Uint8Array {
  const { height, width } = network;
  const prediction = definePrediction(network, 1);
  const step: StepFunction = (inputs) =>
    tidy(() => {
      const { saliency } = prediction.step({ ...inputs, image: transpose(inputs['image'] as Tensor4D, [0, 2, 3, 1]) });
      return { saliency: reshape(saliency!, [1, 1, height, width]) }; // one channel: its place does not matter
    });
  const image = { kind: 'feed', shape: [1, 3, height, width] } as const;
  return toOnnx(step, { ...prediction.inputs(weights), image }, { metadata: { ...preprocessing(network), ...about } });
}

/** Every entry is for a person and exact enough for a program. */
function preprocessing(network: NetworkDefinition): Record<string, string> {
  const { height, width } = network;
  return {
    network: identityText(network),
    'image.color': 'RGB',
    'image.layout': 'NCHW',
    'image.size': `${height} x ${width} (height x width)`,
    'image.resize': 'bilinear with antialiasing on 8-bit values, as PIL.Image.resize(size, BILINEAR); the aspect ratio is not kept',
    'image.scale': '1/255',
    'image.mean': imageMean.join(', '),
    'image.std': imageDeviation.join(', '),
    'image.value': '(pixel * scale - mean) / std, by channel, float32',
    'saliency.value': 'probability in [0, 1] that a pixel is salient; resize the map to the size of the image',
  };
}
