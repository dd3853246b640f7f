/** What the config service asks, answered by this machine's files: cached, bounded in time, open editors first. */
import { access, readdir, readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { availableMemory } from '../base/memory.ts';
import type { DatasetConfig } from '../config/experiment.ts';
import { listFolder, type FolderItem } from '../base/list-folder.ts';
import { experimentNameIn, isConfigFile } from '../config/experiment-name.ts';
import { stageToDescribe } from '../config/description.ts';
import type { Experiment } from '../config/experiment.ts';
import type { CheckpointSummary, DatasetSummary } from '../config/providers.ts';
import type { EditorProviders, KnownRun } from '../config/service/providers.ts';
import { parseEpochLine } from '../protocol/epochs.ts';
import { parseManifest, parseState, type RunManifest, type RunState } from '../protocol/run.ts';
import { standingOf } from '../runs/liveness.ts';
import { summariseDataset } from '../dataset/summary.ts';
import type { NetworkThread } from './network-thread.ts';
import { NoAnswerError, Patience, type PatienceOptions } from './patience.ts';

export interface DiskOptions extends PatienceOptions {
  /** The text of a file that is open in an editor. */
  readonly openText: (file: string) => string | undefined;
  /** The folders that are open in the editor. */
  readonly roots: () => readonly string[];
  readonly networks: NetworkThread;
}

/** Nobody keeps configs deeper or among more folders. */
const deepest = 8;
const mostFolders = 2000;
const passedOver = (name: string) => name.startsWith('.') || ['node_modules', 'runs', 'dist', 'out', '__pycache__'].includes(name);

export class Disk implements EditorProviders {
  readonly #options: DiskOptions;
  readonly #patience: Patience;

  constructor(options: DiskOptions) {
    this.#options = options;
    this.#patience = new Patience(options);
  }

  /** Something on the disk has changed. */
  forget(): void {
    this.#patience.forget();
  }

  readonly readText = async (file: string): Promise<string> => {
    const open = this.#options.openText(file);
    return open ?? this.#patience.ask(`text ${file}`, () => readFile(file, 'utf8'));
  };

  /** A file that does not answer is taken to be there. */
  readonly exists = (file: string): Promise<boolean> =>
    this.#unlessSlow(true, `exists ${file}`, () =>
      access(file).then(
        () => true,
        () => false,
      ),
    );

  readonly listFolder = (folder: string): Promise<readonly FolderItem[]> => this.#unlessSlow([], `folder ${folder}`, () => listFolder(folder));

  readonly datasetSummary = (root: string, lists: DatasetConfig['lists']): Promise<DatasetSummary | undefined> =>
    this.#patience.ask(`dataset ${root} ${JSON.stringify(lists)}`, () => summariseDataset(root, lists));

  /** Known after a moment: the file is read by another thread. */
  readonly checkpointHeader = async (file: string): Promise<CheckpointSummary | undefined> => {
    const state = await this.#unlessSlow('slow', `state ${file}`, async () => {
      const found = await stat(file).catch(() => undefined);
      return found === undefined ? undefined : `${String(found.size)} ${String(found.mtimeMs)}`;
    });
    return state === undefined ? undefined : (this.#options.networks.known({ kind: 'checkpoint', file }, state) ?? {});
  };

  readonly describeStage: NonNullable<EditorProviders['describeStage']> = (stage) => Promise.resolve(this.#options.networks.known({ kind: 'describe', stage }));

  /** Of a CPU the memory that this process may have. */
  readonly deviceMemory = (device: string): Promise<number | undefined> => Promise.resolve(device === 'webgpu' ? undefined : availableMemory());

  readonly experimentsIn = async (folder: string): Promise<readonly { readonly file: string; readonly experiment: string }[]> => {
    const items = await this.listFolder(folder);
    const named = await Promise.all(
      items.filter(({ name, kind }) => kind === 'file' && isConfigFile(name)).map(async ({ name }) => {
        const file = path.join(folder, name);
        const text = await this.readText(file).catch(() => '');
        const experiment = experimentNameIn(text);
        return experiment === undefined ? [] : [{ file, experiment }];
      }),
    );
    return named.flat();
  };

  readonly configFiles = (): Promise<readonly string[]> =>
    this.#unlessSlow([], `configs ${this.#options.roots().join(' ')}`, async () => {
      const found: string[] = [];
      const folders = this.#options.roots().map((folder) => ({ folder, depth: 0 }));
      for (const { folder, depth } of folders) {
        for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
          if (entry.isFile() && isConfigFile(entry.name)) found.push(path.join(folder, entry.name));
          const isWorthALook = entry.isDirectory() && !passedOver(entry.name) && depth < deepest && folders.length < mostFolders;
          if (isWorthALook) folders.push({ folder: path.join(folder, entry.name), depth: depth + 1 });
        }
      }
      return found;
    });

  readonly runsOf = ({ name, directory }: { readonly name: string; readonly directory: string }): Promise<readonly KnownRun[]> => {
    const folder = path.join(directory, 'runs', name);
    return this.#unlessSlow([], `runs ${folder}`, async () => {
      const names = await readdir(folder).catch(() => []);
      const runs = await Promise.all(names.map((each) => readRun(path.join(folder, each))));
      return runs.filter((run) => run !== undefined).sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  };

  async #unlessSlow<T>(otherwise: T, question: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#patience.ask(question, ask);
    } catch (error) {
      if (error instanceof NoAnswerError) return otherwise;
      throw error;
    }
  }
}

/** Ids sort by the time they were made. */
async function readRun(folder: string): Promise<(KnownRun & { readonly id: string }) | undefined> {
  try {
    const manifest = parseManifest(await readFile(path.join(folder, 'run.json'), 'utf8'));
    const state = parseState(await readFile(path.join(folder, 'state.json'), 'utf8'));
    if (!manifest.ok || !state.ok) return undefined;
    const measured = await measuredSteps(folder, manifest.value, state.value);
    return { id: manifest.value.id, stage: manifest.value.stage, folder, state: state.value.state, isDead: standingOf(state.value) === 'interrupted', ...(measured && { measured }) };
  } catch {
    return undefined;
  }
}

/** From the last epoch: the first one's time includes what is prepared once. */
async function measuredSteps(folder: string, { config, stage: name }: RunManifest, { stepsPerEpoch }: RunState): Promise<KnownRun['measured']> {
  const text = await readFile(path.join(folder, 'epochs.jsonl'), 'utf8').catch(() => '');
  const last = parseEpochLine(text.trimEnd().split('\n').at(-1) ?? '');
  const experiment = config['experiment'] as Experiment | undefined;
  const stage = experiment?.stages.find((each) => each.name === name);
  if (!last.ok || experiment === undefined || stage === undefined || stepsPerEpoch === 0) return undefined;
  return { secondsPerStep: last.value.seconds / stepsPerEpoch, of: stageToDescribe(experiment, stage) };
}
