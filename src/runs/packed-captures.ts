/** Captures as they are stored, for a reader that unpacks only what it shows: half the bytes, and no work before it is needed. */
import * as l10n from '@vscode/l10n';
import { bytesOf } from '../formats/dtypes.ts';
import { withSafetensors } from '../formats/safetensors-reader.ts';
import type { PackedView } from '../protocol/inspector.ts';
import { parseJson } from '../protocol/json.ts';
import { captureInfo, captureInfoKey } from './captures.ts';
import { RunsError } from './errors.ts';
import { parsed } from './read-run.ts';
import { triangleLength } from './symmetric.ts';

export interface PackedCapture {
  readonly sample: string;
  readonly epoch: number;
  readonly views: PackedView[];
  /** float16 bits of all views, one after another. */
  readonly bytes: ArrayBuffer;
}

/**
 * Reads the views of a capture whose names `rename` keeps.
 * @param rename the name that a view gets; undefined: it is left out
 * @throws RunsError `corrupt`, `newer-version`; FormatError
 */
export async function readPackedCapture(path: string, rename: (name: string) => string | undefined): Promise<PackedCapture> {
  return withSafetensors(path, async (file) => {
    const text = file.metadata[captureInfoKey];
    if (text === undefined) throw new RunsError('corrupt', path, l10n.t('is no capture: it names no sample in its metadata.'));
    const info = parsed(parseJson(captureInfo, text), path);
    const views: PackedView[] = [];
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const stored of file.names) {
      const name = rename(stored);
      if (name === undefined) continue;
      const { dtype, shape, data } = await file.read(stored);
      if (dtype !== 'F16') throw new RunsError('corrupt', path, l10n.t('"{0}" is of type {1}, captures are of type F16.', stored, dtype));
      const { symmetric, exponent = 0 } = Object.hasOwn(info.views, stored) ? info.views[stored]! : {};
      if (symmetric !== undefined && shape.at(-1) !== triangleLength(symmetric)) {
        throw new RunsError('corrupt', path, l10n.t('"{0}" has {1} values a matrix, a triangle of side {2} needs {3}.', stored, shape.at(-1) ?? 0, symmetric, triangleLength(symmetric)));
      }
      const whole = symmetric === undefined ? shape : [...shape.slice(0, -1), symmetric, symmetric];
      views.push({ name, shape: whole, symmetric: symmetric !== undefined, exponent, offset, length: data.length });
      parts.push(bytesOf(data));
      offset += data.length;
    }
    const bytes = new Uint8Array(2 * offset);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { sample: info.sample, epoch: info.epoch, views, bytes: bytes.buffer };
  });
}
