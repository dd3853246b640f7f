/** A figure in the layout of the paper, and the numbers in it. */
import type { InspectorToHost } from '../../src/protocol/inspector.ts';
import type { Model } from './model.ts';
import { drawFigure, layoutOf } from './figure.ts';
import { numbersOf } from './numbers.ts';
import { pdfOf } from './pdf.ts';

type Files = Extract<InspectorToHost, { type: 'save' }>['files'];

/** Dots per inch of the raster; the figure is as wide as a page's text, 7.16 inches (IEEE, two columns). */
export const figureDpi = 300;
export const figureInches = 7.16;

/** PNG, SVG with the pictures embedded, PDF, the numbers as CSV and every matrix as NPY. */
export async function exportView(model: Model): Promise<{ name: string; files: Files }> {
  const layout = layoutOf(model);
  const scale = (figureInches * figureDpi) / layout.width;
  const canvas = new OffscreenCanvas(Math.round(layout.width * scale), Math.round(layout.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.scale(scale, scale);
  drawFigure(context as unknown as CanvasRenderingContext2D, layout);
  const encoded = async (type: string): Promise<Uint8Array> => new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer());
  const [raster, jpeg, vector] = await Promise.all([encoded('image/png'), encoded('image/jpeg'), svgOf(layout)]);
  const png = withDensity(raster, figureDpi);
  const svg = new TextEncoder().encode(vector);
  const pdf = pdfOf(jpeg, canvas.width, canvas.height, figureInches * 72);
  const { csv, arrays } = numbersOf(model);
  const { tab } = model.state;
  const name = `${model.snapshot.experiment}-${tab}-${(model.shownSample ?? 'sample').replace(/[^\w.-]+/g, '_')}-epoch${model.epoch}`;
  const files: Files = [
    { suffix: 'png', bytes: png.buffer },
    { suffix: 'svg', bytes: svg.buffer },
    { suffix: 'pdf', bytes: pdf.buffer },
    { suffix: 'csv', bytes: new TextEncoder().encode(csv).buffer },
    ...arrays.map(({ name: array, bytes }) => ({ suffix: `${array.replaceAll('/', '-')}.npy`, bytes })),
  ];
  return { name, files };
}

/** The figure as SVG: text stays text, pictures are embedded at their own cells' resolution. */
async function svgOf(layout: ReturnType<typeof layoutOf>): Promise<string> {
  const texts: string[] = [];
  for (const { text, x, y, size, bold, align } of layout.texts) {
    texts.push(`<text x="${x}" y="${y}" font-size="${size}"${bold ? ' font-weight="600"' : ''}${align === 'centre' ? ' text-anchor="middle"' : ''}>${escape(text)}</text>`);
  }
  // All at once: browsers encode when they are idle, one picture after another would wait for that each time.
  const images = await Promise.all(layout.pictures.map(async (picture) => {
    const { x, y, width, height, side } = picture;
    const canvas = new OffscreenCanvas(side, Math.max(1, Math.round((side * height) / width)));
    const context = canvas.getContext('2d');
    if (context === null) return '';
    picture.draw(context as unknown as CanvasRenderingContext2D, canvas.width, canvas.height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
    return `<image x="${x}" y="${y}" width="${width}" height="${height}" image-rendering="pixelated" href="data:image/png;base64,${base64(bytes)}"/>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${layout.height}" width="${figureInches}in" font-family="Helvetica, Arial, sans-serif" fill="black"><rect width="100%" height="100%" fill="white"/>${texts.join('')}${images.join('')}</svg>\n`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/** A PNG with its density said (chunk pHYs, pixels a metre), right after IHDR. */
export function withDensity(png: Uint8Array, dpi: number): Uint8Array<ArrayBuffer> {
  const chunk = new DataView(new ArrayBuffer(21));
  chunk.setUint32(0, 9);
  for (const [i, code] of new TextEncoder().encode('pHYs').entries()) chunk.setUint8(4 + i, code);
  const perMetre = Math.round(dpi / 0.0254);
  chunk.setUint32(8, perMetre);
  chunk.setUint32(12, perMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, crc32(new Uint8Array(chunk.buffer, 4, 13)));
  const header = 8 + 25;
  const dense = new Uint8Array(png.length + 21);
  dense.set(png.subarray(0, header));
  dense.set(new Uint8Array(chunk.buffer), header);
  dense.set(png.subarray(header), header + 21);
  return dense;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
