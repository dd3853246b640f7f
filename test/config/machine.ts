/** A disk and a machine on which much is wrong; for the cases whose names begin with `files`. */
import * as path from 'node:path';
import type { CheckpointSummary, Providers } from '../../src/config/providers.ts';

const pspnet = { name: 'pspnet', options: { backbone: 'resnet50', width: 1 } } as const;

const checkpoints: Readonly<Record<string, CheckpointSummary>> = {
  'wrong.safetensors': { model: { name: 'pspnet', options: { backbone: 'resnet18', width: 1 } }, resolution: { height: 224, width: 224 }, method: 'scrkd' },
  'classes.pth': { model: pspnet, classes: 21 },
  'encoder.safetensors': { holds: 'encoder' },
  'unknown.pth': { holds: 'unknown' },
  'torn.safetensors': { unreadable: 'torn.safetensors: cut off after 12 of 400 bytes.' },
  'right.safetensors': { model: pspnet, resolution: { height: 448, width: 448 } },
};

/**
 * Everything named `missing`, `gone` or misspelt is missing, `near` has what was meant, `few` has 5 images and problems, checkpoints are what their names say. 4 GB of memory,
 * of which a step needs 20 kB a pixel and image.
 */
export const machine: Omit<Providers, 'readText'> = {
  exists: (file) => Promise.resolve(!/missing|gone|ORSDD|techer/.test(file)),
  listFolder: (folder) =>
    Promise.resolve(
      folder.endsWith('near')
        ? [{ name: 'ORSSD', kind: 'folder' }, { name: 'teacher.pth', kind: 'file' }, { name: 'teacher', kind: 'folder' }]
        : [],
    ),
  datasetSummary: (root) =>
    Promise.resolve(root.endsWith('few') ? { train: 5, test: 1, problems: ["labels/0007.png: there is no mask of '0007.jpg'."] } : root.endsWith('empty') ? { train: 0, test: 0, problems: [] } : { train: 10, test: 5, problems: [] }),
  checkpointHeader: (file) => Promise.resolve(checkpoints[path.basename(file)]),
  devices: () => Promise.resolve(['cuda']),
  deviceMemory: () => Promise.resolve(4e9),
  describeStage: ({ network: { resolution }, training }) => {
    const peakBytes = resolution.height * resolution.width * (training?.batchSize ?? 0) * 20_000;
    return Promise.resolve({ parameters: 1, multiplyAccumulates: 1, features: [], ...(training && { step: { multiplyAccumulates: 1, peakBytes } }) });
  },
  experimentsIn: () => Promise.resolve([{ file: 'elsewhere.scrkd.yaml', experiment: 'taken' }]),
};
