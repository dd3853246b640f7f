/**
 * `events.jsonl`: everything that happened in a run, one JSON object a line, appended by the trainer only.
 * `seq` orders events (clocks jump); `attempt` tells the processes apart that worked on the run one after another.
 */
import * as z from 'zod';
import { count, measured, moment, parseVersioned, protocolVersion, sha256, toJson, versionOf } from './json.ts';
import { runStatus } from './run.ts';

const common = {
  v: z.literal(1),
  /** 0, 1, 2, … over all attempts, without gaps. */
  seq: count,
  attempt: count,
  time: moment,
};

/** Values by term, e.g. `sod`, `mvcd`, `msfd`, `dsd`. */
const terms = z.record(z.string(), measured);

/** One optimizer step. */
const stepEvent = z.object({
  ...common,
  type: z.literal('step'),
  /** The epoch the step belongs to, from 1. */
  epoch: count,
  /** Steps done since the run began, this one included. */
  step: count,
  /** Raw loss terms, before weighting. */
  terms,
  /** The weight each term had in this step. */
  weights: terms,
  /** The weighted sum that was minimised. */
  total: measured,
  learningRate: measured,
  /** The distillation temperature, where the method has one. */
  temperature: measured.exactOptional(),
  seconds: measured,
  imagesPerSecond: measured,
  batch: z.object({
    /** Hash of the batch's pixels as fed to the model: equal hashes, equal batches. */
    hash: z.string(),
    samples: z.array(z.string()),
  }),
  /** Unreadable samples that were replaced in this batch. */
  skipped: count,
});

/** The end of an epoch: means over its steps. */
const epochEvent = z.object({
  ...common,
  type: z.literal('epoch'),
  epoch: count,
  step: count,
  terms,
  total: measured,
  learningRate: measured,
  seconds: measured,
  imagesPerSecond: measured,
  /** Peak resident memory of the trainer so far. */
  memoryBytes: measured,
});

const evaluationEvent = z.object({
  ...common,
  type: z.literal('evaluation'),
  epoch: count,
  step: count,
  /** `validation`, `test`, … */
  split: z.string(),
  /** `scrkd448`, `pysod`, … */
  protocol: z.string(),
  /** The checkpoint that was evaluated; `current` for the weights in memory. */
  checkpoint: z.string(),
  images: count,
  /** By measure, e.g. `mae`, `maxF`. */
  metrics: z.record(z.string(), measured),
  /** Whether this is the best evaluation so far by the run's selection rule. */
  best: z.boolean(),
});

const captureEvent = z.object({
  ...common,
  type: z.literal('capture'),
  epoch: count,
  step: count,
  samples: z.array(z.string()),
  /** Relative to the run folder. */
  folder: z.string(),
  bytes: count,
});

/** Why a checkpoint was kept: the newest, the best so far, or one of every N epochs. */
export const checkpointKinds = ['last', 'best', 'epoch'] as const;
export type CheckpointKind = (typeof checkpointKinds)[number];

const checkpointEvent = z.object({
  ...common,
  type: z.literal('checkpoint'),
  epoch: count,
  step: count,
  /** `last`, `best`, `epoch-0010`. */
  name: z.string(),
  /** Relative to the run folder. */
  file: z.string(),
  sha256,
  bytes: count,
  kind: z.enum(checkpointKinds),
});

/** The trainer's answer to a control request. */
const controlEvent = z.object({
  ...common,
  type: z.literal('control'),
  /** The request's id. */
  id: z.string(),
  /** The request's verb; empty when the request could not be read. */
  verb: z.string(),
  args: z.record(z.string(), z.unknown()),
  outcome: z.enum(['accepted', 'rejected']),
  /** Why it was rejected. */
  reason: z.string().exactOptional(),
  /** Steps done when it was answered; an accepted change acts from the next step on. */
  step: count,
});

/** The first event of an attempt that goes on from a checkpoint: later steps of earlier attempts no longer count. */
const resumeEvent = z.object({
  ...common,
  type: z.literal('resume'),
  checkpoint: z.string(),
  epoch: count,
  step: count,
});

const logEvent = z.object({
  ...common,
  type: z.literal('log'),
  level: z.enum(['debug', 'info', 'warning', 'error']),
  /** For programs, e.g. `capture-budget`, `unreadable-image`. */
  reason: z.string().exactOptional(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).exactOptional(),
});

const stateEvent = z.object({
  ...common,
  type: z.literal('state'),
  state: runStatus,
  reason: z.string().exactOptional(),
});

const schemas = {
  step: stepEvent,
  epoch: epochEvent,
  evaluation: evaluationEvent,
  capture: captureEvent,
  checkpoint: checkpointEvent,
  control: controlEvent,
  resume: resumeEvent,
  log: logEvent,
  state: stateEvent,
};

export type StepEvent = z.infer<typeof stepEvent>;
export type EpochEvent = z.infer<typeof epochEvent>;
export type EvaluationEvent = z.infer<typeof evaluationEvent>;
export type CaptureEvent = z.infer<typeof captureEvent>;
export type CheckpointEvent = z.infer<typeof checkpointEvent>;
export type ControlEvent = z.infer<typeof controlEvent>;
export type ResumeEvent = z.infer<typeof resumeEvent>;
export type LogEvent = z.infer<typeof logEvent>;
export type StateEvent = z.infer<typeof stateEvent>;

export type RunEvent = StepEvent | EpochEvent | EvaluationEvent | CaptureEvent | CheckpointEvent | ControlEvent | ResumeEvent | LogEvent | StateEvent;
export type RunEventType = RunEvent['type'];

type WithoutCommon<E> = E extends RunEvent ? Omit<E, keyof typeof common> : never;
/** What a trainer reports; the writer adds `v`, `seq`, `attempt` and `time`. */
export type NewRunEvent = WithoutCommon<RunEvent>;

/** What a line of `events.jsonl` is. `unknown`: a type of a newer minor version, to be skipped. `damaged`: no event at all. */
export type ParsedEvent =
  | { kind: 'event'; event: RunEvent }
  | { kind: 'unknown'; type: string }
  | { kind: 'newer-version'; version: number }
  | { kind: 'damaged'; message: string };

/** Reads one complete line (without its newline). Never throws. */
export function parseEventLine(line: string): ParsedEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'damaged', message: 'not JSON' };
  }
  const version = versionOf(value);
  if (version !== undefined && version > protocolVersion) return { kind: 'newer-version', version };
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    return { kind: 'damaged', message: 'no field "type"' };
  }
  if (!isEventType(value.type)) return { kind: 'unknown', type: value.type };
  const parsed = parseVersioned<RunEvent>(schemas[value.type], value);
  if (parsed.ok) return { kind: 'event', event: parsed.value };
  return { kind: 'damaged', message: parsed.reason === 'invalid' ? parsed.message : parsed.reason };
}

/** One line, its newline included. */
export function formatEventLine(event: RunEvent): string {
  return `${toJson(event)}\n`;
}

function isEventType(type: string): type is RunEventType {
  return Object.hasOwn(schemas, type);
}
