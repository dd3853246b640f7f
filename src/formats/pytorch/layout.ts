import type { StateDict } from './state-dict.ts';
import type { PickledStorage } from './pickled.ts';

/** More than any network's pickle: 100,000 tensors take about 10 MB. */
export const maxPickleBytes = 16 * 1024 * 1024;

/** Where a PyTorch file has what: the two formats of `torch.save` differ in nothing else. */
export interface Layout {
  readonly format: 'pytorch-zip' | 'pytorch-legacy';
  readonly stateDict: StateDict;
  /** What else the file says about itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Where the array under a storage's key begins in the file; all its bytes are there.
   * @throws FormatError `bad-tensor`, `truncated`, `bad-header`
   */
  readonly locate: (storage: PickledStorage) => Promise<number>;
}
