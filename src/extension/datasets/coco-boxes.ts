/** Boxes of a sample from a COCO file in the dataset's folder. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';

const cocoFile = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  annotations: z.array(z.object({ image_id: z.union([z.number(), z.string()]), bbox: z.array(z.number()).length(4).optional(), category_id: z.union([z.number(), z.string()]).optional() })),
  categories: z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string() })).optional(),
});

/** In pixels of the image. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

/** Larger ones would hold up the host. */
const maxBytes = 32 * 1024 * 1024;

/** The boxes of an image in the first COCO file of the folder that knows it; none where there is no such file. */
export async function boxesOf(root: string, image: string): Promise<Box[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => /\.json$/i.test(name)).sort();
  const stem = stemOf(image);
  for (const name of names) {
    const coco = await readCoco(join(root, name));
    const found = coco?.images.find(({ file_name }) => stemOf(file_name) === stem);
    if (coco === undefined || found === undefined) continue;
    const categories = new Map(coco.categories?.map(({ id, name: category }) => [id, category]));
    return coco.annotations.flatMap(({ image_id, bbox, category_id }) => {
      if (image_id !== found.id || bbox === undefined) return [];
      const [x, y, width, height] = bbox;
      return [{ x: x!, y: y!, width: width!, height: height!, name: category_id === undefined ? '' : (categories.get(category_id) ?? String(category_id)) }];
    });
  }
  return [];
}

async function readCoco(path: string): Promise<z.infer<typeof cocoFile> | undefined> {
  try {
    if ((await stat(path)).size > maxBytes) return undefined;
    const parsed = cocoFile.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // another JSON file
  }
}

function stemOf(path: string): string {
  return basename(path, extname(path));
}
