/** A figure in the layout of the paper, and the numbers in it. */
import type { InspectorToHost } from '../../src/protocol/inspector.ts';
import type { Model } from './model.ts';
import { drawFigure, fontOf, layoutOf, startOf, widthOf, type FigureLayout, type FigurePicture, type FigureText } from './figure.ts';
import { numbersOf } from './numbers.ts';
import { isWritable, pdfOf, type PdfImage, type PdfText } from './pdf.ts';

type Files = Extract<InspectorToHost, { type: 'save' }>['files'];

const pointsPerInch = 72;
/** At least so many pixels of an inch are in a PDF's pictures: readers that smooth them have little to smooth. */
const pdfDpi = 300;

/** PNG, SVG with the pictures embedded, PDF, the numbers as CSV and every matrix as NPY. */
export async function exportView(model: Model): Promise<{ name: string; files: Files }> {
  const layout = layoutOf(model);
  const dpi = Number(model.state.dpi);
  const scale = dpi / pointsPerInch;
  const canvas = new OffscreenCanvas(Math.round(layout.width * scale), Math.round(layout.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.scale(scale, scale);
  drawFigure(context as unknown as CanvasRenderingContext2D, layout);
  const [raster, vector, pdf] = await Promise.all([pngOf(canvas), svgOf(layout), pdfFigure(layout)]);
  const png = withDensity(raster, dpi);
  const svg = new TextEncoder().encode(vector);
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
async function svgOf(layout: FigureLayout): Promise<string> {
  const texts: string[] = [];
  for (const { text, x, y, size, bold, align } of layout.texts) {
    texts.push(`<text x="${x}" y="${y}" font-size="${size}"${bold ? ' font-weight="600"' : ''}${align === 'start' ? '' : ` text-anchor="${align === 'centre' ? 'middle' : 'end'}"`}>${escape(text)}</text>`);
  }
  // All at once: browsers encode when they are idle, one picture after another would wait for that each time.
  const images = await Promise.all(layout.pictures.map(async (picture) => {
    const { x, y, width, height, side } = picture;
    const bytes = await pngOf(drawn(picture, side).canvas);
    return `<image x="${x}" y="${y}" width="${width}" height="${height}" image-rendering="pixelated" href="data:image/png;base64,${base64(bytes)}"/>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${layout.height}" width="${layout.width}pt" height="${layout.height}pt" font-family="Helvetica, Arial, sans-serif" fill="black"><rect width="100%" height="100%" fill="white"/>${texts.join('')}${images.join('')}</svg>\n`;
}

/** The figure as PDF: text stays text where the standard fonts have its letters, pictures are their own pixels. */
async function pdfFigure(layout: FigureLayout): Promise<Uint8Array<ArrayBuffer>> {
  const images = layout.pictures.map((picture): PdfImage => {
    const { x, y, width, height, side } = picture;
    const wanted = (width * pdfDpi) / pointsPerInch;
    // Whole multiples, so that every cell is as wide as its neighbours.
    return { x, y, width, height, ...pixelsOf(drawn(picture, side * Math.max(1, Math.ceil(wanted / side)))) };
  });
  const texts: PdfText[] = [];
  for (const text of layout.texts) {
    const { text: letters, y, size, bold } = text;
    if (isWritable(letters)) texts.push({ text: letters, x: startOf(text), y, size, bold });
    else images.push(drawnText(text));
  }
  return pdfOf(layout.width, layout.height, images, texts);
}

/** A text of another script, as a picture. */
function drawnText(text: FigureText): PdfImage {
  const [width, height] = [Math.ceil(widthOf(text)) + 1, 1.5 * text.size];
  const scale = (2 * pdfDpi) / pointsPerInch;
  const { canvas, context } = blank(Math.ceil(width * scale), Math.ceil(height * scale));
  context.scale(scale, scale);
  context.fillStyle = 'black';
  context.font = fontOf(text);
  context.fillText(text.text, 0, text.size);
  return { x: startOf(text), y: text.y - text.size, width, height, ...pixelsOf({ canvas, context }) };
}

interface Drawn {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/** White paper. */
function blank(width: number, height: number): Drawn {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

/** A picture of the figure by itself, `side` pixels wide. */
function drawn(picture: FigurePicture, side: number): Drawn {
  const { canvas, context } = blank(side, Math.max(1, Math.round((side * picture.height) / picture.width)));
  picture.draw(context as unknown as CanvasRenderingContext2D, canvas.width, canvas.height);
  return { canvas, context };
}

function pixelsOf({ canvas, context }: Drawn): Pick<PdfImage, 'columns' | 'rows' | 'rgb'> {
  const { width: columns, height: rows } = canvas;
  const { data } = context.getImageData(0, 0, columns, rows);
  const rgb = new Uint8Array(3 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    const alpha = data[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.round(alpha * data[4 * i + c]! + 255 * (1 - alpha));
  }
  return { columns, rows, rgb };
}

async function pngOf(canvas: OffscreenCanvas): Promise<Uint8Array> {
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
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
