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
  /** What another field would have to be for this not to be said. */
  readonly remedy?: Remedy;
}

export interface Remedy {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

interface CodeInfo {
  readonly severity: Severity;
  /** For the reference pages. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

const error = (meaning: string, advice: string) => ({ severity: 'error', meaning, advice }) as const;
const warning = (meaning: string, advice: string) => ({ severity: 'warning', meaning, advice }) as const;
const information = (meaning: string, advice: string) => ({ severity: 'information', meaning, advice }) as const;

/** Every code. A code is never renamed. */
export const diagnosticCodes = {
  // Reading
  syntax: error('The text is not YAML.', 'Look at the line and the one above it: a bracket, a quote or a colon is missing, or the indentation differs. Indent with blanks, not tabs.'),
  'duplicate-field': error('A field is there twice in one block.', 'Remove one of the two; the first one would count.'),
  'alias-loop': error('An alias stands inside what it refers to.', 'Let the alias refer to a block that does not contain it.'),
  'too-large': error('Aliases or nesting make more values than any config needs.', 'Write fewer values, or nest them less.'),
  'file-unreadable': error('A config that this one extends or uses cannot be read.', 'Correct the path, which is relative to the file it is written in, or the permissions.'),
  'extends-cycle': error('Configs extend each other in a circle.', 'Remove one `extends` of the circle.'),
  'use-invalid': error('The config whose stage is used has errors, or no such stage.', 'Open the other config and correct its errors, or name one of its stages.'),
  'use-cycle': error('Configs use stages of each other in a circle.', 'Remove one `use` of the circle.'),
  // Fields and values
  'missing-field': error('A required field is missing.', 'Add the field; the quick fix proposes a value.'),
  'unknown-field': error('There is no such field; the nearest name is suggested.', 'Correct the name or remove the field; `docs/config.md` lists every field.'),
  'unknown-value': error('The value is none of those the field takes; the nearest is suggested.', 'Take one of the values that the message lists.'),
  'wrong-type': error('The value is of another kind, such as text for a number.', 'Write a value of the kind that the message expects. Numbers have no quotes.'),
  'out-of-range': error('The number, or the length of the list, is outside of its limits.', 'Choose a value inside of the limits.'),
  'invalid-value': error('The text does not have the form that the field needs.', 'Write the text in the form that the message shows.'),
  'not-built-yet': error('The name is known and planned, and this version cannot do it.', 'Take one of the names that are built, or a later version.'),
  'newer-version': error('The config is written for a later version of this program.', 'Install the version that the config was written for, or write it in the form of this one.'),
  // The stage graph
  'no-stages': error('There is nothing to train.', 'Add at least one stage: a name with a model and a resolution.'),
  'unknown-teacher': error('`distill.from` names no stage.', 'Name a stage of this config.'),
  'self-teacher': error('A stage cannot teach itself.', 'Name another stage, or remove `distill`.'),
  'stage-cycle': error('Stages teach each other in a circle.', 'Let one stage of the circle learn from the masks alone, or from a stage outside of it.'),
  'teacher-resolution': error("The teacher's resolution is not above the student's, which the method needs.", 'Give the student a lower resolution or the teacher a higher one; SCRKD transfers from a higher to a lower resolution (Sec. III).'),
  'resolution-ratio': warning("The teacher's resolution is not a whole multiple of the student's, so that their grids do not line up.", "Choose a resolution that divides the teacher's, such as a half or a quarter of it."),
  'teacher-features': error("The features of teacher and student differ in number or width, and the method compares them directly.", 'Give both the same model, or widths that make their decoders equal.'),
  'method-sizes': error('The method cannot distil between images of these sizes; the message says why.', 'Choose a resolution that the message allows, or another method.'),
  'method-field': error('A weight or an option belongs to another method.', 'Remove the field, or name the method that has it.'),
  'model-option': error('An option belongs to another model.', 'Remove the option, or name the model that has it.'),
  'unusable-resolution': error('The model cannot take images of this size.', "Choose sides inside of the model's limits."),
  'given-stage-field': warning('A field has no effect because the stage is given, not trained.', 'Remove the field, or remove what gives the stage so that it is trained.'),
  'given-stage-conflict': error('A stage is given in two ways.', 'Keep either `checkpoint` or `use`.'),
  'unused-given-stage': warning('A given stage teaches nobody, so it has no effect.', 'Let a stage learn from it, or remove it.'),
  // Training
  'single-image-batch': error('Batch normalisation on a 1x1 grid needs more than one image.', 'Use batches of two or more images.'),
  'rate-needs-pretrained': warning('A learning rate as in the paper, and random weights: the network would hardly learn. Give pre-trained weights or a rate of about 1e-3.', 'Give `init: { backbone: FILE }`, as the paper does, or a learning rate of about 1e-3.'),
  'unusual-weight': warning("A loss weight is more than ten times above or below the paper's for this network, so one term would hardly count or drown the others.", "Start from the paper's coefficients; its Fig. 9 varies them by small factors only. Ignore this if the ratio is what you study."),
  'unused-setting': information('A setting has no effect because the term that it belongs to has weight 0.', 'Remove the setting, or give its term a weight above 0.'),
  'zero-weight': information('A loss term has weight 0: it is computed and reported, and teaches nothing.', 'Nothing needs to be done: this is how an ablation is written. The term still costs its computation.'),
  'official-bug': information('An option reproduces a mistake of the official code; the message says which.', 'Keep it to reproduce the published figures, otherwise set the option to `default`.'),
  // Fairness
  'unequal-recipes': warning('Stages with equal networks and resolutions stand side by side in a table and are trained differently, so a difference is not due to distillation alone.', 'Give all arms the same recipe; the quick fix aligns them. Published comparisons contain exactly such differences (the official scripts train the plain networks of 112 pixels at half the rate of the distilled ones).'),
  'unequal-teachers': warning('Stages that are compared learn from different teachers of the same kind; the better teacher may make the difference.', 'Let all arms learn from the same trained teacher.'),
  'test-set-selection': information('The best epoch is chosen on the test set, so that the test figures are too good.', 'Hold out validation images (`dataset.validation`) and set `checkpoints.select` to `default`. The official scripts choose the best epoch on the test set.'),
  // What is on the disk and in the machine
  'dataset-missing': error("The dataset's folder is missing or has no training images.", 'Correct `dataset.root`, or make the folder; `scrkd dataset check FOLDER` says what is in it.'),
  'too-few-images': error('The training list is shorter than a batch: the last, short batch is dropped, so nothing would be trained.', 'Use smaller batches, hold out fewer images, or a larger dataset.'),
  'dataset-problem': warning("The dataset's check found something.", 'Run `scrkd dataset check FOLDER` for the list of files concerned.'),
  'file-missing': error('A file that the config names is missing.', 'Correct the path, which is relative to the file it is written in.'),
  'checkpoint-mismatch': error('The checkpoint holds another network than the stage says: another model, other options, more classes than the one of saliency, or none that is known. It is told from names and shapes of the tensors.', 'Name the model and the options that the checkpoint was trained with, or another checkpoint.'),
  'checkpoint-resolution': warning('The checkpoint was trained at another resolution.', "Set the stage's resolution to the one the checkpoint was trained at, unless the difference is meant."),
  'device-missing': error('This machine has no such device.', 'Use `auto`, or a device that `scrkd doctor` lists.'),
  'memory-exceeded': warning('A training step is estimated to need more memory than the device has.', 'Use a smaller batch, a lower resolution, or a narrower model. The figure is an estimate from a trace of the step.'),
  'shared-output': warning('Another config in this folder has the same experiment name: their runs share a folder, and the summary of one replaces the other.', 'Give each config a name of its own.'),
} as const satisfies Record<string, CodeInfo>;

export type DiagnosticCode = keyof typeof diagnosticCodes;
