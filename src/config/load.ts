/** Reads a config with everything it extends into one tree. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Library } from './library.ts';
import { parseTree } from './parse.ts';
import type { Report } from './report.ts';
import { sourceFile } from './source.ts';
import { nodeAt, overlay, placeAt, type MapNode, type TreeNode } from './tree.ts';

export interface Loading {
  readonly library: Library;
  readonly report: Report;
  /** Texts by file, filled while reading. */
  readonly sources: Map<string, string>;
}

/**
 * The content of a config laid over the content of the config it extends, and so on; undefined when nothing of the
 * file itself can be read. `chain` are the files that extend this one.
 */
export async function loadTree(file: string, text: string, loading: Loading, chain: readonly string[] = []): Promise<MapNode | undefined> {
  loading.sources.set(file, text);
  const tree = parseTree(sourceFile(file, text), loading.report);
  if (tree === undefined) return undefined;
  const base = await loadBase(file, tree, loading, [...chain, file]);
  const joined: TreeNode = base === undefined ? tree : overlay(base, tree);
  return joined.kind === 'map' ? joined : tree;
}

async function loadBase(file: string, tree: MapNode, loading: Loading, chain: readonly string[]): Promise<MapNode | undefined> {
  const node = nodeAt(tree, ['extends']);
  // Anything but a path is refused by the schema.
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') return undefined;
  const place = placeAt(tree, ['extends']);
  const base = beside(file, node.value);
  if (chain.includes(base)) {
    loading.report.add('extends-cycle', place, ['extends'], l10n.t('These configs extend each other in a circle: {0}.', [...chain.slice(chain.indexOf(base)), base].join(' → ')));
    return undefined;
  }
  const text = await loading.library.read(base);
  if ('reason' in text) {
    loading.report.add('file-unreadable', place, ['extends'], l10n.t("The config '{0}' cannot be read: {1}.", base, text.reason));
    return undefined;
  }
  return loadTree(base, text.text, loading, chain);
}

/** A path as written in `file`, which is relative to that file's folder. */
export function beside(file: string, written: string): string {
  return path.isAbsolute(written) ? path.normalize(written) : path.join(path.dirname(file), written);
}
