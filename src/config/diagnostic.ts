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

/** Every code with its severity. A code is never renamed. */
export const severities = {
  // Reading
  syntax: 'error',
  'duplicate-field': 'error',
  'alias-loop': 'error',
  'too-large': 'error',
  'file-unreadable': 'error',
  'extends-cycle': 'error',
  'use-invalid': 'error',
  'use-cycle': 'error',
  // Fields and values
  'missing-field': 'error',
  'unknown-field': 'error',
  'unknown-value': 'error',
  'wrong-type': 'error',
  'out-of-range': 'error',
  'invalid-value': 'error',
  'not-built-yet': 'error',
  'newer-version': 'error',
  // The stage graph
  'no-stages': 'error',
  'unknown-teacher': 'error',
  'self-teacher': 'error',
  'stage-cycle': 'error',
  'teacher-resolution': 'error',
  'resolution-ratio': 'warning',
  'teacher-features': 'error',
  'unusable-resolution': 'error',
  'given-stage-field': 'warning',
  'given-stage-conflict': 'error',
  'unused-given-stage': 'warning',
  // Training
  'single-image-batch': 'error',
  'rate-needs-pretrained': 'warning',
  'zero-weight': 'information',
  'official-bug': 'information',
  // Fairness
  'unequal-recipes': 'warning',
  'unequal-teachers': 'warning',
  'test-set-selection': 'information',
  // What is on the disk and in the machine
  'dataset-missing': 'error',
  'dataset-problem': 'warning',
  'file-missing': 'error',
  'checkpoint-mismatch': 'error',
  'checkpoint-resolution': 'warning',
  'device-missing': 'error',
} as const satisfies Record<string, Severity>;

export type DiagnosticCode = keyof typeof severities;
