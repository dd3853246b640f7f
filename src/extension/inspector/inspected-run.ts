/** A run as the inspector sees it: its arms, samples and captures, read anew when something happened. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { messageOf, reasonOf } from '../../base/errors.ts';
import { listDataset } from '../../dataset/open.ts';
import type { Dataset, Sample } from '../../dataset/dataset.ts';
import { FormatError } from '../../formats/errors.ts';
import { acceptedChanges } from '../../protocol/attempts.ts';
import type { ArmRole, InspectorArm, InspectorSample, InspectorSnapshot, Operand, PictureProblem } from '../../protocol/inspector.ts';
import { captureFiles } from '../../runs/captures.ts';
import { checkpointNames } from '../../runs/checkpoints.ts';
import { RunsError } from '../../runs/errors.ts';
import { isAlive } from '../../runs/liveness.ts';
import { readPackedCapture, type PackedCapture } from '../../runs/packed-captures.ts';
import { openRunFolder, readEpochs, readEvents, readManifest, readNotes, readState } from '../../runs/read-run.ts';
import { fileNameFor, type RunFolder } from '../../runs/run-folder.ts';
import { comparisonOf, type Arm, type Comparison } from './arms.ts';
import { resolvedDataset } from './resolved-stage.ts';

/** A capture, or why there is none. */
export type CaptureRead = { readonly capture: PackedCapture } | { readonly problem: PictureProblem; readonly message: string };

/** Files beyond this are not handed to a panel. */
const maxImageBytes = 256 * 1024 * 1024;

export class InspectedRun {
  #splits: Dataset['splits'] | undefined;

  private constructor(
    readonly folder: RunFolder,
    readonly comparison: Comparison,
  ) {}

  /** @throws RunsError */
  static async open(path: string): Promise<InspectedRun> {
    const folder = openRunFolder(path);
    return new InspectedRun(folder, await comparisonOf(folder, { manifest: readManifest(folder), state: readState(folder) }));
  }

  /** How the run stands now. Reads no capture. @throws RunsError */
  async snapshot(): Promise<InspectorSnapshot> {
    const { comparison } = this;
    const { main } = comparison;
    const state = readState(main.folder);
    const captured = captureFiles(main.folder);
    const epochs = (await readEpochs(main.folder)).map(({ epoch, total }) => ({ epoch, value: total }));
    const { events } = await readEvents(main.folder);
    const stepsPerEpoch = Math.max(1, state.stepsPerEpoch);
    return {
      folder: this.folder.path,
      experiment: main.manifest.experiment,
      run: main.folder.name,
      epochs: Math.max(state.epochs, captured.at(-1)?.epoch ?? 0),
      done: Math.max(state.epoch, captured.at(-1)?.epoch ?? 0),
      live: isAlive(state),
      arms: comparison.arms.map(armForPanel),
      reference: comparison.reference,
      samples: await this.#samples(captured.flatMap(({ files }) => files)),
      course: epochs,
      marks: acceptedChanges(events, 0).map(({ step, changes }) => ({ epoch: step / stepsPerEpoch, label: Object.entries(changes).map(([name, value]) => `${name} → ${value}`).join(', ') })),
      temperature: main.stage.temperature,
    };
  }

