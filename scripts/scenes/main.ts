/**
 * The contact sheet of synthetic scenes in docs/datasets.md: `node scripts/run.mjs scripts/scenes/main.ts [OUT] [--masks]`.
 * Four rows of six; with --masks the objects are outlined, to see what is salient.
 */
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions } from 'sharp';
import { fromRaster } from '../../src/data/png.ts';
import type { RgbRaster } from '../../src/data/raster.ts';
import { renderScene, sceneKinds } from '../../src/data/synth/render.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { masks: { type: 'boolean', default: false }, seed: { type: 'string', default: '11' } } });
const out = positionals[0] ?? 'docs/images/scenes.jpg';
const [columns, rows, cell, gap] = [6, 3, 256, 4];

/** Pixels at which the mask changes from one side to the other become yellow. */
function outlined({ image, mask }: ReturnType<typeof renderScene>): RgbRaster {
  const data = Uint8Array.from(image.data);
  for (let i = 0; i < mask.data.length; i++) {
    const isEdge = [1, mask.width].some((step) => (mask.data[i]! < 128) !== ((mask.data[i + step] ?? 0) < 128));
    if (isEdge) data.set([255, 230, 0], 3 * i);
  }
  return { ...image, data };
}

const pictures: OverlayOptions[] = [];
for (let i = 0; i < columns * rows; i++) {
  const scene = renderScene(sceneKinds[i % sceneKinds.length]!, { height: cell, width: cell }, Number(values.seed), `sheet ${i}`);
  const picture = fromRaster(values.masks ? outlined(scene) : scene.image);
  pictures.push({ input: await picture.png().toBuffer(), left: (i % columns) * (cell + gap), top: Math.floor(i / columns) * (cell + gap) });
}
const sheet = sharp({ create: { width: columns * (cell + gap) - gap, height: rows * (cell + gap) - gap, channels: 3, background: '#ffffff' } }).composite(pictures);
await sheet.jpeg({ quality: 84, mozjpeg: true }).toFile(out);
