/** Checks a config's content against the schema and says what is wrong in the words of the field. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { DiagnosticCode } from './diagnostic.ts';
import { expectation, namedValues } from './expectation.ts';
import { metaOf } from './field.ts';
import { isMisspelt, nearest } from './names.ts';
import type { Path, Report } from './report.ts';
import { configSchema, type ConfigFile } from './schema.ts';
import { keyAt, nodeAt, placeAt, plainValue, type MapNode, type TreeNode } from './tree.ts';
import { alternative, declarationAt, formOf } from './walk.ts';

type Issue = z.core.$ZodIssue;

/**
 * The valid part of a config. Fields with findings are left out, and blocks that lack a required field with them,
 * so that the checks beyond the schema can still speak about the rest; undefined when nothing is left.
 */
export function validate(tree: MapNode, report: Report): ConfigFile | undefined {
  const value = plainValue(tree) as Record<string, unknown>;
  let isFirst = true;
  // Leaving out a field can make its block incomplete, which is then left out: at most as often as the schema is deep.
  for (let round = 0; round < 12; round++) {
    const result = configSchema.safeParse(value);
    if (result.success) return result.data;
    const issues = result.error.issues.flatMap((issue) => settle(tree, issue, []));
    if (isFirst) for (const issue of issues) explain(tree, issue, report);
    isFirst = false;
    for (const issue of issues) {
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(value, [...pathOf(issue), key]);
      else if (!remove(value, pathOf(issue))) remove(value, pathOf(issue).slice(0, -1));
    }
  }
  return undefined;
}

/** Issues of a union are those of the form that was meant: by kind of value, there is one of each. */
function settle(tree: MapNode, issue: Issue, prefix: Path): Issue[] {
  const path = [...prefix, ...pathOf(issue)];
  const located: Issue = { ...issue, path };
  if (issue.code !== 'invalid_union') return [located];
  const declaration = declarationAt(configSchema, path);
  const node = nodeAt(tree, path);
  if (declaration === undefined || node === undefined) return [located];
  const form = alternative(declaration, node.kind);
  const union = declaration instanceof z.ZodOptional ? declaration.unwrap() : declaration;
  if (!(union instanceof z.ZodUnion)) return [located];
  const inner = issue.errors[union.options.findIndex((option) => option === form)];
  return inner === undefined || inner.length === 0 ? [located] : inner.flatMap((each) => settle(tree, each, path));
}

/** Zod allows symbols in paths; YAML has none. */
function pathOf(issue: Issue): Path {
  return issue.path.filter((step) => typeof step !== 'symbol');
}

function explain(tree: MapNode, issue: Issue, report: Report): void {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) explainUnknownField(tree, [...path, key], report);
    return;
  }
  const declaration = declarationAt(configSchema, path);
  const node = nodeAt(tree, path);
  const name = path.join('.');
  if (declaration === undefined) {
    report.add('invalid-value', placeAt(tree, path), path, l10n.t('{0}: {1}.', name, issue.message));
  } else if (node === undefined) {
    if (isAttempted(tree, path)) return;
    report.add('missing-field', placeAt(tree, path), path, l10n.t("The field '{0}' is missing: expected {1}.", name, expectation(declaration)));
  } else if (issue.code === 'invalid_key') {
    explainName(tree, path, report);
  } else {
    explainValue(tree, node, declaration, issue.code, path, report);
  }
}

/** Whether a field is written, be it with a refused value or a misspelt name: it has a finding already and is not missing. */
export function isAttempted(tree: MapNode, path: Path): boolean {
  const parent = nodeAt(tree, path.slice(0, -1));
  if (parent?.kind !== 'map') return false;
  const name = String(path.at(-1));
  if (parent.entries.has(name)) return true;
  const { fields, otherNames } = blockAt(path.slice(0, -1));
  return Object.entries(otherNames).some(([other, ours]) => ours === name && parent.entries.has(other)) || isMisspelt(name, parent.entries.keys(), fields);
}

/** The fields that a block may have; none for a block with free names. */
function blockAt(path: Path): { fields: string[]; plannedFields: readonly string[]; otherNames: Readonly<Record<string, string>> } {
  const declared = declarationAt(configSchema, path);
  const block = declared === undefined ? undefined : alternative(declared, 'map');
  const { plannedFields = [], otherNames = {} } = block === undefined ? {} : { ...(declared && metaOf(declared)), ...metaOf(block) };
  return { fields: block instanceof z.ZodObject ? Object.keys(block.shape) : [], plannedFields, otherNames };
}

