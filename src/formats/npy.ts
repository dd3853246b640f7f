/** NumPy's .npy: one array, C order. The writer makes version 1.0; the reader takes 1.0 to 3.0. */
import * as l10n from '@vscode/l10n';
import { allocate, bytesOf, bytesPerElement, elementCount, type Dtype, type TensorData } from './dtypes.ts';
import { FormatError } from './errors.ts';
import type { Tensor } from './tensor-file.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** BF16 has no NumPy type. */
const descriptors = { F64: '<f8', F32: '<f4', F16: '<f2', I64: '<i8', I32: '<i4', U8: '|u1', BOOL: '|b1' } as const;
export type NpyDtype = keyof typeof descriptors;

/** The bytes of a .npy file. */
export function encodeNpy(dtype: NpyDtype, shape: readonly number[], data: TensorData): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const dictionary = `{'descr': '${descriptors[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const headerBytes = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10; // the data begins at a multiple of 64
  const header = new Uint8Array(10 + headerBytes).fill(0x20);
  header.set([...magic, 1, 0, headerBytes & 0xff, headerBytes >>> 8]);
  header.set(new TextEncoder().encode(dictionary), 10);
  header[header.length - 1] = 0x0a;
  const file = new Uint8Array(header.length + data.byteLength);
  file.set(header);
  file.set(bytesOf(data), header.length);
  return file;
}

/**
 * Reads the bytes of a .npy file.
 * @param file its name, for messages
 * @throws FormatError `bad-header`, `truncated`, or `unsupported` (Fortran order, other element types)
 */
export function decodeNpy(bytes: Uint8Array, file: string): Tensor {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) throw new FormatError('bad-header', file, l10n.t('is not a .npy file.'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw new FormatError('unsupported', file, l10n.t('is of .npy version {0}, expected 1 to 3.', major));
  const prefix = major === 1 ? 10 : 12;
  if (bytes.length < prefix) throw new FormatError('truncated', file, l10n.t('ends within its header.'));
  const dataStart = prefix + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) throw new FormatError('truncated', file, l10n.t('ends within its header.'));
  const { dtype, shape } = parseDictionary(new TextDecoder().decode(bytes.subarray(prefix, dataStart)), file);
  const expected = elementCount(shape) * bytesPerElement(dtype)!;
  if (bytes.length - dataStart !== expected) {
    throw new FormatError('truncated', file, l10n.t('holds {0} bytes of data, its shape [{1}] needs {2}.', bytes.length - dataStart, shape.join(', '), expected));
  }
  const data = allocate(dtype, elementCount(shape));
  bytesOf(data).set(bytes.subarray(dataStart));
  return { dtype, shape, data };
}

function parseDictionary(text: string, file: string): { dtype: Dtype; shape: number[] } {
  const descriptor = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([0-9,\sL]*)\)/.exec(text)?.[1];
  if (descriptor === undefined || order === undefined || sizes === undefined) {
    throw new FormatError('bad-header', file, l10n.t('its header names no type, order and shape.'));
  }
  const found = Object.entries(descriptors).find(([, name]) => name === descriptor);
  if (found === undefined) throw new FormatError('unsupported', file, l10n.t('has elements of type "{0}", which is not supported.', descriptor));
  const shape = sizes.split(',').filter((size) => size.trim() !== '').map((size) => Number.parseInt(size, 10));
  if (order === 'True' && shape.length > 1) throw new FormatError('unsupported', file, l10n.t('is in Fortran order, expected C order.'));
  if (!shape.every(Number.isSafeInteger)) throw new FormatError('bad-header', file, l10n.t('found shape ({0}), expected sizes.', sizes));
  return { dtype: found[0] as NpyDtype, shape };
}
