import { basename } from 'node:path';
import { listMasks } from './listing.ts';

/** A mask that a saliency map is wanted for. */
export interface WantedMap {
  readonly id: string;
  /** Path of the mask. */
  readonly mask: string;
}

export interface MapPair extends WantedMap {
  /** Path of the saliency map. */
  readonly map: string;
}

export interface PairedMaps {
  readonly pairs: readonly MapPair[];
  /** Ids of masks without a map. */
  readonly missing: readonly string[];
  /** Names of maps without a mask. */
  readonly unused: readonly string[];
}

/** The masks of a folder by their names, sorted. @throws DatasetError `unreadable` */
export async function masksIn(folder: string): Promise<WantedMap[]> {
  const found = await listMasks(folder);
  return [...found].map(([id, [mask]]) => ({ id, mask: mask! })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Finds the saliency map of every mask by its name without the extension. @throws DatasetError `unreadable` */
export async function pairMaps(folder: string, wanted: readonly WantedMap[]): Promise<PairedMaps> {
  const maps = await listMasks(folder);
  const ids = new Set(wanted.map(({ id }) => id));
  return {
    pairs: wanted.flatMap((each) => (maps.has(each.id) ? [{ ...each, map: maps.get(each.id)![0]! }] : [])),
    missing: wanted.filter(({ id }) => !maps.has(id)).map(({ id }) => id),
    unused: [...maps].filter(([id]) => !ids.has(id)).map(([, [path]]) => basename(path!)),
  };
}
