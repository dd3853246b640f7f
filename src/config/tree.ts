/**
 * A config's content with the place of every key and value. Aliases and merge keys are already followed, and the
 * content of several files can be joined, so that what stands above (validation, checks, hover) needs no YAML.
 */
import type { Path } from './report.ts';
import type { Place } from './source.ts';

export type TreeNode = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly key: Place;
  readonly value: TreeNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly TreeNode[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: unknown;
}

/** The node at a path; undefined when there is none. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'map') node = node.entries.get(String(step))?.value;
    else if (node?.kind === 'list' && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node;
}

/** The key of a field; undefined for a list's item and for what is not written. */
export function keyAt(root: TreeNode, path: Path): Place | undefined {
  const parent = nodeAt(root, path.slice(0, -1));
  return parent?.kind === 'map' ? parent.entries.get(String(path.at(-1)))?.key : undefined;
}

/** Where to point for a field: its value when that is short, else its key, else the nearest enclosing field that is written. */
export function placeAt(root: TreeNode, path: Path): Place {
  const node = nodeAt(root, path);
  if (node !== undefined && (path.length === 0 || isShort(node.place))) return node.place;
  const key = keyAt(root, path);
  if (key !== undefined) return key;
  if (node !== undefined) return node.place;
  const parent = path.slice(0, -1);
  return keyAt(root, parent) ?? placeAt(root, parent);
}

function isShort(place: Place): boolean {
  return place.end > place.start && !place.source.text.slice(place.start, place.end).includes('\n');
}

/** The content without places. Maps become objects without a prototype, so that no field is inherited. */
export function plainValue(node: TreeNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map': {
      const object = Object.create(null) as Record<string, unknown>;
      for (const [key, entry] of node.entries) object[key] = plainValue(entry.value);
      return object;
    }
  }
}

/** Joins two contents deeply: maps field by field, anything else is replaced; an empty value removes what it overrides. */
export function overlay(base: TreeNode, over: TreeNode): TreeNode {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const inherited = entries.get(key);
    if (inherited !== undefined && entry.value.kind === 'scalar' && entry.value.value === null) entries.delete(key);
    else entries.set(key, inherited === undefined ? entry : { key: entry.key, value: overlay(inherited.value, entry.value) });
  }
  return { kind: 'map', place: over.place, entries };
}
