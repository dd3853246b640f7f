/** What the editor's features ask of the world, beyond what checking asks. All optional: without one, its answers are left out. */
import type { StageToDescribe } from '../description.ts';
import type { Experiment } from '../experiment.ts';
import type { Providers } from '../providers.ts';

export interface EditorProviders extends Providers {
  /** All configs of the open folders, for references across files. */
  readonly configFiles?: () => Promise<readonly string[]>;
  /** The runs of an experiment's stages, oldest first. */
  readonly runsOf?: (experiment: Pick<Experiment, 'name' | 'directory'>) => Promise<readonly KnownRun[]>;
}

export interface KnownRun {
  readonly stage: string;
  readonly folder: string;
  readonly state: 'queued' | 'running' | 'paused' | 'stopped' | 'failed' | 'finished';
  /** Its process is gone though the state says otherwise. */
  readonly isDead: boolean;
  /** How long its steps took, and what they were steps of; absent before the first epoch is done. */
  readonly measured?: { readonly secondsPerStep: number; readonly of: StageToDescribe };
}
