import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { DatasetError } from './errors.ts';
import type { FolderTree, SplitSource } from './layouts/layout.ts';

/** Image formats in the order of preference where a stem exists in several. */
const imageExtensions = ['.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp'];
/** Masks are looked for as PNG first: a JPEG mask has blurred edges. */
const maskExtensions = ['.png', '.bmp', '.tif', '.tiff', '.webp', '.jpg', '.jpeg'];

/** What a split consists of before images and masks are paired. */
export interface SplitListing {
  /** In the order of the list; sorted where the layout has none. */
  readonly stems: readonly string[];
  readonly imageFolder: string;
  readonly maskFolder: string;
  /** Paths by stem, best format first. */
  readonly images: ReadonlyMap<string, readonly string[]>;
  readonly masks: ReadonlyMap<string, readonly string[]>;
}

/** The names in a folder, for the layouts. @throws DatasetError `missing`, `unreadable` */
export async function readTree(root: string): Promise<FolderTree> {
  const top = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new DatasetError('missing', root, l10n.t('The dataset folder {0} does not exist.', root), { cause: error });
    if (code === 'ENOTDIR') throw new DatasetError('missing', root, l10n.t('{0} is a file; expected the folder of a dataset.', root), { cause: error });
    throw new DatasetError('unreadable', root, l10n.t('Cannot read the dataset folder {0}: {1}', root, messageOf(error)), { cause: error });
  });
  const visible = top.filter((entry) => !entry.name.startsWith('.'));
  const isFolder = async (path: string) => readdir(path, { withFileTypes: true }).catch(() => undefined); // follows symbolic links
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of visible) {
    const inner = entry.isFile() ? undefined : await isFolder(join(root, entry.name));
    if (inner === undefined) files.push(entry.name);
    else folders.push(entry.name, ...inner.filter((child) => child.isDirectory()).map((child) => `${entry.name}/${child.name}`));
  }
  return { files: files.sort(), folders: folders.sort() };
}

/** Lists the files of one split. @throws DatasetError `unreadable` */
export async function listSplit(root: string, source: SplitSource): Promise<SplitListing> {
  const imageFolder = join(root, source.images);
  const maskFolder = join(root, source.masks);
  const images = await listImages(root, imageFolder, imageExtensions);
  const masks = await listImages(root, maskFolder, maskExtensions);
  const stems = source.list === undefined
    // Without a list every file counts, so that an image without a mask and a mask without an image both show up.
    ? [...new Set([...images.keys(), ...masks.keys()])].sort()
    : parseStems(await readList(root, join(root, source.list)));
  return { stems, imageFolder, maskFolder, images, masks };
}

/** Masks or saliency maps of a folder: paths by stem, best format first. @throws DatasetError `unreadable` */
export function listMasks(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  return listImages(folder, folder, maskExtensions);
}

/** One stem a line; tolerates a byte order mark, CRLF, blank lines, surrounding blanks and names with an image extension. */
export function parseStems(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => stemOf(line.trim()))
    .filter((stem) => stem !== '');
}

function stemOf(name: string): string {
  const extension = extname(name);
  return imageExtensions.includes(extension.toLowerCase()) ? name.slice(0, -extension.length) : name;
}

async function readList(root: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new DatasetError('unreadable', root, l10n.t('Cannot read {0}: {1}', path, messageOf(error)), { cause: error });
  });
}

async function listImages(root: string, folder: string, extensions: readonly string[]): Promise<Map<string, string[]>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new DatasetError('unreadable', root, l10n.t('Cannot read the folder {0}: {1}', folder, messageOf(error)), { cause: error });
  });
  const rank = (name: string) => extensions.indexOf(extname(name).toLowerCase());
  const files = new Map<string, string[]>();
  for (const name of names.filter((each) => rank(each) >= 0 && !each.startsWith('.')).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const paths = files.get(stemOf(name));
    if (paths === undefined) files.set(stemOf(name), [join(folder, name)]);
    else paths.push(join(folder, name));
  }
  return files;
}
