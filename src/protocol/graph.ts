/** The stage graph of a config: what the language server makes of it, and what the panel and its host say to each other. */

/** `from`: the document's uri. */
export interface StageGraphParams {
  readonly uri: string;
}

/** Answered with a `StageGraph`, or null while there is nothing that could be drawn. */
export const stageGraphRequest = 'scrkd/stageGraph';

/** Sent by the server when an answer would be another one now, although the text has not changed: a trace is done, a file has changed. */
export const graphChangedNotification = 'scrkd/graphChanged';

export interface GridSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface StageGraph {
  readonly experiment: string;
  /** A teacher stands before its students. */
  readonly stages: readonly GraphStage[];
  readonly transfers: readonly GraphTransfer[];
  /** How many errors the config has: stages that could not be understood are missing. */
  readonly errors: number;
}

export interface GraphStage {
  readonly name: string;
  /** `given`: not trained here. */
  readonly role: 'plain' | 'distilled' | 'given';
  /** For people: `PSPNet · ResNet-50`. */
  readonly model: string;
  /** Pixels. */
  readonly resolution: { readonly height: number; readonly width: number };
  /** Where a given stage comes from: a file, or a stage of another config. */
  readonly source?: string;
  /** Whether another stage learns from it. */
  readonly teaches: boolean;
  readonly training?: { readonly epochs: number; readonly batchSize: number; readonly learningRate: number };
  /** From a trace of the network; absent until that is done. */
  readonly network?: {
    readonly parameters: number;
    /** Of one image. */
    readonly multiplyAccumulates: number;
    /** The decoder's, finest first. */
    readonly features: readonly GridSize[];
    /** Of a training step, estimated; bytes. */
    readonly peakBytes?: number;
  };
  /** Lines of the stage in the document, counted from 0; absent for one that stands in another file. */
  readonly lines?: { readonly first: number; readonly last: number };
}

export interface GraphTransfer {
  /** The teacher's stage. */
  readonly from: string;
  readonly to: string;
  /** For people: `SCRKD`. */
  readonly method: string;
  readonly temperature: number;
  readonly terms: readonly {
    readonly name: string;
    /** What it compares, for people. */
    readonly description: string;
    /** 0 switches it off. */
    readonly weight: number;
    /** Finest first; empty until the trace is done and where the method does not say. */
    readonly pairs: readonly { readonly teacher: GridSize & { readonly name: string }; readonly student: GridSize & { readonly name: string }; readonly comparedOn: GridSize }[];
  }[];
}

export type GraphToPanel =
  | { readonly type: 'graph'; readonly file: string; readonly uri: string; readonly graph: StageGraph }
  /** The cursor is in a stage; absent: in none. */
  | { readonly type: 'cursor'; readonly stage?: string }
  /** Nothing to draw, with the reason. */
  | { readonly type: 'empty'; readonly reason: 'no-config' | 'no-stages' | 'no-server'; readonly detail?: string };

export type GraphToHost =
  | { readonly type: 'ready' }
  /** Go to a stage in the text. */
  | { readonly type: 'reveal'; readonly stage: string }
  | { readonly type: 'open-config' };

/** What the panel keeps over a reload; `version` is of its form. */
export interface GraphPanelState {
  readonly version: 1;
  /** The config's uri. */
  readonly uri: string;
}
