import { Random, type RandomKey } from '../base/random.ts';
import type { Augmentation } from './batch.ts';
import type { Raster } from './raster.ts';

/**
 * One of the eight symmetries of the square, read from right to left: first, where `transpose`, rows and columns change places, then the
 * columns are reversed where `flipColumns`, then the rows where `flipRows`. A transposed H×W image is W×H; nothing is cropped.
 */
export interface DihedralView {
  readonly kind: 'dihedral';
  readonly transpose: boolean;
  readonly flipColumns: boolean;
  readonly flipRows: boolean;
}

/**
 * The official code's way: flips, then a rotation about the centre that keeps the canvas, so that at 90° and 270° a non-square image loses the
 * ends of its long side and gets black bars (SCRKD, official augmentation). Angles are counter-clockwise.
 */
export interface OfficialView {
  readonly kind: 'official';
  readonly flipColumns: boolean;
  readonly flipRows: boolean;
  readonly angle: 0 | 90 | 180 | 270;
}

export type View = DihedralView | OfficialView;

export const identityView: DihedralView = { kind: 'dihedral', transpose: false, flipColumns: false, flipRows: false };

/** The eight views of the default augmentation. */
export const dihedralViews: readonly DihedralView[] = Array.from({ length: 8 }, (_, i) => ({
  kind: 'dihedral',
  transpose: (i & 4) !== 0,
  flipColumns: (i & 2) !== 0,
  flipRows: (i & 1) !== 0,
}));

/** The view in which a sample is seen: a function of the keys (seed, stage, epoch, sample) alone. */
export function drawView(augmentation: Augmentation, ...keys: readonly RandomKey[]): View {
  const random = new Random(...keys, 'view');
  switch (augmentation) {
    case 'none':
      return identityView;
    case 'default':
      return dihedralViews[random.integer(8)]!;
    case 'official': {
      const angle = ([0, 90, 180, 270] as const)[random.integer(4)]!;
      // Four kinds with equal chances: both flips, one, both in the other order, the other one.
      const kind = random.integer(4);
      return { kind: 'official', flipColumns: kind !== 3, flipRows: kind !== 1, angle };
    }
  }
}

/** Applies a view to an image or mask of any size. */
export function applyView<Channels extends 1 | 3>(image: Raster<Channels>, view: View): Raster<Channels> {
  switch (view.kind) {
    case 'dihedral':
      return rearrange(image, view);
    case 'official': {
      const flipped = rearrange(image, { ...view, kind: 'dihedral', transpose: false });
      return rotateInPlace(flipped, view.angle);
    }
  }
}

function rearrange<Channels extends 1 | 3>(image: Raster<Channels>, { transpose, flipColumns, flipRows }: DihedralView): Raster<Channels> {
  if (!transpose && !flipColumns && !flipRows) return image;
  const { channels } = image;
  const width = transpose ? image.height : image.width;
  const height = transpose ? image.width : image.height;
  const data = new Uint8Array(image.data.length);
  let target = 0;
  for (let y = 0; y < height; y++) {
    const sourceY = flipRows ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const sourceX = flipColumns ? width - 1 - x : x;
      let source = channels * (transpose ? sourceX * image.width + sourceY : sourceY * image.width + sourceX);
      for (let channel = 0; channel < channels; channel++) data[target++] = image.data[source++]!;
    }
  }
  return { width, height, channels, data };
}

/** Pillow's `Image.rotate(angle)` without `expand`: nearest pixel, same canvas, black where nothing is. */
function rotateInPlace<Channels extends 1 | 3>(image: Raster<Channels>, angle: OfficialView['angle']): Raster<Channels> {
  if (angle === 0) return image;
  if (angle === 180) return rearrange(image, { kind: 'dihedral', transpose: false, flipColumns: true, flipRows: true });
  const { width, height, channels } = image;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // The centre of output pixel (x, y), turned back about the centre of the canvas.
      const [right, down] = [x + 0.5 - width / 2, y + 0.5 - height / 2];
      const sourceX = Math.floor(width / 2 + (angle === 90 ? -down : down));
      const sourceY = Math.floor(height / 2 + (angle === 90 ? right : -right));
      if (sourceX < 0 || sourceX >= width || sourceY < 0 || sourceY >= height) continue;
      const source = channels * (sourceY * width + sourceX);
      data.set(image.data.subarray(source, source + channels), channels * (y * width + x));
    }
  }
  return { width, height, channels, data };
}
