import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Raster } from '../../src/data/raster.ts';
import { resize, type ResizeKernel } from '../../src/data/resize.ts';

interface ResizeCase {
  readonly kernel: ResizeKernel;
  readonly input: { readonly height: number; readonly width: number; readonly channels: 1 | 3; readonly data: number[] };
  readonly output: { readonly height: number; readonly width: number; readonly data: number[] };
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/pillow.json', import.meta.url), 'utf8')) as { pillow: string; resize: ResizeCase[] };

/** A one-row gray image. */
const row = (...values: number[]): Raster<1> => ({ width: values.length, height: 1, channels: 1, data: Uint8Array.from(values) });
const resized = (values: number[], width: number, kernel: ResizeKernel) => [...resize(row(...values), { height: 1, width }, kernel).data];

describe('resize', () => {
  test('gives the published values of the reports', () => {
    expect(resized([0, 64, 128, 255], 8, 'bicubic')).toEqual([0, 11, 45, 79, 108, 161, 232, 255]);
    expect(resized([0, 64, 128, 255], 8, 'bilinear')).toEqual([0, 16, 48, 80, 112, 160, 223, 255]);
    const ramp = [0, 10, 20, 80, 160, 200, 220, 255];
    expect(resized(ramp, 4, 'bilinear')).toEqual([7, 59, 173, 232]);
    expect(resized(ramp, 4, 'bicubic')).toEqual([2, 52, 178, 238]);
    expect(resized(ramp, 3, 'bilinear')).toEqual([15, 116, 221]);
  });

  test.each(fixture.resize.map((item) => [`${item.kernel} ${item.input.height}x${item.input.width}x${item.input.channels} to ${item.output.height}x${item.output.width}`, item] as const))(
    'equals Pillow bit for bit: %s',
    (_, { kernel, input, output }) => {
      const { height, width, channels, data } = input;
      const actual = resize({ height, width, channels, data: Uint8Array.from(data) }, output, kernel);
      expect([...actual.data]).toEqual(output.data);
      expect({ height: actual.height, width: actual.width, channels: actual.channels }).toEqual({ height: output.height, width: output.width, channels });
    },
  );

  test('an image of the wanted size is untouched', () => {
    const image = row(3, 1, 2);
    expect(resize(image, image, 'bicubic').data).toEqual(image.data);
  });
});
