/** Folders and files on the disk, for fields that name them. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import { isConfigFile } from '../experiment-name.ts';
import type { FieldMeta } from '../field.ts';
import { beside } from '../load.ts';
import type { CompletionContext, Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { isPlain } from './documentation.ts';
import { outlineAt, outlineOf, stageEntries } from './outline.ts';
import { stageSummary } from './stages.ts';

type Names = Exclude<NonNullable<FieldMeta['names']>, 'stage' | 'sample'>;

const wanted: Readonly<Record<Names, (file: string) => boolean>> = {
  dataset: () => false,
  weights: (file) => /\.(?:safetensors|pth|pt|bin)$/i.test(file),
  config: isConfigFile,
  'config-stage': isConfigFile,
  part: () => false,
  list: (file) => /\.(?:txt|lst|csv)$/i.test(file),
};

/** Folders that hold no inputs of an experiment. */
const passedOver = new Set(['node_modules', '__pycache__', 'runs']);

export async function pathCompletions(context: CompletionContext, cursor: Cursor, names: Names): Promise<Proposal[]> {
  const { document, providers } = context;
  const typed = cursor.typed.replace(/^["']/, '');
  if (names === 'config-stage' && typed.includes('#')) return stagesOf(context, typed.slice(0, typed.indexOf('#')));
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const isFolder = names === 'dataset' || names === 'part';
  const base = names === 'list' || names === 'part' ? datasetFolder(context) : path.dirname(document.path);
  const items = (await providers.listFolder?.(path.isAbsolute(folder) ? folder : path.join(base, folder))) ?? [];
  const proposals = items
    .filter(({ name, kind }) => !name.startsWith('.') && (kind === 'folder' ? !passedOver.has(name) : wanted[names](name)))
    .filter(({ name }) => folder !== '' || name !== path.basename(document.path))
    .map(({ name, kind }): Proposal => {
      const isOpenFolder = kind === 'folder' && !isFolder;
      const text = `${folder}${name}${isOpenFolder ? '/' : names === 'config-stage' && kind === 'file' ? '#' : ''}`;
      return {
        label: kind === 'folder' ? `${name}/` : name,
        kind: kind === 'folder' ? 'folder' : 'file',
        insert: inQuotes(cursor) || isPlain(text.replace(/#$/, '')) ? text : JSON.stringify(text),
        filter: text,
        rank: (kind === 'folder') === isFolder ? 0 : 1,
        continues: isOpenFolder || text.endsWith('#'),
      };
    });
  return proposals.sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
}

function inQuotes({ node }: Cursor): boolean {
  return node?.kind === 'scalar' && node.form === 'quoted';
}

/** The test images of the dataset as its folder has them, but those that the list has already. */
export async function sampleCompletions({ document, providers }: CompletionContext, cursor: Cursor): Promise<Proposal[]> {
  const lists = (['train', 'test'] as const).flatMap((split) => {
    const node = outlineAt(document.outline.root, ['dataset', split]);
    return node?.kind === 'scalar' ? [[split, node.text] as const] : [];
  });
  const summary = await providers.datasetSummary?.(datasetFolder({ document }), Object.fromEntries(lists)).catch(() => undefined);
  const taken = new Set(cursor.list?.items.map(({ value }) => (value?.kind === 'scalar' && value !== cursor.node ? value.text : '')));
  return (summary?.testNames ?? []).filter((name) => !taken.has(name)).map((name) => ({ label: name, kind: 'file', insert: inQuotes(cursor) || isPlain(name) ? name : JSON.stringify(name), detail: l10n.t('test image') }));
}

function datasetFolder({ document }: Pick<CompletionContext, 'document'>): string {
  const root = outlineAt(document.outline.root, ['dataset', 'root']);
  return root?.kind === 'scalar' ? beside(document.path, root.text) : path.dirname(document.path);
}

async function stagesOf({ document, providers }: CompletionContext, file: string): Promise<Proposal[]> {
  const text = await providers.readText?.(beside(document.path, file)).catch(() => undefined);
  if (text === undefined) return [];
  return stageEntries(outlineOf(text)).map((entry) => ({
    label: entry.key.name,
    kind: 'stage',
    insert: `${file}#${entry.key.name}`,
    filter: `${file}#${entry.key.name}`,
    detail: stageSummary(entry) || l10n.t('stage'),
  }));
}
