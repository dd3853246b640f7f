/** Config texts with cursors in them, and a disk that is the same everywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { StageDescription, StageToDescribe } from '../../../src/config/description.ts';
import { resolveExperiment, type ResolvedConfig } from '../../../src/config/resolve.ts';
import { configDocument, type ConfigDocument } from '../../../src/config/service/document.ts';
import type { FolderItem } from '../../../src/base/list-folder.ts';
import type { EditorProviders } from '../../../src/config/service/providers.ts';

export const here = path.join('test', 'config', 'service');
const mark = '█';

export interface Marked {
  readonly document: ConfigDocument;
  readonly offsets: readonly number[];
}

/** A text in which every █ is a cursor. */
export function marked(text: string, file = 'experiment.scrkd.yaml'): Marked {
  const parts = text.split(mark);
  let offset = 0;
  const offsets = parts.slice(0, -1).map((part) => (offset += part.length));
  return { document: configDocument(file, parts.join('')), offsets };
}

export function markedFiles(folder: string): string[] {
  return readdirSync(path.join(here, folder)).filter((name) => name.endsWith('.scrkd.yaml'));
}

export function readMarked(folder: string, name: string): Marked {
  const file = path.join(here, folder, name);
  return marked(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'), path.join(folder, name));
}

/** The line of an offset with the cursor in it, as a heading of what is expected there. */
export function atLine({ text }: ConfigDocument, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(0, offset).split('\n').length;
  return `${String(line)}: ${text.slice(start, offset)}${mark}${text.slice(offset, end < 0 ? undefined : end)}`;
}

const folders: Readonly<Record<string, readonly FolderItem[]>> = {
  '': [
    { name: 'ORSSD', kind: 'folder' },
    { name: 'EORSSD', kind: 'folder' },
    { name: 'weights', kind: 'folder' },
    { name: 'runs', kind: 'folder' },
    { name: '.git', kind: 'folder' },
    { name: 'other.scrkd.yaml', kind: 'file' },
    { name: 'notes.txt', kind: 'file' },
    { name: 'my teacher: final.safetensors', kind: 'file' },
  ],
  weights: [
    { name: 'resnet50.safetensors', kind: 'file' },
    { name: 'resnet18.pth', kind: 'file' },
    { name: 'README.md', kind: 'file' },
  ],
  ORSSD: [
    { name: 'train.txt', kind: 'file' },
    { name: 'test.txt', kind: 'file' },
    { name: 'images', kind: 'folder' },
  ],
};

export const otherConfig = 'experiment: other\ndataset: { root: ORSSD }\nstages:\n  teacher: { model: pspnet, resolution: 448 }\n  student:\n    model: pspnet\n    resolution: 224\n    distill: { from: teacher, method: scrkd }\n';

/** `weights`, two datasets and `other.scrkd.yaml`, beside the config. */
export const disk: EditorProviders = {
  datasetSummary: (root) => Promise.resolve(path.basename(root) === 'ORSSD' ? { train: 600, test: 3, problems: [], testNames: ['0012', '0034', 'harbour'] } : undefined),
  listFolder: (folder) => Promise.resolve(folders[path.basename(folder) === 'completion' || folder === '.' ? '' : path.basename(folder)] ?? []),
  readText: (file) => (path.basename(file) === 'other.scrkd.yaml' ? Promise.resolve(otherConfig) : Promise.reject(new Error('no such file'))),
};

export function resolved({ path: file, text }: ConfigDocument, providers: EditorProviders = disk): Promise<ResolvedConfig> {
  return resolveExperiment({ text, path: file }, providers);
}

/** Plausible figures that depend on the request, without a network. */
export function described({ network, training }: StageToDescribe): StageDescription {
  const { height, width } = network.resolution;
  const parameters = network.adapter === undefined ? 42_550_000 : 54_370_000;
  return {
    parameters,
    multiplyAccumulates: 520_000 * height * width,
    features: [2, 4, 8, 16, 32].map((stride) => ({ height: Math.ceil(height / stride), width: Math.ceil(width / stride), channels: 256 })),
    ...(training && { step: { multiplyAccumulates: 520_000 * height * width * 3 * training.batchSize, peakBytes: height * width * training.batchSize * 20_000 } }),
  };
}
