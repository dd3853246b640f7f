/** The arms' networks, loaded when they are asked for and kept within a bound of memory. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Experiment, Stage } from '../config/experiment.ts';
import { decodeImage } from '../data/decode.ts';
import { normaliseImage } from '../data/normalise.ts';
import { resize } from '../data/resize.ts';
import type { Engine, HostTensor, Program } from '../engine/engine.ts';
import { createOnnxRuntimeEngine } from '../engine/onnxruntime.ts';
import type { ArmRole, InspectedNetwork, Operand } from '../protocol/inspector.ts';
import { openCheckpoint } from '../runs/checkpoints.ts';
import { RunsError } from '../runs/errors.ts';
import { openRunFolder, readManifest } from '../runs/read-run.ts';
import { epochName, type RunFolder } from '../runs/run-folder.ts';
import { captureGrids } from '../training/captures.ts';
import { networkOf } from '../training/network.ts';
import { readNetworkWeights } from '../training/network-weights.ts';
import type { Weights } from '../training/predictor.ts';
import { inputName } from '../training/step-inputs.ts';
import { defineCapture, defineFeatures, definePrediction, type InferenceStep } from '../training/step.ts';
import { InspectorError } from './errors.ts';

/** A value of the network, without the batch axis. */
export interface ComputedView {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayBuffer;
}

interface Loaded {
  readonly experiment: Experiment;
  readonly stage: Stage;
  readonly folder: RunFolder;
  readonly checkpoint: string | undefined;
}

interface Compiled {
  readonly step: InferenceStep;
  readonly program: Program;
  /** Of the weights that it holds. */
  weights: string;
}

/** A program, its engine's buffers and a set of weights take a few times the weights' own bytes. */
const bytesPerWeightByte = 6;
/** Programs that are kept; each has a copy of its network's weights. */
const maxPrograms = 6;

export class InspectedNetworks {
  readonly #arms = new Map<ArmRole, Loaded>();
  readonly #weights = new Map<string, Weights>();
  readonly #programs = new Map<string, Compiled>();
  #engine: Promise<Engine> | undefined;

  constructor(
    private readonly networks: readonly InspectedNetwork[],
    private readonly memoryBytes: number,
  ) {}

  /** Everything that a capture holds, in float32. @throws InspectorError, RunsError, TrainingError, DataError */
  async capture(role: ArmRole, epoch: number, image: string | Uint8Array | undefined): Promise<ComputedView[]> {
    const arm = this.#arm(role);
    const network = networkOf(arm.stage);
    const outputs = await this.#run(role, arm, `capture`, epoch, image, () => defineCapture(network, 1, captureGrids(arm.experiment)));
    return Object.entries(outputs).map(([name, { shape, data }]) => ({ name, shape: shape.slice(1), data: bufferOf(data as Float32Array) }));
  }

  /** All channels of a stage (from 1): [C, h, w]. Of a distilled network as MSFD sees it (D3), where the operands of the losses are wanted. */
  async features(role: ArmRole, epoch: number, image: string | undefined, stage: number, operand: Operand): Promise<{ shape: readonly number[]; data: ArrayBuffer }> {
    const arm = this.#arm(role);
    const outputs = await this.#run(role, arm, `features ${stage}`, epoch, image, () => defineFeatures(networkOf(arm.stage), 1, stage));
    const { shape, data } = (operand === 'loss' ? outputs['D3'] : undefined) ?? outputs['F']!;
    const [, height = 1, width = 1, channels = 1] = shape;
    const planes = new Float32Array(data.length);
    const area = height * width;
    for (let pixel = 0; pixel < area; pixel++) for (let channel = 0; channel < channels; channel++) planes[channel * area + pixel] = data[pixel * channels + channel]!;
    return { shape: [channels, height, width], data: planes.buffer };
  }

