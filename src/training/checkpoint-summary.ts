/** What a checkpoint says it is, from its header and its tensors' names and shapes: no value is read, nothing is unpickled. */
import { messageOf } from '../base/errors.ts';
import type { CheckpointSummary } from '../config/providers.ts';
import { FormatError } from '../formats/errors.ts';
import { withTensorFile } from '../formats/open-tensor-file.ts';
import type { TensorFile } from '../formats/tensor-file.ts';
import { fits } from '../models/state-dict.ts';
import { TrainingError } from './errors.ts';
import { classesOf, likenessOf, type Likeness } from './known-networks.ts';
import { networkOfFile, networkParts, type FoundNetwork } from './network-weights.ts';

/** A file that cannot be read says why in its summary. @throws the file system's errors */
export async function summariseCheckpoint(file: string): Promise<CheckpointSummary> {
  try {
    return await withTensorFile(file, (tensors) => Promise.resolve(summaryOf(tensors)));
  } catch (error) {
    if (error instanceof FormatError || error instanceof TrainingError) return { unreadable: messageOf(error) };
    throw error;
  }
}

function summaryOf(file: TensorFile): CheckpointSummary {
  const parts = networkParts(file);
  // Of a file with several networks the stage takes the one that fits, which is seen when it is loaded.
  if (parts.length > 1) return {};
  const found = networkOfFile(file);
  if (found !== undefined) return ofNetwork(found);
  const likeness = parts[0] && likenessOf(parts[0].tensors.tensors);
  return likeness === undefined ? { holds: 'unknown' } : ofLikeness(likeness);
}

function ofNetwork({ model, options, height, width, adapter }: FoundNetwork): CheckpointSummary {
  return {
    model: { name: model, options },
    ...(height === undefined || width === undefined ? {} : { resolution: { height, width } }),
    ...(adapter && { method: adapter.method }),
  };
}

/** Of a network that is not one of ours as it is. */
function ofLikeness(likeness: Likeness): CheckpointSummary {
  if (likeness.kind === 'backbone') return { holds: fits(likeness.report) ? 'encoder' : 'unknown' };
  const classes = classesOf(likeness);
  return classes === undefined ? { holds: 'unknown' } : { model: { name: likeness.network.model, options: likeness.network.options }, classes };
}
