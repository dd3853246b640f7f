/** `&name` and `*name` in a text. */
import type { Path } from '../report.ts';
import { walkOutline, type Outline, type OutlineName, type OutlineNode, type OutlineScalar } from './outline.ts';

export interface Anchor {
  readonly name: OutlineName;
  readonly node: OutlineNode;
  readonly path: Path;
}

export interface Alias {
  readonly node: OutlineScalar;
  readonly path: Path;
}

/** In the order of the text. */
export function anchorsOf(outline: Outline): Anchor[] {
  return [...walkOutline(outline.root)].flatMap(({ node, path }) => (node?.anchor === undefined ? [] : [{ name: node.anchor, node, path }]));
}

export function aliasesOf(outline: Outline): Alias[] {
  return [...walkOutline(outline.root)].flatMap(({ node, path }) => (node?.kind === 'scalar' && node.form === 'alias' ? [{ node, path }] : []));
}
