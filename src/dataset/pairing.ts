import * as l10n from '@vscode/l10n';
import type { DatasetProblem, Sample, Split } from './dataset.ts';
import { DatasetError } from './errors.ts';
import type { SplitListing } from './listing.ts';

/** Finds the image and the mask of every listed stem. @throws DatasetError `empty`, `unpaired` */
export function pairSplit(root: string, split: Split, listing: SplitListing, tolerance: number): { samples: Sample[]; problems: DatasetProblem[] } {
  if (listing.stems.length === 0) throw new DatasetError('empty', root, l10n.t('The {0} split of {1} lists no image.', split, root));
  const samples: Sample[] = [];
  const problems: DatasetProblem[] = [];
  const seen = new Set<string>();
  const report = (kind: DatasetProblem['kind'], id: string, excluded: boolean, message: string) => problems.push({ kind, id, split, excluded, message });
  for (const id of listing.stems) {
    if (seen.has(id)) {
      report('listed-twice', id, true, l10n.t('{0} is listed twice in the {1} split; it counts once.', id, split));
      continue;
    }
    seen.add(id);
    if (/[/\\]|^\.\.?$/.test(id)) {
      report('bad-name', id, true, l10n.t('{0} in the {1} split is not a plain file name.', id, split));
      continue;
    }
    const [image, otherImage] = listing.images.get(id) ?? [];
    const [mask, otherMask] = listing.masks.get(id) ?? [];
    if (image === undefined) report('missing-image', id, true, l10n.t('No image of {0} in {1}.', id, listing.imageFolder));
    if (mask === undefined) report('missing-mask', id, true, l10n.t('No mask of {0} in {1}.', id, listing.maskFolder));
    if (image === undefined || mask === undefined) continue;
    for (const [used, other] of [[image, otherImage], [mask, otherMask]]) {
      if (other !== undefined) report('several-files', id, false, l10n.t('Both {0} and {1} are there; the first is used.', used!, other));
    }
    samples.push({ id, image, mask, split });
  }
  const unpaired = seen.size - samples.length;
  if (unpaired > tolerance * seen.size) {
    const examples = problems.filter(({ kind }) => kind === 'missing-image' || kind === 'missing-mask' || kind === 'bad-name').slice(0, 3);
    throw new DatasetError('unpaired', root, l10n.t('{0} of {1} samples of the {2} split of {3} lack an image or a mask; expected at most {4} %. {5}', unpaired, seen.size, split, root, Math.round(100 * tolerance), examples.map(({ message }) => message).join(' ')));
  }
  return { samples, problems };
}
