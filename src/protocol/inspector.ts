/**
 * What the inspector's three sides say to each other: the extension host (reads run folders), the panel (shows them) and the
 * inspector process (runs networks). Snapshots, never deltas: VS Code drops messages to a hidden panel. Numbers travel as buffers.
 */

export const inspectorTabs = ['correlation', 'features', 'logits', 'saliency'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

/** What a network is in a comparison. `assistant`: a distilled network that teaches in turn (cascaded SCRKD). */
export const armRoles = ['plain', 'teacher', 'assistant', 'distilled'] as const;
export type ArmRole = (typeof armRoles)[number];

export interface InspectorArm {
  readonly role: ArmRole;
  /** The run's folder name and its stage's. */
  readonly run: string;
  readonly stage: string;
  readonly height: number;
  readonly width: number;
  /** A frozen network has one capture, which holds at every epoch. */
  readonly frozen: boolean;
  /** Epochs with captures, ascending. Empty of a frozen arm. */
  readonly captured: readonly number[];
  /** Epochs with a kept checkpoint: only there can the inspector recompute what was not captured. */
  readonly checkpoints: readonly number[];
}

export interface InspectorSample {
  readonly id: string;
  readonly split: 'train' | 'validation' | 'test';
  /** It has captures in this run. */
  readonly captured: boolean;
  /** Asked for by a person: the trainer captures it whenever it captures. */
  readonly pinned: boolean;
}

/** One event on the scrubber, e.g. a loss weight that was changed while the run trained. */
export interface ScrubberMark {
  readonly epoch: number;
  readonly label: string;
}

/** Everything that the panel knows of a run before any picture. */
export interface InspectorSnapshot {
  /** The run that was opened: its folder. */
  readonly folder: string;
  readonly experiment: string;
  readonly run: string;
  /** Epochs planned and done. */
  readonly epochs: number;
  readonly done: number;
  /** A trainer works on it. */
  readonly live: boolean;
  readonly arms: readonly InspectorArm[];
  /** The role that differences and distances are taken to: the network that taught; undefined without one. */
  readonly reference: ArmRole | undefined;
  /** Captured ones first. */
  readonly samples: readonly InspectorSample[];
  /** By epoch, from epoch 1: the weighted total loss. */
  readonly course: readonly { readonly epoch: number; readonly value: number }[];
  readonly marks: readonly ScrubberMark[];
  /** τ₂ that the run trains with; 1 without distillation. */
  readonly temperature: number;
}

/** Where a view lies in the buffer of its capture: float16 bits, `length` of them from `offset`, times 2^`exponent`. */
export interface PackedView {
  readonly name: string;
  /** Symmetric matrices: of the whole matrix, though only its upper triangle is kept. */
  readonly shape: readonly number[];
  readonly symmetric: boolean;
  readonly exponent: number;
  readonly offset: number;
  readonly length: number;
}

export type PictureProblem = 'missing' | 'corrupt' | 'unreadable';

/** Which of an arm's features the distances are taken of: the operands of the losses, or the decoder's own. */
export type Operand = 'loss' | 'decoder';

export type InspectorToPanel =
  | { readonly type: 'run'; readonly snapshot: InspectorSnapshot }
  /** No run is chosen, or it cannot be read. */
  | { readonly type: 'no-run'; readonly reason: 'none-chosen' | 'unreadable'; readonly message: string }
  | { readonly type: 'show'; readonly tab: InspectorTab; readonly epoch: number | undefined }
  | { readonly type: 'capture'; readonly ticket: number; readonly role: ArmRole; readonly epoch: number; readonly views: readonly PackedView[]; readonly bytes: ArrayBuffer }
  | { readonly type: 'no-capture'; readonly ticket: number; readonly role: ArmRole; readonly epoch: number; readonly problem: PictureProblem; readonly message: string }
  | { readonly type: 'captures-end'; readonly ticket: number }
  /** A file's bytes as they are; the panel decodes them. */
  | { readonly type: 'file'; readonly sample: string; readonly kind: 'image' | 'mask'; readonly bytes: ArrayBuffer }
  | { readonly type: 'no-file'; readonly sample: string; readonly kind: 'image' | 'mask'; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: InspectorAnswer }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string; readonly message: string };

export type InspectorToHost =
  | { readonly type: 'ready'; readonly folder: string | undefined }
  /** Stream a sample's captures, nearest to `epoch` first, all but those in `have` (`role/epoch`), up to `limit` bytes. Replaces the last such wish. */
  | { readonly type: 'captures'; readonly ticket: number; readonly sample: string; readonly epoch: number; readonly operand: Operand; readonly have: readonly string[]; readonly limit: number }
  | { readonly type: 'file'; readonly sample: string; readonly kind: 'image' | 'mask' }
  | { readonly type: 'ask'; readonly id: number; readonly question: InspectorQuestion }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'pin'; readonly sample: string; readonly pinned: boolean }
  | { readonly type: 'choose-run' }
  | { readonly type: 'save'; readonly name: string; readonly files: readonly { readonly suffix: string; readonly bytes: ArrayBuffer }[] };

/** What only the networks themselves can tell. Epochs name kept checkpoints. */
export type InspectorQuestion =
  /** All channels of a stage's decoder features, of one arm. Answered by `tensor` [C, h, w]. */
  | { readonly kind: 'features'; readonly role: ArmRole; readonly epoch: number; readonly sample: string; readonly stage: number; readonly operand: Operand }
  /** What a capture holds, for a sample or an epoch without one. Answered by `capture`. */
  | { readonly kind: 'capture'; readonly role: ArmRole; readonly epoch: number; readonly sample: string }
  /** The same for an image that a person dropped on the panel. */
  | { readonly kind: 'image'; readonly role: ArmRole; readonly epoch: number; readonly name: string; readonly bytes: ArrayBuffer }
  /** Per-image scores of the final predictions of the plain and the distilled arm over the test split. Answered by `scores`. */
  | { readonly kind: 'scores' };

export interface SampleScores {
  readonly sample: string;
  readonly plain: { readonly mae: number; readonly maxF: number; readonly s: number };
  readonly distilled: { readonly mae: number; readonly maxF: number; readonly s: number };
}

export type InspectorAnswer =
  | { readonly kind: 'tensor'; readonly shape: readonly number[]; readonly data: ArrayBuffer }
  | { readonly kind: 'capture'; readonly views: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: ArrayBuffer }[] }
  | { readonly kind: 'scores'; readonly scores: readonly SampleScores[] };

/** An arm as the inspector process needs it: where its weights lie. */
export interface InspectedNetwork {
  readonly role: ArmRole;
  /** Run folder. */
  readonly folder: string;
  /** The checkpoint of a frozen arm; of others the epoch decides. */
  readonly checkpoint: string | undefined;
}

export type HostToInspector =
  | { readonly type: 'open'; readonly networks: readonly InspectedNetwork[]; readonly memoryBytes: number }
  | { readonly type: 'ask'; readonly id: number; readonly question: InspectorQuestion; readonly file: { readonly image: string; readonly mask: string } | undefined }
  | { readonly type: 'cancel'; readonly id: number };

export type InspectorToHostProcess =
  | { readonly type: 'answer'; readonly id: number; readonly answer: InspectorAnswer }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string; readonly message: string };
