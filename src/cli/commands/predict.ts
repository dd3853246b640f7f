import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { decodeImage } from '../../data/decode.ts';
import { normaliseImage } from '../../data/normalise.ts';
import { savePng } from '../../data/png.ts';
import { resize } from '../../data/resize.ts';
import { engineFor } from '../../training/engine.ts';
import { eightBit } from '../../training/evaluation.ts';
import { loadNetwork } from '../../training/network-weights.ts';
import { Predictor } from '../../training/predictor.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { parseResolution, weightsFileOf } from '../network-source.ts';

const imageTypes = new Set(['.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp']);

export interface PredictOptions {
  readonly out: string;
  readonly resolution?: string;
}

/** `scrkd predict RUN|FILE IMAGE…|FOLDER…`: saliency maps as 8-bit PNGs of the images' own sizes. */
export async function predict(source: string, inputs: readonly string[], { out, resolution }: PredictOptions): Promise<ExitCode> {
  const { network, weights } = await loadNetwork(weightsFileOf(source), parseResolution(resolution));
  const images = await imagesIn(inputs);
  if (images.length === 0) throw new CommandError('usage', l10n.t('no images found in {0}; expected {1} files.', inputs.join(', '), [...imageTypes].join(' ')));
  const { engine } = await engineFor({});
  await using predictor = await Predictor.create(engine, network, 1, images.length);
  await predictor.load(weights);
  await mkdir(out, { recursive: true });
  let failed = 0;
  for (const [i, path] of images.entries()) {
    try {
      const image = await decodeImage(path);
      const map = await predictor.predict(normaliseImage(resize(image, network, 'bilinear')));
      await savePng(join(out, `${basename(path, extname(path))}.png`), resize(eightBit(map, network.height, network.width), image, 'bilinear'));
      if (process.stdout.isTTY) process.stdout.write(l10n.t('\r\x1b[K{0}/{1} images', i + 1, images.length));
    } catch (error) {
      failed++;
      process.stderr.write(`${messageOf(error)}\n`);
    }
  }
  process.stdout.write(l10n.t('{0} saliency maps in {1}; {2} images could not be read\n', images.length - failed, out, failed));
  return failed === images.length ? exitCodes.invalidInput : exitCodes.ok;
}

async function imagesIn(inputs: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const input of inputs) {
    if (!existsSync(input)) throw new CommandError('unreadable', l10n.t('{0}: does not exist.', input));
    if (statSync(input).isFile()) found.push(input);
    else found.push(...(await readdir(input)).sort().filter((name) => imageTypes.has(extname(name).toLowerCase())).map((name) => join(input, name)));
  }
  return found;
}
