import type { Engine, HostTensors, Program } from '../engine/engine.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { inputName } from './step-inputs.ts';
import { definePrediction, type NetworkDefinition } from './step.ts';

/** The weights of a network under their state-dict names. */
export type Weights = HostTensors;

/** A network that turns batches of images into saliency maps, with weights that can be exchanged. */
export class Predictor implements AsyncDisposable {
  private constructor(
    readonly network: NetworkDefinition,
    readonly batchSize: number,
    private readonly parameters: readonly ParameterSpec[],
    private readonly program: Program,
  ) {}

  /**
   * Compiles the network; `load` gives it weights before the first `predict`.
   * @param batches how many it will be asked for, about; without end by default
   */
  static async create(engine: Engine, network: NetworkDefinition, batchSize: number, batches = Infinity): Promise<Predictor> {
    const prediction = definePrediction(network, batchSize);
    return new Predictor(network, batchSize, prediction.parameters, await engine.compile(prediction.step, prediction.inputs(), { expectedRuns: batches }));
  }

  /** Takes the network's weights out of `weights`; others (of training-only adapters) are left alone. */
  async load(weights: Weights): Promise<void> {
    await this.program.writeState(Object.fromEntries(this.parameters.map((spec) => [inputName(spec), weights[spec.name]!])));
  }

  /**
   * Saliency maps of a batch.
   * @param images [batch, height, width, 3], normalised
   * @returns [batch, height, width] in [0, 1]
   */
  async predict(images: Float32Array): Promise<Float32Array> {
    const { height, width } = this.network;
    const outputs = await this.program.run({ image: { shape: [this.batchSize, height, width, 3], dtype: 'float32', data: images } });
    return withinUnit(outputs['saliency']!.data as Float32Array);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.dispose();
  }
}

/** A fast sigmoid of large logits may end one bit beyond its range, 1.0000001; what is no number stays what it is. */
function withinUnit(map: Float32Array): Float32Array {
  for (let i = 0; i < map.length; i++) {
    if (map[i]! > 1) map[i] = 1;
    else if (map[i]! < 0) map[i] = 0;
  }
  return map;
}
