/** The stages of a text, whether or not it is valid. */
import { nodeAt, type MapNode } from '../tree.ts';
import type { ConfigDocument } from './document.ts';
import { outlineAt, stageEntries, type OutlineEntry } from './outline.ts';

/** The names of a text's stages, then those that it has from other files. */
export function stageNamesOf({ outline }: ConfigDocument, known: MapNode | undefined): string[] {
  const own = stageEntries(outline).map(({ key }) => key.name);
  const all = known === undefined ? undefined : nodeAt(known, ['stages']);
  const inherited = all?.kind === 'map' ? [...all.entries].filter(([, { key }]) => key.source.text !== outline.text).map(([name]) => name) : [];
  return [...new Set([...own, ...inherited])];
}

/** `pspnet · 112 · from teacher`, as far as it is written here. */
export function stageSummary({ value }: OutlineEntry): string {
  if (value === undefined) return '';
  const scalar = (path: readonly string[]): string => {
    const node = outlineAt(value, path);
    return node?.kind === 'scalar' && node.form !== 'alias' ? node.text : '';
  };
  const resolution = outlineAt(value, ['resolution']);
  const sides = resolution?.kind === 'list' ? resolution.items.map((item) => (item.value?.kind === 'scalar' ? item.value.text : '')).join('x') : scalar(['resolution']);
  const teacher = scalar(['distill', 'from']);
  return [scalar(['model']) || scalar(['model', 'name']), sides, teacher && `← ${teacher}`, scalar(['use']), scalar(['checkpoint'])].filter((part) => part !== '').join(' · ');
}
