import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderItem {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** What is in a folder, links taken for what they lead to; empty where there is no such folder. */
export async function listFolder(folder: string): Promise<FolderItem[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return Promise.all(
    entries.map(async (entry) => {
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && ((await stat(join(folder, entry.name)).catch(() => undefined))?.isDirectory() ?? false));
      return { name: entry.name, kind: isFolder ? ('folder' as const) : ('file' as const) };
    }),
  );
}
