/** Images and masks of the dataset, decoded by the browser from the files' own bytes. */
import type { GrayRaster } from '../../src/data/raster.ts';
import { resize } from '../../src/data/resize.ts';

export interface SampleImage {
  readonly bitmap: ImageBitmap;
  /** Of the file, in pixels. */
  readonly width: number;
  readonly height: number;
}

export type Loaded<T> = { readonly value: T } | { readonly message: string };

/** Larger images are drawn from a smaller copy: no panel shows more. */
const maxShownSide = 1536;
/** Bitmaps of so many samples are kept. */
const maxSamples = 12;
const thumbnailSide = 96;

export class ImageStore {
  readonly #images = new Map<string, Loaded<SampleImage>>();
  readonly #masks = new Map<string, Loaded<GrayRaster>>();
  readonly #thumbnails = new Map<string, ImageBitmap | undefined>();
  readonly #resized = new Map<string, GrayRaster>();
  readonly #asked = new Set<string>();
  readonly #changed: (() => void)[] = [];
  /** Grows with every change. */
  version = 0;

  constructor(private readonly ask: (sample: string, kind: 'image' | 'mask') => void) {}

  image(sample: string): Loaded<SampleImage> | undefined {
    const image = this.#images.get(sample);
    if (image === undefined) this.#request(sample, 'image');
    // What is shown is not let go of for the thumbnails of others.
    else keep(this.#images, sample, image);
    return image;
  }

  mask(sample: string): Loaded<GrayRaster> | undefined {
    const mask = this.#masks.get(sample);
    if (mask === undefined) this.#request(sample, 'mask');
    return mask;
  }

  /** @returns undefined while it loads, and where there is none */
  thumbnail(sample: string): ImageBitmap | undefined {
    if (!this.#thumbnails.has(sample)) this.#request(sample, 'image');
    return this.#thumbnails.get(sample);
  }

  /** Asks for both pictures of a sample and waits until they are there, or known not to be. */
  async loaded(sample: string): Promise<void> {
    while (this.image(sample) === undefined || this.mask(sample) === undefined) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** The mask as training sees it at a size (Pillow's antialiased bilinear). */
  maskAt(sample: string, width: number, height: number): GrayRaster | undefined {
    const mask = this.mask(sample);
    if (mask === undefined || 'message' in mask) return undefined;
    const key = `${width}×${height} ${sample}`;
    const known = this.#resized.get(key);
    if (known !== undefined) return known;
    if (this.#resized.size > 64) this.#resized.clear();
    const made = resize(mask.value, { width, height }, 'bilinear');
    this.#resized.set(key, made);
    return made;
  }

  async add(sample: string, kind: 'image' | 'mask', bytes: ArrayBuffer): Promise<void> {
    try {
      const blob = new Blob([bytes]);
      if (kind === 'mask') keep(this.#masks, sample, { value: await decodeMask(blob) });
      else {
        const { shown, thumbnail } = await decodeImage(blob);
        if (!this.#thumbnails.has(sample)) this.#thumbnails.set(sample, thumbnail);
        for (const dropped of keep(this.#images, sample, { value: shown })) {
          this.#asked.delete(`image ${dropped}`);
        }
      }
    } catch {
      this.fail(sample, kind, 'decode');
      return;
    }
    this.#change();
  }

  #change(): void {
    this.version++;
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  /** @param message `decode`: the browser cannot decode it */
  fail(sample: string, kind: 'image' | 'mask', message: string): void {
    (kind === 'mask' ? this.#masks : this.#images).set(sample, { message });
    if (kind === 'image') this.#thumbnails.set(sample, undefined);
    this.#change();
  }

  #request(sample: string, kind: 'image' | 'mask'): void {
    const key = `${kind} ${sample}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.ask(sample, kind);
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): string[] {
  map.delete(key);
  map.set(key, value);
  const dropped: string[] = [];
  for (const oldest of map.keys()) {
    if (map.size <= maxSamples) break;
    map.delete(oldest);
    dropped.push(oldest);
  }
  return dropped;
}

async function decodeImage(blob: Blob): Promise<{ shown: SampleImage; thumbnail: ImageBitmap }> {
  const whole = await createImageBitmap(blob);
  const { width, height } = whole;
  const scale = Math.min(1, maxShownSide / Math.max(width, height));
  const small = thumbnailSide / Math.min(width, height);
  const side = Math.min(width, height);
  const thumbnail = await createImageBitmap(whole, (width - side) / 2, (height - side) / 2, side, side, { resizeWidth: Math.min(thumbnailSide, Math.round(side * small)), resizeHeight: Math.min(thumbnailSide, Math.round(side * small)), resizeQuality: 'high' });
  if (scale === 1) return { shown: { bitmap: whole, width, height }, thumbnail };
  const bitmap = await createImageBitmap(whole, { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale), resizeQuality: 'high' });
  whole.close();
  return { shown: { bitmap, width, height }, thumbnail };
}

/** The mask's bytes: of a grey image red, green and blue are equal. */
async function decodeMask(blob: Blob): Promise<GrayRaster> {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i]!;
  return { width, height, channels: 1, data: grey };
}
