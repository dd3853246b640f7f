/** Paths in a config as links. */
import type { Range } from '../diagnostic.ts';
import { metaOf } from '../field.ts';
import { beside } from '../load.ts';
import { fieldAt } from './documentation.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import { outlineAt, walkOutline } from './outline.ts';

export interface Link {
  readonly range: Range;
  readonly target: string;
  readonly kind: 'file' | 'folder';
}

export function documentLinks(document: ConfigDocument): Link[] {
  const links: Link[] = [];
  for (const { path, node } of walkOutline(document.outline.root)) {
    if (node?.kind !== 'scalar' || node.text === '' || (node.form !== 'plain' && node.form !== 'quoted')) continue;
    const declaration = fieldAt(path);
    const names = declaration === undefined ? undefined : metaOf(declaration).names;
    if (names === undefined || names === 'stage' || names === 'sample') continue;
    const written = names === 'config-stage' ? node.text.replace(/#[^#]*$/, '') : node.text;
    const start = node.form === 'quoted' ? node.start + 1 : node.start;
    const range = spanRange(document, { start, end: start + written.length });
    links.push({ range, target: targetOf(document, names, written), kind: names === 'dataset' || names === 'part' ? 'folder' : 'file' });
  }
  return links;
}

function targetOf(document: ConfigDocument, names: string, written: string): string {
  const root = names === 'list' || names === 'part' ? outlineAt(document.outline.root, ['dataset', 'root']) : undefined;
  const folder = root?.kind === 'scalar' ? `${beside(document.path, root.text)}/list` : document.path;
  return beside(folder, written);
}
