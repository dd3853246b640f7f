/** The small files of a run folder: `run.json` (what was asked, immutable), `state.json` (how it stands), `user.json` (what people wrote). */
import * as z from 'zod';
import { count, measured, moment, parseJson, sha256, type Parsed } from './json.ts';

/** A ULID: 26 characters of Crockford's base 32; later ones sort after earlier ones. */
export const identifier = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/);

/** Which process on which machine. A pid alone is reused; with the boot and the process's start it is unique. */
export const processIdentity = z.object({
  pid: z.int().min(1),
  /** Names one boot of one machine (and, on Linux, the pid namespace: containers share the boot). Empty where the system has none. */
  bootId: z.string(),
  /** When the process started, in the system's own notation; only compared for equality. Empty where unknown. */
  processStart: z.string(),
  host: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** A stage that this run learnt from or started from. */
export const parentReference = z.object({
  /** The parent's run id. */
  run: z.string(),
  /** The checkpoint's name in the parent's folder, or the file that the config named. */
  checkpoint: z.string(),
  sha256,
});
export type ParentReference = z.infer<typeof parentReference>;

const runManifest = z.object({
  v: z.literal(1),
  id: identifier,
  /** The launch (one `scrkd run`) that made this run. */
  launch: identifier,
  /** The sweep that the launch belongs to. */
  sweep: z.string().exactOptional(),
  experiment: z.string().min(1),
  /** The stage's name in the config: teacher, assistant, student, … */
  stage: z.string().min(1),
  /** Hash of the resolved stage, recipe, seed, dataset fingerprint and the parents' keys: runs with equal keys would be equal. */
  stageKey: z.string().min(1),
  /** By role, e.g. `teacher`. */
  parents: z.record(z.string(), parentReference),
  /** The resolved config, opaque here. */
  config: z.record(z.string(), z.unknown()),
  dataset: z.object({
    /** As in the config, resolved to an absolute path. */
    root: z.string(),
    fingerprint: z.string(),
    /** Samples by split. */
    counts: z.record(z.string(), count),
  }),
  engine: z.object({
    name: z.string(),
    device: z.string(),
    threads: count,
    /** Versions by package, SCRKD's own included. */
    versions: z.record(z.string(), z.string()),
  }),
  git: z.object({ revision: z.string(), dirty: z.boolean() }).exactOptional(),
  createdAt: moment,
});
/** `run.json`. Written once, when the run is created. */
export type RunManifest = z.infer<typeof runManifest>;

/** `paused` still owns its process; `stopped`, `failed` and `finished` do not. A `running` state whose process is gone was killed. */
export const runStatuses = ['queued', 'running', 'paused', 'stopped', 'failed', 'finished'] as const;
export const runStatus = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatus>;

const runState = z.object({
  v: z.literal(1),
  state: runStatus,
  /** 1 for the first process that trained this run, one more after each resume. */
  attempt: count,
  /** Epochs done. */
  epoch: count,
  epochs: count,
  /** Optimizer steps done since the run began. */
  step: count,
  stepsPerEpoch: count,
  ...processIdentity.shape,
  heartbeat: moment,
  best: z
    .object({
      metric: z.string(),
      value: measured,
      epoch: count,
      checkpoint: z.string(),
    })
    .exactOptional(),
  /** Why the run failed. */
  error: z.object({ reason: z.string(), message: z.string() }).exactOptional(),
  /** While queued: the device, and how many launches come first. */
  queue: z.object({ device: z.string(), ahead: count }).exactOptional(),
  /** Seconds left, estimated. */
  eta: measured.exactOptional(),
});
/** `state.json`. Trees and lists read only this and `run.json`. */
export type RunState = z.infer<typeof runState>;

const userNotes = z.looseObject({
  v: z.literal(1),
  name: z.string().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  note: z.string().exactOptional(),
  /** Samples that the trainer is to capture as well, whenever it captures. */
  pins: z.array(z.string()).exactOptional(),
});
/** `user.json`: a display name, tags, a note and pinned samples that people give. Unknown fields are kept. */
export type UserNotes = z.infer<typeof userNotes>;

export const parseManifest = (text: string): Parsed<RunManifest> => parseJson(runManifest, text);
export const parseState = (text: string): Parsed<RunState> => parseJson(runState, text);
export const parseNotes = (text: string): Parsed<UserNotes> => parseJson(userNotes, text);

/** Whether a process should be working on the run. If that process is gone, the run was killed and can be resumed. */
export function isActive(status: RunStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'paused';
}
