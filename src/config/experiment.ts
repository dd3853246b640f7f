/**
 * What a config file means once everything in it is known: defaults, preset and inheritance applied, paths
 * resolved, stages in an order in which they can be trained. The trainer, the run folders and the editor read this.
 */
import type { MethodName, MethodOptions } from './catalog/methods.ts';
import type { ModelChoice } from './catalog/models.ts';

/** Which answers to the rows in which paper and official code differ. `default` is the product's own. */
export type Preset = 'default' | 'paper' | 'official-code';
/** What runs a step; `auto` takes the best one available. */
export type EngineChoice = 'auto' | 'onnxruntime' | 'tensorflow';
/** How a step trades time for memory; `auto` is fast wherever that fits into what is free. */
export type MemoryChoice = 'auto' | 'fast' | 'lean';
/** Where a step runs; `auto` takes the best one the engine has. */
export type DeviceChoice = 'auto' | 'cpu' | 'webgpu';
/** A way to turn saliency maps into reported figures. */
export type ProtocolName = 'scrkd448' | 'pysod';

export interface Experiment {
  readonly version: 1;
  readonly name: string;
  /** The config file, as the caller named it. */
  readonly file: string;
  /** The folder of `file`; relative paths were resolved against it. */
  readonly directory: string;
  readonly preset: Preset;
  readonly engine: EngineChoice;
  readonly device: DeviceChoice;
  readonly memory: MemoryChoice;
  /** Bytes that kept outputs of frozen teachers may take; absent: none are kept. */
  readonly teacherOutputs?: { readonly memory: number; readonly disk: number };
  /** CPU threads of the engine; absent: the engine's choice. */
  readonly threads?: number;
  readonly dataset: DatasetConfig;
  /** In topological order: a teacher stands before its students; otherwise as written. */
  readonly stages: readonly Stage[];
  readonly captures: CaptureConfig;
  readonly checkpoints: CheckpointConfig;
  readonly evaluation: EvaluationConfig;
}

export interface DatasetConfig {
  /** The dataset's folder; absolute, or relative to the working directory when the config's own path is. */
  readonly root: string;
  readonly name: string;
  /** List files and folders inside `root`, e.g. `train.txt`; absent: what the layout has. */
  readonly lists: {
    readonly train?: string;
    readonly test?: string;
    readonly folders?: { readonly trainImages: string; readonly trainMasks: string; readonly testImages: string; readonly testMasks: string };
  };
  /** The part of the training list that is held out; absent: none. */
  readonly validation?: { readonly fraction: number; readonly seed: number };
}

/** Height and width in pixels. */
export interface Resolution {
  readonly height: number;
  readonly width: number;
}

/** One node of the experiment's graph: a network that is trained once, or given. */
export interface Stage {
  readonly name: string;
  readonly model: ModelChoice;
  readonly resolution: Resolution;
  readonly training: TrainingConfig;
  /** How this stage learns from another one; absent for a plain stage and for every given one. */
  readonly distill?: Distillation;
  /**
   * The method whose parts stay in this network at inference (SCRKD keeps its disentanglement and gates).
   * Also set for a given stage that was distilled: it decides the network's parameters.
   */
  readonly adapter?: Adapter;
  /** Weights to start from. */
  readonly init?: { readonly backbone: string };
  /** Set when this stage is not trained here. */
  readonly given?: GivenStage;
  /** Which checkpoint of this stage is reported and handed to its students. */
  readonly selection: Selection;
}

export interface Adapter {
  readonly method: MethodName;
  readonly options: MethodOptions;
}

export interface Distillation extends Adapter {
  /** The name of the teacher's stage. */
  readonly from: string;
  /** Factors of the method's terms, e.g. α, β, γ of SCRKD, Eq. 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Of the method's softmax, e.g. τ₂ of SCRKD, Eq. 14; 1 where it has none. */
  readonly temperature: number;
  /** Epochs over which the weights grow to their full value; absent: none. */
  readonly warmUp?: number;
}

export type GivenStage =
  | { readonly kind: 'checkpoint'; readonly file: string }
  /** A stage of another config: its own recipe is in `experiment.stages`. */
  | { readonly kind: 'use'; readonly file: string; readonly stage: string; readonly experiment: Experiment };

/**
 * `last`: the last epoch. `validation`: the best maxF on the held-out part of the training list.
 * `test`: the best maxF on the test set, as the official code does. `every` counts epochs.
 */
export type Selection = { readonly on: 'last' } | { readonly on: 'validation' | 'test'; readonly every: number };

export interface TrainingConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Schedule;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** The share of unreadable training images, in [0, 1], above which a run stops. */
  readonly stopAfterUnreadable: number;
}

/** AdamW with decoupled weight decay on all parameters. */
export interface OptimizerConfig {
  readonly name: 'adamw';
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** `step` multiplies the learning rate by `factor` after every `every` epochs. */
export type Schedule = { readonly kind: 'constant' } | { readonly kind: 'step'; readonly every: number; readonly factor: number };

/** `default`: the eight dihedral views. `official`: the same with the official code's cropping of non-square images. */
export type Augmentation = 'default' | 'official' | 'none';

export interface CaptureConfig {
  /** That many samples of the test list, evenly spread, or these ones by name. */
  readonly samples: { readonly count: number } | { readonly ids: readonly string[] };
  /** Epochs between captures. */
  readonly every: number;
  /** Whether whole feature tensors are kept as well. */
  readonly features: boolean;
  /** Bytes after which a run stops capturing. */
  readonly budget: number;
}

export interface CheckpointConfig {
  /** Epochs between checkpoints that are kept. */
  readonly every: number;
  /** Minutes between checkpoints to resume from. */
  readonly everyMinutes: number;
  readonly select: 'default' | 'official';
}

export interface EvaluationConfig {
  /** Epochs between evaluations during training. */
  readonly every: number;
  /** The protocols of the final figures on the test set. */
  readonly protocols: readonly ProtocolName[];
}
