/** What the config service asks of the world. Everything is optional: a check without its provider is left out. */
import type { FolderItem } from '../base/list-folder.ts';
import type { ModelChoice } from './catalog/models.ts';
import type { StageDescription, StageToDescribe } from './description.ts';
import type { DatasetConfig, Resolution } from './experiment.ts';

export interface Providers {
  /** The text of a file that a config extends or uses; rejects when it cannot be read. */
  readonly readText?: (path: string) => Promise<string>;
  /** Whether there is a file or folder. */
  readonly exists?: (path: string) => Promise<boolean>;
  /** What is in a folder; empty when there is no such folder. */
  readonly listFolder?: (path: string) => Promise<readonly FolderItem[]>;
  /** What is in a dataset's folder; undefined when there is no such folder. */
  readonly datasetSummary?: (root: string, lists: DatasetConfig['lists']) => Promise<DatasetSummary | undefined>;
  /** What a checkpoint says it is, from its header alone; undefined when there is no such file. */
  readonly checkpointHeader?: (path: string) => Promise<CheckpointSummary | undefined>;
  /** The devices of this machine, e.g. `cpu`. */
  readonly devices?: () => Promise<readonly string[]>;
  /** Bytes of memory that trainings on a device may use; undefined when that is not known. */
  readonly deviceMemory?: (device: string) => Promise<number | undefined>;
  /** What a stage's network is and costs; undefined while that is not known. */
  readonly describeStage?: (stage: StageToDescribe) => Promise<StageDescription | undefined>;
  /** The configs in a folder with the names of their experiments, this one among them. */
  readonly experimentsIn?: (directory: string) => Promise<readonly { readonly file: string; readonly experiment: string }[]>;
}

export interface DatasetSummary {
  readonly train: number;
  readonly test: number;
  /** In words, one a line. */
  readonly problems: readonly string[];
  /** Names of the test images, as `captures.samples` takes them. */
  readonly testNames?: readonly string[];
}

/** Fields are absent where the file does not say. */
export interface CheckpointSummary {
  readonly model?: ModelChoice;
  readonly resolution?: Resolution;
  /** The method whose parts are in the network. */
  readonly method?: string;
  /** How many maps its heads give, where that is not one. */
  readonly classes?: number;
  /** What it holds in place of a network: an encoder alone, or tensors of none that is known. */
  readonly holds?: 'encoder' | 'unknown';
  /** Why it cannot be read, in a sentence. */
  readonly unreadable?: string;
}
