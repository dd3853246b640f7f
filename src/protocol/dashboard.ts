/**
 * The dashboard's channel between the extension host and its panel. Every message to the panel is a complete picture of its
 * subject (all runs, or one run's curves), never a change to an earlier one: messages to a hidden panel are lost.
 * Texts are made by the panel; numbers travel as typed arrays.
 */
import type { ControlVerb } from './control.ts';
import type { RunStatus } from './run.ts';

/** What curves are laid over each other by. */
export const alignments = ['epoch', 'step', 'time'] as const;
export type Alignment = (typeof alignments)[number];

/** A moment of a training, on every axis at once. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** Epochs done, a fraction within one. */
  readonly epoch: number;
  /** Seconds of training: pauses and interruptions left out. */
  readonly time: number;
}

/** The positions of a series' points, in order. */
export interface Positions {
  readonly step: Float64Array<ArrayBuffer>;
  readonly epoch: Float64Array<ArrayBuffer>;
  readonly time: Float64Array<ArrayBuffer>;
}

/** Values by name, as long as the positions; NaN where a point has none. */
export type Columns = Readonly<Record<string, Float64Array<ArrayBuffer>>>;

/** What was measured at each step, or as means over each epoch. */
export interface TrainingCurves {
  readonly at: Positions;
  /** Raw loss terms, before weighting. */
  readonly terms: Columns;
  /** The weighted sum. */
  readonly total: Float64Array<ArrayBuffer>;
  readonly learningRate: Float64Array<ArrayBuffer>;
  readonly imagesPerSecond: Float64Array<ArrayBuffer>;
  /** Of one step, or of a whole epoch. */
  readonly seconds: Float64Array<ArrayBuffer>;
}

export interface EpochCurves extends TrainingCurves {
  /** Peak resident memory of the trainer. */
  readonly memoryBytes: Float64Array<ArrayBuffer>;
}

/** Where figures come from: the same images, judged by the same rules. */
export interface FigureSource {
  readonly split: string;
  readonly protocol: string;
}

/** `split/protocol`, as `epochs.jsonl` names it. */
export function sourceKey({ split, protocol }: FigureSource): string {
  return `${split}/${protocol}`;
}

export interface EvaluationCurves extends FigureSource {
  readonly at: Positions;
  /** By measure, e.g. `mae`, `maxF`. */
  readonly metrics: Columns;
}

/** All curves of one run. */
export interface RunCurves {
  readonly folder: string;
  /** Absent until the event log was read: epochs come first, they are one line each. */
  readonly steps?: TrainingCurves;
  readonly epochs: EpochCurves;
  readonly evaluations: readonly EvaluationCurves[];
}

/** Something that happened in a run. */
export type Mark = { readonly at: Position } & (
  | { readonly kind: 'checkpoint'; readonly name: string }
  /** The best evaluation so far. */
  | ({ readonly kind: 'best'; readonly metrics: Readonly<Record<string, number>> } & FigureSource)
  /** `seconds`: how long; absent while it lasts. */
  | { readonly kind: 'pause'; readonly seconds?: number }
  /** A new process went on from a checkpoint. */
  | { readonly kind: 'resume'; readonly checkpoint: string }
  /** Live control: what was turned, from and to. */
  | { readonly kind: 'change'; readonly changes: readonly SettingChange[] }
  | { readonly kind: 'rejected'; readonly verb: string; readonly reason: string }
  | { readonly kind: 'message'; readonly level: 'warning' | 'error'; readonly message: string }
);

export interface SettingChange {
  /** A loss term, `temperature` or `learningRate`. */
  readonly name: string;
  readonly from?: number;
  readonly to: number;
}

/** What may be turned while a run trains, as it stands now. */
export interface LiveSettings {
  /** By loss term, in the order of the method; empty where nothing is distilled. */
  readonly weights: Readonly<Record<string, number>>;
  readonly temperature?: number;
  readonly learningRate: number;
  /** How the learning rate goes on by itself. */
  readonly schedule: { readonly kind: 'constant' } | { readonly kind: 'step'; readonly every: number; readonly factor: number };
}

/** A request of this window to a run's trainer. */
export interface SentRequest {
  readonly id: string;
  readonly verb: ControlVerb;
  readonly changes?: Readonly<Record<string, number>>;
  readonly answer: { readonly kind: 'waiting' } | { readonly kind: 'accepted'; readonly step: number } | { readonly kind: 'rejected'; readonly reason: string };
}

