import * as l10n from '@vscode/l10n';
import { MetricsError } from './errors.ts';
import type { Plane } from './metrics.ts';

/** value ↦ (value / unit − low) / range, in the evaluators' own order of operations, so that values on a threshold fall on its right side. */
export interface Scale {
  readonly unit: number;
  readonly low: number;
  readonly range: number;
}

export function scaled(value: number, { unit, low, range }: Scale): number {
  return (value / unit - low) / range;
}

/** A prediction as a protocol sees it. */
export interface SaliencyMap {
  readonly height: number;
  readonly width: number;
  /** The values as given: bytes or numbers in [0, 1]. Sums over them are exact for constant areas, unlike sums of normalised ones. */
  readonly values: Plane;
  /** From a value to its min-max normalised saliency. */
  readonly normalised: Scale;
  /** From a value to the saliency that the absolute error is taken of. */
  readonly forError: Scale;
  /** From a value to the index of the highest threshold that its normalised saliency reaches. */
  readonly levelOf: (value: number) => number;
  readonly constant: boolean;
}

/** A mask as a protocol sees it. */
export interface Mask {
  /** Per pixel: an index into `values`. */
  readonly codes: Uint8Array | Uint32Array;
  /** In [0, 1], by code. */
  readonly values: Float64Array;
  /** Per pixel: 1 on the object (at least one half), else 0. */
  readonly foreground: Uint8Array;
  readonly foregroundCount: number;
}

/** @throws MetricsError `shape`, `value` */
export function checkPlane(plane: Plane, height: number, width: number, what: string): void {
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new MetricsError('shape', l10n.t('{0}: the size is {1} x {2}; both sides must be whole numbers of at least 1.', what, height, width));
  }
  if (plane.length !== height * width) {
    throw new MetricsError('shape', l10n.t('{0} has {1} values; {2} x {3} needs {4}.', what, plane.length, height, width, height * width));
  }
  if (plane instanceof Uint8Array) return;
  for (let i = 0; i < plane.length; i++) {
    const value = plane[i]!;
    if (!(value >= 0 && value <= 1)) {
      throw new MetricsError('value', l10n.t('{0} holds {1} at row {2}, column {3}; expected numbers from 0 to 1.', what, value, Math.floor(i / width), i % width));
    }
  }
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

export function rangeOf(values: Plane): Range {
  if (values instanceof Uint8Array) {
    const occurs = new Uint8Array(256);
    for (let i = 0; i < values.length; i++) occurs[values[i]!] = 1; // no branch and no chain of comparisons
    return { low: occurs.indexOf(1), high: occurs.lastIndexOf(1) };
  }
  let low = values[0]!;
  let high = low;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    else if (value > high) high = value;
    else continue;
    if (low === 0 && high === 1) break;
  }
  return { low, high };
}

/** Saving as 8 bit: numbers are truncated, not rounded, as the reporting code of both protocols does. */
export function toBytes(plane: Plane): Uint8Array {
  return plane instanceof Uint8Array ? plane : Uint8Array.from(plane, (value) => Math.trunc(Math.fround(255 * value)));
}
