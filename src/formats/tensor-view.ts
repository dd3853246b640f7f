import * as l10n from '@vscode/l10n';
import { FormatError } from './errors.ts';
import type { Tensor, TensorFile, TensorInfo } from './tensor-file.ts';

/**
 * Some tensors of a file under other names. Closing the view closes the file.
 * @param names the name in the file by the new name; each must be there
 */
export function viewTensors(file: TensorFile, names: ReadonlyMap<string, string>): TensorFile {
  return {
    path: file.path,
    format: file.format,
    metadata: file.metadata,
    tensors: new Map([...names].map(([name, inFile]): [string, TensorInfo] => [name, { ...file.tensors.get(inFile)!, name }])),
    read: (name): Promise<Tensor> => {
      const inFile = names.get(name);
      if (inFile === undefined) return Promise.reject(new FormatError('missing-tensor', file.path, l10n.t('holds no tensor "{0}".', name)));
      return file.read(inFile);
    },
    close: () => file.close(),
  };
}
