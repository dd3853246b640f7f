/** Which networks a run is compared with: the one that taught it, the one that taught that, and the same network undistilled. */
import { dirname } from 'node:path';
import type { ArmRole, InspectedNetwork } from '../../protocol/inspector.ts';
import type { RunManifest, RunState } from '../../protocol/run.ts';
import { listRuns, type ReadableRun } from '../../runs/list-runs.ts';
import type { RunFolder } from '../../runs/run-folder.ts';
import { resolvedStage, type ResolvedStage } from './resolved-stage.ts';

/** Captures of a frozen network lie at epoch 0 of the run that it taught, under `teacher/`. */
export interface FrozenCapture {
  readonly folder: RunFolder;
  readonly prefix: string;
}

export interface Arm {
  readonly role: ArmRole;
  readonly folder: RunFolder;
  readonly manifest: RunManifest;
  readonly state: RunState;
  readonly stage: ResolvedStage;
  readonly frozen: FrozenCapture | undefined;
  /** The checkpoint that taught; undefined: the epoch decides. */
  readonly checkpoint: string | undefined;
}

export interface Comparison {
  /** In the order in which they are shown. */
  readonly arms: readonly Arm[];
  /** The arm that is distilled, or the only one. */
  readonly main: Arm;
  readonly reference: ArmRole | undefined;
}

/**
 * The comparison that a run belongs to. A teacher or a plain run is shown beside the newest distilled run that it is to be compared with,
 * the launch's own first; alone where there is none.
 * @throws RunsError `not-a-run` through the caller's reading; `read-only`, `io`
 */
export async function comparisonOf(folder: RunFolder, opened: { manifest: RunManifest; state: RunState }): Promise<Comparison> {
  const listed = await listRuns(dirname(dirname(folder.path)));
  const runs = listed.filter((run): run is ReadableRun => !('problem' in run));
  const self: ReadableRun = runs.find((run) => run.folder.path === folder.path) ?? { folder, ...opened };
  const distilled = teacherOf(self) === undefined ? distilledFor(self, runs) : self;
  if (distilled === undefined) {
    const alone = armOf(self, 'plain');
    return { arms: [alone], main: alone, reference: undefined };
  }
  const main = armOf(distilled, 'distilled');
  const teacher = parentOf(distilled, runs);
  const grandparent = teacher && parentOf(teacher.run, runs);
  const arms: Arm[] = [];
  const plain = teacherOf(self) === undefined && isCounterpart(self, distilled) ? self : counterpartOf(distilled, runs);
  if (plain !== undefined) arms.push(armOf(plain, 'plain'));
  if (grandparent !== undefined && teacher !== undefined) arms.push(armOf(grandparent.run, 'teacher', { folder: teacher.run.folder, prefix: teacherPrefix }, grandparent.checkpoint));
  const reference: ArmRole = grandparent === undefined ? 'teacher' : 'assistant';
  if (teacher !== undefined) arms.push(armOf(teacher.run, reference, { folder: distilled.folder, prefix: teacherPrefix }, teacher.checkpoint));
  return { arms: [...arms, main], main, reference: teacher === undefined ? undefined : reference };
}

export const teacherPrefix = 'teacher/';

/** What the inspector process has to know of the arms. */
export function networksOf({ arms }: Comparison): InspectedNetwork[] {
  return arms.map(({ role, folder, checkpoint }) => ({ role, folder: folder.path, checkpoint }));
}

function armOf({ folder, manifest, state }: ReadableRun, role: ArmRole, frozen?: FrozenCapture, checkpoint?: string): Arm {
  return { role, folder, manifest, state, stage: resolvedStage(manifest), frozen, checkpoint };
}

function teacherOf(run: ReadableRun) {
  return run.manifest.parents['teacher'];
}

function parentOf(run: ReadableRun, runs: readonly ReadableRun[]): { run: ReadableRun; checkpoint: string } | undefined {
  const parent = teacherOf(run);
  const found = parent && runs.find(({ manifest }) => manifest.id === parent.run);
  return found && { run: found, checkpoint: parent.checkpoint };
}

/** The distilled run that shows most of this plain one: a student that it taught, or the same network distilled. */
function distilledFor(self: ReadableRun, runs: readonly ReadableRun[]): ReadableRun | undefined {
  const candidates = runs.filter((run) => teacherOf(run) !== undefined && (teacherOf(run)!.run === self.manifest.id || isCounterpart(self, run)));
  return nearest(candidates, self);
}

/** The same network at the same resolution on the same data, without a teacher. */
function counterpartOf(distilled: ReadableRun, runs: readonly ReadableRun[]): ReadableRun | undefined {
  return nearest(runs.filter((run) => teacherOf(run) === undefined && isCounterpart(run, distilled)), distilled);
}

function isCounterpart(plain: ReadableRun, distilled: ReadableRun): boolean {
  const [a, b] = [resolvedStage(plain.manifest), resolvedStage(distilled.manifest)];
  return a.network === b.network && a.height === b.height && a.width === b.width && plain.manifest.dataset.fingerprint === distilled.manifest.dataset.fingerprint;
}

/** Of the same launch, else of the same experiment, else the newest (run ids sort by time). */
function nearest(candidates: readonly ReadableRun[], to: ReadableRun): ReadableRun | undefined {
  const rank = ({ manifest }: ReadableRun): number => (manifest.launch === to.manifest.launch ? 2 : manifest.experiment === to.manifest.experiment ? 1 : 0);
  return [...candidates].sort((a, b) => rank(b) - rank(a) || b.manifest.id.localeCompare(a.manifest.id, 'en'))[0];
}