/** How a run stands; `interrupted`: its process is gone without a word. */
export type Standing = RunStatus | 'interrupted';

/** Final or best figures of a run from one source. */
export interface Figures extends FigureSource {
  /** `final`: of `metrics.json`; `best`: of the evaluations while it trained. */
  readonly kind: 'final' | 'best';
  readonly checkpoint: string;
  readonly epoch: number;
  readonly images: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface RunSummary {
  readonly folder: string;
  /** Short and unique among the runs shown. */
  readonly label: string;
  readonly experiment: string;
  readonly dataset: { readonly name: string; readonly train: number; readonly test: number };
  readonly standing: Standing;
  /** Whether something is learnt from a teacher; a baseline is drawn dashed. */
  readonly distilled: boolean;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly etaSeconds?: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly device: string;
  readonly memoryBytes?: number;
  /** Of its last event, milliseconds since 1970 by the host's clock. */
  readonly lastEvent?: number;
  readonly queue?: { readonly device: string; readonly ahead: number };
  /** Why it failed. */
  readonly error?: string;
  /** By the key of a column. */
  readonly config: Readonly<Record<string, string>>;
  /** Settings as configured, by column key, that were changed while it trained: `1 → 0.8`. */
  readonly changed: Readonly<Record<string, string>>;
  readonly settings: LiveSettings;
  readonly requests: readonly SentRequest[];
  readonly marks: readonly Mark[];
  readonly figures: readonly Figures[];
  /** Lines of its log that a newer SCRKD wrote or that are damaged, so that a curve may lack points. */
  readonly unread: { readonly newer: number; readonly damaged: number };
}

/** A run that was asked for and cannot be shown. */
export interface UnreadableRun {
  readonly folder: string;
  readonly label: string;
  readonly problem: string;
}

/** A configuration key as a column of the table. */
export interface ConfigColumn {
  /** The key's path, e.g. `distill.weights.mvcd`. */
  readonly key: string;
  readonly label: string;
  readonly numeric: boolean;
  /** Whether the shown runs disagree in it. */
  readonly differs: boolean;
}

/** Everything but curves, of all runs that the panel shows, in the order they were chosen in. */
export interface RunsSnapshot {
  readonly runs: readonly RunSummary[];
  readonly unreadable: readonly UnreadableRun[];
  readonly columns: readonly ConfigColumn[];
  /** Runs whose event log is still being read. */
  readonly reading: number;
  /** The host's clock when this was sent, milliseconds since 1970: ages are told by it. */
  readonly now: number;
  /** Whether the folder is trusted: control needs it. */
  readonly mayControl: boolean;
}

export type ToDashboard = { readonly type: 'runs'; readonly snapshot: RunsSnapshot } | { readonly type: 'curves'; readonly curves: RunCurves };

/** What a person asks a trainer for, from the panel. */
export type DashboardControl =
  | { readonly verb: Exclude<ControlVerb, 'set'> }
  | { readonly verb: 'set'; readonly changes: Readonly<Record<string, number>> };

export type FromDashboard =
  /** The panel listens now; everything is to be sent. */
  | { readonly type: 'ready' }
  | { readonly type: 'add-runs' }
  | { readonly type: 'remove-run'; readonly folder: string }
  | { readonly type: 'control'; readonly folder: string; readonly control: DashboardControl }
  | { readonly type: 'open'; readonly folder: string; readonly what: 'config' | 'log' | 'folder' }
  | { readonly type: 'start' }
  | { readonly type: 'export'; readonly what: 'table' | 'curves'; readonly source: string | undefined };

/** What the panel keeps over a reload: what is shown, never its data. */
export interface DashboardView {
  readonly version: 1;
  /** In the order they were chosen in. */
  readonly folders: readonly string[];
  /** Of these, the ones whose curves are not drawn. */
  readonly hidden: readonly string[];
  /** The run of the side column. */
  readonly selected?: string;
  readonly align: Alignment;
  /** [0, 1) */
  readonly smoothing: number;
  /** Points of the loss curves. */
  readonly detail: 'step' | 'epoch';
  readonly scale: 'linear' | 'log';
  /** Whether the first steps, which tower over the rest, are in the picture. */
  readonly wholeRange: boolean;
  /** Key of the source of metrics that was chosen. */
  readonly source?: string;
}
