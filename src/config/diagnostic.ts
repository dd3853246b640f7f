/** What is reported about a config file. */

/** A place in a text, counted from 0 in UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** `end` is exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type Severity = 'error' | 'warning' | 'information';

export interface Diagnostic {
  /** Stable: documented, and what an editor or a CI rule decides by. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** The file that `range` counts in: the config itself or one that it extends. */
  readonly file: string;
  readonly range: Range;
  /** The field, e.g. `['stages', 'student', 'resolution']`. */
  readonly path: readonly (string | number)[];
  /** What to put in the place of the text at `range`. */
  readonly suggestion?: string;
}

interface CodeInfo {
  readonly severity: Severity;
  /** For the reference page. */
  readonly meaning: string;
}

const error = (meaning: string) => ({ severity: 'error', meaning }) as const;
const warning = (meaning: string) => ({ severity: 'warning', meaning }) as const;
const information = (meaning: string) => ({ severity: 'information', meaning }) as const;

/** Every code. A code is never renamed. */
export const diagnosticCodes = {
  // Reading
  syntax: error('The text is not YAML.'),
  'duplicate-field': error('A field is there twice in one block.'),
  'alias-loop': error('An alias stands inside what it refers to.'),
  'too-large': error('Aliases or nesting make more values than any config needs.'),
  'file-unreadable': error('A config that this one extends or uses cannot be read.'),
  'extends-cycle': error('Configs extend each other in a circle.'),
  'use-invalid': error('The config whose stage is used has errors, or no such stage.'),
  'use-cycle': error('Configs use stages of each other in a circle.'),
  // Fields and values
  'missing-field': error('A required field is missing.'),
  'unknown-field': error('There is no such field; the nearest name is suggested.'),
  'unknown-value': error('The value is none of those the field takes; the nearest is suggested.'),
  'wrong-type': error('The value is of another kind, such as text for a number.'),
  'out-of-range': error('The number, or the length of the list, is outside of its limits.'),
  'invalid-value': error('The text does not have the form that the field needs.'),
  'not-built-yet': error('The name is known and planned, and this version cannot do it.'),
  'newer-version': error('The config is written for a later version of this program.'),
  // The stage graph
  'no-stages': error('There is nothing to train.'),
  'unknown-teacher': error('`distill.from` names no stage.'),
  'self-teacher': error('A stage cannot teach itself.'),
  'stage-cycle': error('Stages teach each other in a circle.'),
  'teacher-resolution': error("The teacher's resolution is not above the student's, which the method needs."),
  'resolution-ratio': warning("The teacher's resolution is not a whole multiple of the student's, so that their grids do not line up."),
  'teacher-features': error("The features of teacher and student differ in number or width, and the method compares them directly."),
  'unusable-resolution': error('The model cannot take images of this size.'),
  'given-stage-field': warning('A field has no effect because the stage is given, not trained.'),
  'given-stage-conflict': error('A stage is given in two ways.'),
  'unused-given-stage': warning('A given stage teaches nobody, so it has no effect.'),
  // Training
  'single-image-batch': error('Batch normalisation on a 1x1 grid needs more than one image.'),
  'rate-needs-pretrained': warning('A learning rate as in the paper, and random weights: the network would hardly learn. Give pre-trained weights or a rate of about 1e-3.'),
  'unusual-weight': warning("A loss weight is more than ten times above or below the paper's for this network, so one term would hardly count or drown the others."),
  'unused-setting': information('A setting has no effect because the term that it belongs to has weight 0.'),
  'zero-weight': information('A loss term has weight 0: it is computed and reported, and teaches nothing.'),
  'official-bug': information('An option reproduces a mistake of the official code; the message says which.'),
  // Fairness
  'unequal-recipes': warning('Stages with equal networks and resolutions stand side by side in a table and are trained differently, so a difference is not due to distillation alone.'),
  'unequal-teachers': warning('Stages that are compared learn from different teachers of the same kind; the better teacher may make the difference.'),
  'test-set-selection': information('The best epoch is chosen on the test set, so that the test figures are too good.'),
  // What is on the disk and in the machine
  'dataset-missing': error("The dataset's folder is missing or has no training images."),
  'dataset-problem': warning("The dataset's check found something."),
  'file-missing': error('A file that the config names is missing.'),
  'checkpoint-mismatch': error('The checkpoint holds another network than the stage says.'),
  'checkpoint-resolution': warning('The checkpoint was trained at another resolution.'),
  'device-missing': error('This machine has no such device.'),
  'memory-exceeded': warning('A training step is estimated to need more memory than the device has.'),
  'shared-output': warning('Another config in this folder has the same experiment name: their runs share a folder, and the summary of one replaces the other.'),
} as const satisfies Record<string, CodeInfo>;

export type DiagnosticCode = keyof typeof diagnosticCodes;
