/** One page of pictures and text, as LaTeX includes it: pictures are deflated pixels, text is text in the standard fonts. */

/** In points (1/72 inch), from the page's upper left corner. */
export interface PdfImage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Red, green, blue of every pixel, row by row. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

export interface PdfText {
  readonly text: string;
  /** Where its first letter begins, and its baseline. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
}

type Font = 'Regular' | 'Bold' | 'Symbol';

/** Characters beyond ASCII and Latin-1 that the standard fonts have. */
const beyond: Readonly<Record<string, { readonly font?: Font; readonly code: number; readonly lowered?: boolean }>> = {
  '–': { code: 0x96 },
  '−': { code: 0x96 },
  '—': { code: 0x97 },
  '…': { code: 0x85 },
  '‘': { code: 0x91 },
  '’': { code: 0x92 },
  'σ': { font: 'Symbol', code: 0x73 },
  'τ': { font: 'Symbol', code: 0x74 },
  'Δ': { font: 'Symbol', code: 0x44 },
  'Σ': { font: 'Symbol', code: 0x53 },
  '₁': { code: 0x31, lowered: true },
  '₂': { code: 0x32, lowered: true },
};

function codeOf(character: string): { readonly font?: Font; readonly code: number; readonly lowered?: boolean } | undefined {
  const code = character.codePointAt(0)!;
  return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff) ? { code } : beyond[character];
}

/** Whether a PDF's standard fonts can write it; other scripts have to be drawn. */
export function isWritable(text: string): boolean {
  return Array.from(text).every((character) => codeOf(character) !== undefined);
}

/** @param texts of which `isWritable` holds */
export async function pdfOf(width: number, height: number, images: readonly PdfImage[], texts: readonly PdfText[]): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = await Promise.all(images.map(({ rgb }) => deflated(rgb)));
  const fonts: readonly Font[] = ['Regular', 'Bold', 'Symbol'];
  const baseFont: Readonly<Record<Font, string>> = { Regular: 'Helvetica', Bold: 'Helvetica-Bold', Symbol: 'Symbol' };
  const content = [
    ...images.map((image, i) => `q ${fixed(image.width)} 0 0 ${fixed(image.height)} ${fixed(image.x)} ${fixed(height - image.y - image.height)} cm /Im${i} Do Q`),
    'BT',
    ...texts.map((text) => written(text, height)),
    'ET',
  ].join('\n');
  const file = new PdfFile();
  const [fontsAt, imagesAt] = [5, 5 + fonts.length];
  file.object('<< /Type /Catalog /Pages 2 0 R >>');
  file.object('<< /Type /Pages /Kids [3 0 R] /Count 1 >>');
  file.object(
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${fixed(width)} ${fixed(height)}] /Contents 4 0 R /Resources << /Font << ${fonts.map((font, i) => `/${font} ${fontsAt + i} 0 R`).join(' ')} >> /XObject << ${images.map((_, i) => `/Im${i} ${imagesAt + i} 0 R`).join(' ')} >> >> >>`,
  );
  file.object(`<< /Length ${content.length} >>`, new TextEncoder().encode(content));
  for (const font of fonts) file.object(`<< /Type /Font /Subtype /Type1 /BaseFont /${baseFont[font]}${font === 'Symbol' ? '' : ' /Encoding /WinAnsiEncoding'} >>`);
  for (const [i, { columns, rows }] of images.entries()) {
    file.object(`<< /Type /XObject /Subtype /Image /Width ${columns} /Height ${rows} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Interpolate false /Filter /FlateDecode /Length ${pixels[i]!.length} >>`, pixels[i]);
  }
  return file.bytes();
}

/** The operators that write a text: one piece for each font that it needs. ASCII, whatever it says. */
function written({ text, x, y, size, bold }: PdfText, pageHeight: number): string {
  const pieces: { font: Font; size: number; rise: number; codes: number[] }[] = [];
  for (const character of text) {
    const { font, code, lowered = false } = codeOf(character)!;
    const wanted = { font: font ?? (bold ? 'Bold' : 'Regular'), size: lowered ? 0.7 * size : size, rise: lowered ? -0.15 * size : 0 } as const;
    const last = pieces.at(-1);
    if (last !== undefined && last.font === wanted.font && last.size === wanted.size) last.codes.push(code);
    else pieces.push({ ...wanted, codes: [code] });
  }
  const shown = pieces.map(({ font, size: points, rise, codes }) => `/${font} ${fixed(points)} Tf ${fixed(rise)} Ts (${codes.map(escaped).join('')}) Tj`);
  return `1 0 0 1 ${fixed(x)} ${fixed(pageHeight - y)} Tm ${shown.join(' ')}`;
}

function escaped(code: number): string {
  const character = String.fromCharCode(code);
  if (code > 0x7e) return `\\${code.toString(8)}`;
  return '()\\'.includes(character) ? `\\${character}` : character;
}

const fixed = (value: number): string => String(Number(value.toFixed(3)));

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Objects numbered from 1 in the order in which they are added, and the table of where each begins. */
class PdfFile {
  readonly #parts: Uint8Array[] = [];
  readonly #offsets: number[] = [];
  readonly #encoder = new TextEncoder();
  #length = 0;

  constructor() {
    this.#add('%PDF-1.4\n');
  }

  object(body: string, stream?: Uint8Array): void {
    this.#offsets.push(this.#length);
    this.#add(`${this.#offsets.length} 0 obj\n${body}\n`);
    if (stream !== undefined) {
      this.#add('stream\n');
      this.#add(stream);
      this.#add('\nendstream\n');
    }
    this.#add('endobj\n');
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const start = this.#length;
    const count = this.#offsets.length + 1;
    this.#add(`xref\n0 ${count}\n0000000000 65535 f \n${this.#offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}`);
    this.#add(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #add(part: string | Uint8Array): void {
    const bytes = typeof part === 'string' ? this.#encoder.encode(part) : part;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}
