/** The shown sample's own pictures: its image, its ground truth, and where an arm's map errs. */
import * as l10n from '@vscode/l10n';
import { html, type TemplateResult } from 'lit';
import type { GrayRaster } from '../../src/data/raster.ts';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { magnitudeColours } from './colour.ts';
import './map-element.ts';
import type { Model } from './model.ts';
import type { Picture, Window } from './painting.ts';
import { planeId, type Plane } from './plane.ts';
import { errorClasses } from './saliency-scores.ts';
import { drawBackdrop, drawErrors, drawImage } from './scenes.ts';
import './scene-element.ts';
import type { Scene } from './scene-element.ts';
import { armName, fixed } from './text.ts';

/** The mask at a map's size, as training shrinks it. */
export function maskFor(model: Model, plane: Plane): GrayRaster | undefined {
  const sample = model.shownSample;
  return sample === undefined ? undefined : model.images.maskAt(sample, plane.columns, plane.rows);
}

export function bitmapOf(model: Model): ImageBitmap | undefined {
  const sample = model.shownSample;
  const image = sample === undefined ? undefined : model.images.image(sample);
  return image !== undefined && 'value' in image ? image.value.bitmap : undefined;
}

export const windowKey = ({ x, y, size }: Window): string => `${x} ${y} ${size}`;

/** The part of the image that the window shows. */
export function imagePicture(model: Model): TemplateResult {
  const bitmap = bitmapOf(model);
  const { window } = model.state;
  const sample = model.shownSample ?? '';
  const scene: Scene = {
    key: `${sample} ${bitmap === undefined ? '' : 'image'} ${windowKey(window)}`,
    draw: (context, width, height) => (bitmap === undefined ? drawBackdrop(context, undefined, window, width, height, 1) : drawImage(context, bitmap, window, width, height)),
  };
  return html`<scrkd-scene .scene=${scene} aria-label=${l10n.t('Image {0}', sample)}></scrkd-scene>`;
}

/** The size at which the mask is shown: that of the finest map, so that it is met pixel by pixel. */
export function truthSize(model: Model): string {
  const mask = shownMask(model);
  return mask === undefined ? '' : `${mask.width} × ${mask.height}`;
}

function shownMask(model: Model): GrayRaster | undefined {
  const sample = model.shownSample;
  if (sample === undefined) return undefined;
  const sides = model.snapshot.arms.map(({ width, height }) => ({ width, height })).filter(({ width }) => width > 0);
  const finest = sides.sort((a, b) => b.width * b.height - a.width * a.height)[0] ?? { width: 224, height: 224 };
  return model.images.maskAt(sample, finest.width, finest.height);
}

const maskPlanes = new WeakMap<GrayRaster, Plane>();

function maskPlane(mask: GrayRaster): Plane {
  const known = maskPlanes.get(mask);
  if (known !== undefined) return known;
  const plane = { rows: mask.height, columns: mask.width, data: Float32Array.from(mask.data, (byte) => byte / 255) };
  maskPlanes.set(mask, plane);
  return plane;
}

export function truthPicture(model: Model): TemplateResult {
  const sample = model.shownSample;
  const loaded = sample === undefined ? undefined : model.images.mask(sample);
  const mask = shownMask(model);
  const picture: Picture | Gap | undefined =
    loaded !== undefined && 'message' in loaded
      ? { problem: 'unreadable', message: loaded.message === 'decode' ? l10n.t('This mask cannot be shown.') : loaded.message }
      : mask && { plane: maskPlane(mask), low: 0, high: 1, colours: magnitudeColours('grey'), order: undefined, window: model.state.window };
  return html`<scrkd-map .picture=${picture} aria-label=${l10n.t('Ground truth of {0}', sample ?? '')}></scrkd-map>`;
}

export function errorTitle(role: ArmRole): string {
  return l10n.t('Error, {0}', armName(role).toLowerCase());
}

export interface ErrorPicture {
  readonly picture: TemplateResult;
  /** Pixels; undefined where there is no map or no mask. */
  readonly counts: { readonly falsePositives: number; readonly missed: number } | undefined;
}

/** False positives and missing parts of a map at the chosen threshold, over the darkened image. */
export function errorPicture(model: Model, role: ArmRole, map: Plane | Gap | undefined): ErrorPicture {
  const { threshold, errors: palette, window } = model.state;
  const title = errorTitle(role);
  const gap = (problem: Gap | undefined): ErrorPicture => ({ picture: html`<scrkd-map .picture=${problem} aria-label=${title}></scrkd-map>`, counts: undefined });
  if (map === undefined || isGap(map)) return gap(map);
  const mask = maskFor(model, map);
  if (mask === undefined) return gap({ problem: 'missing', message: l10n.t('no ground truth') });
  const { classes, falsePositives, missed } = errorClasses(map, mask.data, threshold);
  const errors = { map, classes, threshold };
  const bitmap = bitmapOf(model);
  const scene: Scene = {
    key: `${planeId(map)} ${threshold} ${palette} ${bitmap === undefined ? '' : 'image'} ${windowKey(window)}`,
    draw: (context, width, height) => {
      drawBackdrop(context, bitmap, window, width, height, 0.5);
      drawErrors(context, errors, palette, window, width, height);
    },
  };
  const label = l10n.t('{0}: {1} false positives, {2} missing pixels at threshold {3}', title, falsePositives, missed, fixed(threshold, 2));
  return { picture: html`<scrkd-scene .scene=${scene} aria-label=${label}></scrkd-scene>`, counts: { falsePositives, missed } };
}
