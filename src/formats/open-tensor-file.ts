import * as l10n from '@vscode/l10n';
import { FormatError } from './errors.ts';
import { PytorchFile } from './pytorch/pytorch-file.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { SafetensorsFile } from './safetensors-reader.ts';
import type { TensorFile, TensorFileFormat } from './tensor-file.ts';

/**
 * Opens a file of tensors; what it is, its content says, not its name.
 * @throws FormatError
 */
export async function openTensorFile(path: string): Promise<TensorFile> {
  const file = await RandomAccessFile.open(path);
  let format;
  try {
    format = formatOf(await file.read(0, Math.min(file.size, 16)), path);
  } catch (error) {
    await file.close();
    throw error;
  }
  return format === 'safetensors' ? SafetensorsFile.from(file) : PytorchFile.from(file, format);
}

/** Opens, uses and closes a file of tensors. */
export async function withTensorFile<T>(path: string, use: (file: TensorFile) => Promise<T>): Promise<T> {
  const file = await openTensorFile(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function formatOf(start: Uint8Array, path: string): TensorFileFormat {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04) || begins(0x50, 0x4b, 0x05, 0x06)) return 'pytorch-zip';
  if (begins(0x80) && start[1]! <= 5) return 'pytorch-legacy'; // PROTO
  if (start[8] === 0x7b) return 'safetensors'; // a JSON object behind its length
  throw new FormatError('unsupported', path, l10n.t('is neither a safetensors nor a PyTorch file.'));
}