  #arm(role: ArmRole): Loaded {
    const known = this.#arms.get(role);
    if (known !== undefined) return known;
    const inspected = this.networks.find((network) => network.role === role);
    if (inspected === undefined) throw new InspectorError('no-checkpoint', l10n.t('This run is compared with no such network.'));
    const folder = openRunFolder(inspected.folder);
    const manifest = readManifest(folder);
    // Written by this program from an Experiment; older manifests lack what it does not read.
    const experiment = manifest.config['experiment'] as Experiment;
    const stage = experiment.stages.find(({ name }) => name === manifest.stage);
    if (stage === undefined) throw new InspectorError('no-checkpoint', l10n.t('{0}: its config has no stage "{1}".', folder.manifest, manifest.stage));
    const loaded: Loaded = { experiment, stage, folder, checkpoint: inspected.checkpoint };
    this.#arms.set(role, loaded);
    return loaded;
  }

  async #run(role: ArmRole, arm: Loaded, kind: string, epoch: number, image: string | Uint8Array | undefined, define: () => InferenceStep): Promise<Record<string, HostTensor>> {
    if (image === undefined || image === '') throw new InspectorError('no-file', l10n.t('The sample’s image is not in the dataset any more.'));
    const { height, width } = networkOf(arm.stage);
    const pixels = normaliseImage(resize(await decoded(image), { height, width }, 'bilinear'));
    const [key, weights] = await this.#load(role, arm, epoch);
    const compiled = await this.#compile(`${role} ${kind}`, define);
    if (compiled.weights !== key) {
      await compiled.program.writeState(Object.fromEntries(compiled.step.parameters.map((spec) => [inputName(spec), weights[spec.name]!])));
      compiled.weights = key;
    }
    return compiled.program.run({ image: { shape: [1, height, width, 3], dtype: 'float32', data: pixels } });
  }

  async #compile(key: string, define: () => InferenceStep): Promise<Compiled> {
    const known = this.#programs.get(key);
    if (known !== undefined) {
      this.#programs.delete(key);
      this.#programs.set(key, known);
      return known;
    }
    while (this.#programs.size >= maxPrograms || (this.#programs.size > 0 && process.memoryUsage().rss > this.memoryBytes)) await this.#drop();
    this.#engine ??= createOnnxRuntimeEngine({ threads: Math.max(1, availableParallelism() - 1) });
    const step = define();
    const program = await (await this.#engine).compile(step.step, step.inputs(), { expectedRuns: 4 });
    const compiled: Compiled = { step, program, weights: '' };
    this.#programs.set(key, compiled);
    return compiled;
  }

  /** The one that was not used for longest. */
  async #drop(): Promise<void> {
    const [key, oldest] = this.#programs.entries().next().value!;
    this.#programs.delete(key);
    await oldest.program.dispose();
  }

  async #load(role: ArmRole, arm: Loaded, epoch: number): Promise<[key: string, weights: Weights]> {
    const key = `${role} ${arm.checkpoint ?? epoch}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return [key, known];
    const { parameters } = definePrediction(networkOf(arm.stage), 1);
    const bytes = 4 * parameters.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
    if (bytesPerWeightByte * bytes > this.memoryBytes) {
      throw new InspectorError('memory', l10n.t('Stage "{0}" would take about {1} MB, the inspector may use {2} MB of the memory that is free now.', arm.stage.name, Math.round((bytesPerWeightByte * bytes) / 1e6), Math.round(this.memoryBytes / 1e6)));
    }
    const weights = await this.#read(arm, epoch);
    for (const oldest of this.#weights.keys()) {
      if (this.#weights.size < 4) break;
      this.#weights.delete(oldest);
    }
    this.#weights.set(key, weights);
    return [key, weights];
  }

  /** The checkpoint that was kept of the epoch; the last one, where it is of that epoch. */
  async #read({ folder, stage, checkpoint: fixed }: Loaded, epoch: number): Promise<Weights> {
    const { parameters } = definePrediction(networkOf(stage), 1);
    for (const name of fixed === undefined ? [epochName(epoch), 'last'] : [fixed]) {
      try {
        const checkpoint = await openCheckpoint(folder, name);
        try {
          if (fixed === undefined && checkpoint.info.epoch !== epoch) continue;
          return await readNetworkWeights(checkpoint.tensors, parameters);
        } finally {
          await checkpoint.tensors.close();
        }
      } catch (error) {
        if (!(error instanceof RunsError && error.reason === 'missing')) throw error;
      }
    }
    throw new InspectorError('no-checkpoint', l10n.t('Stage "{0}" has no checkpoint of epoch {1}.', stage.name, fixed ?? epoch));
  }
}

/** A dropped image lies in a file for as long as it is decoded. */
async function decoded(image: string | Uint8Array) {
  if (typeof image === 'string') return decodeImage(image);
  const folder = await mkdtemp(join(tmpdir(), 'scrkd-inspector-'));
  try {
    const path = join(folder, image[0] === 0x42 && image[1] === 0x4d ? 'image.bmp' : 'image');
    await writeFile(path, image, { mode: 0o600 });
    return await decodeImage(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function bufferOf(data: Float32Array): ArrayBuffer {
  return data.slice().buffer;
}
