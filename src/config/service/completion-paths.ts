/** Folders and files on the disk, for fields that name them. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { FieldMeta } from '../field.ts';
import { beside } from '../load.ts';
import type { CompletionContext, Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { isPlain } from './documentation.ts';
import { outlineAt, outlineOf, stageEntries } from './outline.ts';
import { stageSummary } from './stages.ts';

type Names = Exclude<NonNullable<FieldMeta['names']>, 'stage'>;

const wanted: Readonly<Record<Names, (file: string) => boolean>> = {
  dataset: () => false,
  weights: (file) => /\.(?:safetensors|pth|pt|bin)$/i.test(file),
  config: (file) => /\.scrkd\.ya?ml$/i.test(file),
  'config-stage': (file) => /\.scrkd\.ya?ml$/i.test(file),
  list: (file) => /\.(?:txt|lst|csv)$/i.test(file),
};

/** Folders that hold no inputs of an experiment. */
const passedOver = new Set(['node_modules', '__pycache__', 'runs']);

export async function pathCompletions(context: CompletionContext, cursor: Cursor, names: Names): Promise<Proposal[]> {
  const { document, providers } = context;
  const typed = cursor.typed.replace(/^["']/, '');
  if (names === 'config-stage' && typed.includes('#')) return stagesOf(context, typed.slice(0, typed.indexOf('#')));
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const base = names === 'list' ? datasetFolder(context) : path.dirname(document.path);
  const items = (await providers.listFolder?.(path.isAbsolute(folder) ? folder : path.join(base, folder))) ?? [];
  const proposals = items
    .filter(({ name, kind }) => !name.startsWith('.') && (kind === 'folder' ? !passedOver.has(name) : wanted[names](name)))
    .filter(({ name }) => folder !== '' || name !== path.basename(document.path))
    .map(({ name, kind }): Proposal => {
      const isOpenFolder = kind === 'folder' && names !== 'dataset';
      const text = `${folder}${name}${isOpenFolder ? '/' : names === 'config-stage' && kind === 'file' ? '#' : ''}`;
      const isQuoted = cursor.node?.kind === 'scalar' && cursor.node.form === 'quoted';
      return {
        label: kind === 'folder' ? `${name}/` : name,
        kind: kind === 'folder' ? 'folder' : 'file',
        insert: isQuoted || isPlain(text.replace(/#$/, '')) ? text : JSON.stringify(text),
        filter: text,
        rank: (kind === 'folder') === (names === 'dataset') ? 0 : 1,
        continues: isOpenFolder || text.endsWith('#'),
      };
    });
  return proposals.sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
}

function datasetFolder({ document }: CompletionContext): string {
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
