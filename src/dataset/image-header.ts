/** What the first bytes of an image file say about it. */
export interface ImageHeader {
  readonly format: 'jpeg' | 'png' | 'bmp' | 'tiff' | 'webp';
  /** Columns of the image as stored, before any EXIF rotation. */
  readonly width: number;
  /** Rows of the image as stored. */
  readonly height: number;
  /** EXIF orientation 1–8 (1: as stored); from 5 on, width and height change places when it is shown. */
  readonly orientation: number;
}

/**
 * Reads the size of a JPEG, PNG, BMP, TIFF or WebP file from its first bytes, without decoding a pixel.
 * @param bytes the beginning of the file; a megabyte is enough unless a JPEG carries larger metadata
 * @returns undefined where the bytes are of no such format or end before the size
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readPng(view) ?? readJpeg(view) ?? readWebp(view) ?? readBmp(view) ?? readTiff(view);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the file ends inside its header
    throw error;
  }
}

function ascii(view: DataView, offset: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(view.getUint8(offset + i));
  return text;
}

function header(format: ImageHeader['format'], width: number, height: number, orientation = 1): ImageHeader | undefined {
  return width > 0 && height > 0 ? { format, width, height, orientation } : undefined;
}

function readPng(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return undefined;
  return header('png', view.getUint32(16), view.getUint32(20));
}

function readJpeg(view: DataView): ImageHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let orientation = 1;
  for (let offset = 2; ; ) {
    if (view.getUint8(offset) !== 0xff) return undefined;
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1; // padding between segments
      continue;
    }
    const length = view.getUint16(offset + 2);
    const startOfFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (startOfFrame) return header('jpeg', view.getUint16(offset + 7), view.getUint16(offset + 5), orientation);
    if (marker === 0xda || length < 2) return undefined; // pixels before any frame
    if (marker === 0xe1 && length >= 16 && ascii(view, offset + 4, 4) === 'Exif') {
      orientation = readOrientation(new DataView(view.buffer, view.byteOffset + offset + 10, Math.min(length - 8, view.byteLength - offset - 10)));
    }
    offset += 2 + length;
  }
}

function readWebp(view: DataView): ImageHeader | undefined {
  if (ascii(view, 0, 4) !== 'RIFF' || ascii(view, 8, 4) !== 'WEBP') return undefined;
  switch (ascii(view, 12, 4)) {
    case 'VP8 ':
      return header('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return header('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return header('webp', (view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1);
    default:
      return undefined;
  }
}

function readBmp(view: DataView): ImageHeader | undefined {
  if (ascii(view, 0, 2) !== 'BM') return undefined;
  return header('bmp', view.getInt32(18, true), Math.abs(view.getInt32(22, true))); // a negative height: rows from the top
}

function readTiff(view: DataView): ImageHeader | undefined {
  const tags = readFirstDirectory(view);
  if (tags === undefined) return undefined;
  return header('tiff', tags.get(256) ?? 0, tags.get(257) ?? 0, validOrientation(tags.get(274)));
}

/** The orientation in a TIFF block, as EXIF stores it; 1 where it is absent or damaged. */
function readOrientation(exif: DataView): number {
  try {
    return validOrientation(readFirstDirectory(exif)?.get(274));
  } catch (error) {
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

function validOrientation(value: number | undefined): number {
  return value !== undefined && value >= 1 && value <= 8 ? value : 1;
}

/** The short and long scalars of a TIFF file's first directory, by tag. */
function readFirstDirectory(view: DataView): Map<number, number> | undefined {
  const order = ascii(view, 0, 2);
  if (order !== 'II' && order !== 'MM') return undefined;
  const little = order === 'II';
  if (view.getUint16(2, little) !== 42) return undefined;
  const start = view.getUint32(4, little);
  const count = view.getUint16(start, little);
  const tags = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const entry = start + 2 + 12 * i;
    const type = view.getUint16(entry + 2, little);
    if (type === 3) tags.set(view.getUint16(entry, little), view.getUint16(entry + 8, little));
    if (type === 4) tags.set(view.getUint16(entry, little), view.getUint32(entry + 8, little));
  }
  return tags;
}
