import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { readImageHeader, type ImageHeader } from './image-header.ts';

/** One image file as far as its bytes tell. */
export interface FileContent {
  readonly bytes: number;
  /** sha256 (hex) of the file. */
  readonly sha256: string;
  /** Missing where the file is not an image, is empty, or ends inside its header. */
  readonly header?: ImageHeader;
}

const chunkBytes = 1 << 20;

/** Reads a file once, in pieces: its hash, its size and what its header says. @throws NodeJS.ErrnoException */
export async function readContent(path: string): Promise<FileContent> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(Math.min(chunkBytes, Math.max(1, (await file.stat()).size)));
    let bytes = 0;
    let header: ImageHeader | undefined;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, bytes);
      if (bytesRead === 0) break;
      const piece = chunk.subarray(0, bytesRead);
      if (bytes === 0) header = readImageHeader(piece);
      hash.update(piece);
      bytes += bytesRead;
    }
    return { bytes, sha256: hash.digest('hex'), ...(header && { header }) };
  } finally {
    await file.close();
  }
}

/** `Array.map` with a bounded number of promises at a time, results in order. */
export async function mapConcurrently<In, Out>(items: readonly In[], limit: number, map: (item: In) => Promise<Out>): Promise<Out[]> {
  const results = new Array<Out>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
