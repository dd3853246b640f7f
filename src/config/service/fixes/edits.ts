/** Fixes made of changes to fields. */
import type { Path } from '../../report.ts';
import { yamlText } from '../documentation.ts';
import { fileEdit, type ConfigDocument, type TextChange } from '../document.ts';
import { removeField, setField } from '../edit-fields.ts';
import * as l10n from '@vscode/l10n';
import type { Fix, MakeFixes } from '../fixes.ts';

/** A fix that makes all of these changes; none when one of them cannot be made. */
export function fixOf(document: ConfigDocument, title: string, changes: readonly (TextChange | undefined)[], isPreferred = false): Fix[] {
  const possible = changes.filter((change) => change !== undefined);
  if (possible.length !== changes.length || possible.length === 0) return [];
  return [{ title, edits: possible.map((change) => fileEdit(document, change)), ...(isPreferred && { isPreferred }) }];
}

export function setFix(document: ConfigDocument, title: string, path: Path, value: unknown, isPreferred = false): Fix[] {
  return fixOf(document, title, [setField(document, path, yamlText(value))], isPreferred);
}

export function removeFix(document: ConfigDocument, title: string, path: Path, isPreferred = false): Fix[] {
  return fixOf(document, title, [removeField(document, path)], isPreferred);
}

/** Gives the field that a finding names the value that would settle it. */
export const applyRemedy: MakeFixes = ({ document }, { remedy }) =>
  remedy === undefined ? [] : setFix(document, l10n.t("Set '{0}' to {1}", remedy.path.slice(remedy.path[0] === 'stages' ? 2 : 0).join('.'), yamlText(remedy.value)), remedy.path, remedy.value, true);