  /** What may have changed since, as a text that is equal when nothing has. */
  async signature(): Promise<string> {
    const modified = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    const times = await Promise.all(this.comparison.arms.flatMap(({ folder }) => [modified(folder.captures), modified(folder.epochs), modified(folder.checkpoints)]));
    return [...times, ...this.comparison.arms.map(({ folder }) => readFileOrEmpty(folder.state).replace(/"(heartbeat|step|eta)":[^,}]*/g, ''))].join();
  }

  arm(role: ArmRole): Arm | undefined {
    return this.comparison.arms.find((arm) => arm.role === role);
  }

  /** One capture of an arm. Never throws: a picture that cannot be shown says why. */
  async capture(role: ArmRole, epoch: number, sample: string, operand: Operand): Promise<CaptureRead> {
    const arm = this.arm(role);
    if (arm === undefined) return { problem: 'missing', message: l10n.t('This run is compared with no such network.') };
    if (arm.frozen === undefined) return read(arm.folder.capture(epoch, sample), wanted('', operand));
    // A sample that was pinned later has its frozen network in its first capture.
    const first = captureFiles(arm.frozen.folder).find(({ epoch: captured }) => existsSync(arm.frozen!.folder.capture(captured, sample)));
    const shared = await read(arm.frozen.folder.capture(first?.epoch ?? 0, sample), wanted(arm.frozen.prefix, operand));
    if ('problem' in shared || shared.capture.views.length > 0) return shared;
    return { problem: 'missing', message: l10n.t('The frozen network was not captured for this sample.') };
  }

  /** Where a sample's image and mask lie. */
  async sample(id: string): Promise<Sample | undefined> {
    const splits = await this.#listed();
    return [...splits.test, ...splits.validation, ...splits.train].find((sample) => sample.id === id);
  }

  /** @throws Error that says for people what is wrong with the file */
  async file(id: string, kind: 'image' | 'mask'): Promise<Uint8Array<ArrayBuffer>> {
    const sample = await this.sample(id);
    if (sample === undefined) throw new Error(l10n.t('{0} is not in the dataset any more.', id));
    const { size } = await stat(sample[kind]);
    if (size > maxImageBytes) throw new Error(l10n.t('{0} has {1} bytes; at most {2} are shown.', sample[kind], size, maxImageBytes));
    return new Uint8Array(await readFile(sample[kind]));
  }

  async #samples(files: readonly string[]): Promise<InspectorSample[]> {
    const names = new Set(files.map((file) => file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)));
    const isCaptured = (id: string): boolean => names.has(`${fileNameFor(id)}.safetensors`);
    const pins = new Set(pinsOf(this.comparison.main.folder));
    const splits = await this.#listed();
    const all = [...splits.test, ...splits.validation, ...splits.train].map(({ id, split }) => ({ id, split, captured: isCaptured(id), pinned: pins.has(id) }));
    // Ids are unique inside a split only; captures are named by id, and the test split's come first.
    const seen = new Set<string>();
    const unique = all.filter(({ id }) => {
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    });
    return [...unique.filter(({ captured }) => captured), ...unique.filter(({ captured }) => !captured)];
  }

  /** The dataset may be gone, or be on another machine: captures are shown all the same, under the names of their files. */
  async #listed(): Promise<Dataset['splits']> {
    if (this.#splits !== undefined) return this.#splits;
    try {
      this.#splits = await listDataset(resolvedDataset(this.comparison.main.manifest));
    } catch {
      const ids = new Set(captureFiles(this.comparison.main.folder).flatMap(({ files }) => files.map((file) => file.replace(/^.*[/\\]/, '').replace(/\.safetensors$/, ''))));
      return { train: [], validation: [], test: [...ids].map((id) => ({ id: decodeURIComponent(id), image: '', mask: '', split: 'test' })) };
    }
    return this.#splits;
  }
}

function armForPanel({ role, folder, manifest, stage, frozen }: Arm): InspectorArm {
  return {
    role,
    run: folder.name,
    stage: manifest.stage,
    height: stage.height,
    width: stage.width,
    frozen: frozen !== undefined,
    captured: frozen === undefined ? captureFiles(folder).map(({ epoch }) => epoch) : [],
    checkpoints: checkpointNames(folder).flatMap((name) => /^epoch-([0-9]+)$/.exec(name)?.[1] ?? (name === 'last' ? String(readState(folder).epoch) : [])).map(Number),
  };
}

/** Of a capture the panel shows one operand's correlations, and everything else. */
function wanted(prefix: string, operand: Operand): (name: string) => string | undefined {
  return (name) => {
    if (!name.startsWith(prefix)) return undefined;
    const rest = name.slice(prefix.length);
    if (rest.startsWith('teacher/')) return undefined;
    if (!rest.includes('/corr_')) return rest;
    if (rest.endsWith('/D3')) return undefined;
    return operand === 'decoder' && rest.endsWith('/D2') ? undefined : rest;
  };
}

async function read(path: string, rename: (name: string) => string | undefined): Promise<CaptureRead> {
  try {
    return { capture: await readPackedCapture(path, rename) };
  } catch (error) {
    if (error instanceof FormatError || error instanceof RunsError) {
      const missing = reasonOf(error) === 'missing' || isMissing(error);
      return { problem: missing ? 'missing' : 'corrupt', message: missing ? l10n.t('No capture of this sample at this epoch.') : messageOf(error) };
    }
    return { problem: 'unreadable', message: messageOf(error) };
  }
}

function isMissing(error: Error): boolean {
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function readFileOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Notes that cannot be read pin nothing. */
function pinsOf(folder: RunFolder): readonly string[] {
  try {
    return readNotes(folder).pins ?? [];
  } catch {
    return [];
  }
}