/** A stage's name is a field's name, so it is the key that is wrong. */
function explainName(tree: MapNode, path: Path, report: Report): void {
  const record = declarationAt(configSchema, path.slice(0, -1));
  const form = record instanceof z.ZodRecord ? expectation(record.keyType) : l10n.t('text');
  report.add('invalid-value', keyAt(tree, path) ?? placeAt(tree, path), path, l10n.t("'{0}' cannot be a name: expected {1}.", String(path.at(-1)), form));
}

function explainUnknownField(tree: MapNode, path: Path, report: Report): void {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const place = keyAt(tree, path) ?? placeAt(tree, path);
  const { fields, plannedFields, otherNames } = blockAt(parent);
  if (plannedFields.includes(key)) {
    report.add('not-built-yet', place, path, l10n.t("The field '{0}' is not built yet.", key));
    return;
  }
  const otherName = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
  if (otherName !== undefined) {
    report.add('unknown-field', place, path, l10n.t("Unknown field '{0}': here it is called '{1}'.", key, otherName), otherName);
    return;
  }
  const suggestion = nearest(key, fields);
  const where = parent.length === 0 ? l10n.t('a config') : l10n.t("'{0}'", parent.join('.'));
  const message =
    suggestion === undefined
      ? l10n.t("Unknown field '{0}' in {1}; its fields are {2}.", key, where, fields.join(', '))
      : l10n.t("Unknown field '{0}' in {1}; did you mean '{2}'?", key, where, suggestion);
  report.add('unknown-field', place, path, message, suggestion);
}

function explainValue(tree: MapNode, node: TreeNode, declaration: z.core.$ZodType, issueCode: Issue['code'], path: Path, report: Report): void {
  const name = path.join('.');
  const place = placeAt(tree, path);
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
  const meta = metaOf(declaration);
  const values = namedValues(declaration);
  if (text !== undefined && meta.planned?.includes(text)) {
    report.add('not-built-yet', place, path, l10n.t("{0}: '{1}' is not built yet; available: {2}.", name, text, values.join(', ')));
    return;
  }
  if (node.kind === 'map' && meta.plannedBlock !== undefined) {
    report.add('not-built-yet', place, path, l10n.t('{0}: {1} is not built yet; expected {2}.', name, meta.plannedBlock, expectation(declaration)));
    return;
  }
  const suggestion = text === undefined ? undefined : nearest(text, values);
  const found = l10n.t('{0}: found {1}, expected {2}', name, describe(node), expectation(declaration));
  const message = suggestion === undefined ? l10n.t('{0}.', found) : l10n.t("{0}; did you mean '{1}'?", found, suggestion);
  const code = codeOf(issueCode, node, declaration, values);
  if (!report.has(code, place)) report.add(code, place, path, message, suggestion);
}

function codeOf(issueCode: Issue['code'], node: TreeNode, declaration: z.core.$ZodType, values: readonly string[]): DiagnosticCode {
  if (issueCode === 'too_big' || issueCode === 'too_small' || issueCode === 'not_multiple_of') return 'out-of-range';
  if (issueCode === 'invalid_format') return 'invalid-value';
  const isNamed = node.kind === 'scalar' && typeof node.value === 'string' && values.length > 0;
  if (isNamed || issueCode === 'invalid_value') return 'unknown-value';
  return formOf(declaration) === node.kind || issueCode === 'invalid_type' || issueCode === 'invalid_union' ? 'wrong-type' : 'invalid-value';
}

/** What is there, short enough for a message. */
function describe(node: TreeNode): string {
  switch (node.kind) {
    case 'map':
      return l10n.t('a block of fields');
    case 'list':
      return l10n.t('a list of {0}', node.items.length);
    case 'scalar':
      if (node.value === null || node.value === undefined) return l10n.t('nothing');
      if (typeof node.value !== 'string') return typeof node.value === 'number' ? String(node.value) : JSON.stringify(node.value);
      return node.value.length > 40 ? l10n.t("the text '{0}…'", node.value.slice(0, 40)) : l10n.t("the text '{0}'", node.value);
  }
}

/** Takes a field out of a plain value; false when it is not there. */
function remove(root: Record<string, unknown>, path: Path): boolean {
  let parent: unknown = root;
  for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown> | undefined)?.[step];
  const last = path.at(-1);
  if (last === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, last)) return false;
  if (Array.isArray(parent)) return remove(root, path.slice(0, -1));
  return Reflect.deleteProperty(parent, last);
}
