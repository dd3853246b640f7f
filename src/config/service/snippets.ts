/** Whole blocks: an experiment, a cascade, a student. */
import * as l10n from '@vscode/l10n';
import { methodNames } from '../catalog/methods.ts';
import { modelNames } from '../catalog/models.ts';
import type { CompletionContext, Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { stageNamesOf } from './stages.ts';

const model = modelNames[0];
const method = methodNames[0];

const teacher = (name: string, resolution: string) => `${name}: { model: ${model}, resolution: ${resolution} }`;
const student = (name: string, resolution: string, from: string) => `${name}: { model: ${model}, resolution: ${resolution}, distill: { from: ${from}, method: ${method} } }`;

export function blockSnippets({ document, known }: Pick<CompletionContext, 'document' | 'known'>, cursor: Cursor): Proposal[] {
  const isRoot = cursor.path.length === 0;
  if (isRoot && (cursor.block?.entries.every((entry) => entry === cursor.entry) ?? true)) return [experiment()];
  if (cursor.path.length !== 1 || cursor.path[0] !== 'stages') return [];
  const names = stageNamesOf(document, known);
  const first = names[0] ?? 'teacher';
  const snippets = [
    snippet('teacher', l10n.t('a network of a high resolution, trained on the masks'), [teacher(`\${1:${free('teacher', names)}}`, '${2:224}')]),
    snippet('student', l10n.t('a network that learns from another one'), [student(`\${1:${free('student', names)}}`, '${2:112}', `\${3:${first}}`)]),
    snippet('baseline', l10n.t('the same network without distillation, to compare with'), [teacher(`\${1:${free('baseline', names)}}`, '${2:112}')]),
    snippet('cascade', l10n.t('teacher, assistant and student: each learns from the one before (SCRKD, Table V)'), [
      teacher('${1:teacher}', '${2:448}'),
      student('${3:assistant}', '${4:224}', '${1:teacher}'),
      student('${5:student}', '${6:112}', '${3:assistant}'),
      teacher('${7:baseline}', '${6:112}'),
    ]),
    snippet('trained teacher', l10n.t('a checkpoint file in the place of a training'), [`\${1:${free('teacher', names)}}: { model: ${model}, resolution: \${2:224}, checkpoint: $3 }`]),
    snippet('stage of another config', l10n.t('taken from the run of another config'), [`\${1:${free('teacher', names)}}: { use: $2 }`]),
  ];
  return cursor.style === 'flow' ? snippets.map(({ insert, ...rest }) => ({ ...rest, insert: insert.replaceAll('\n', ', ') })) : snippets;
}

function experiment(): Proposal {
  return snippet('experiment', l10n.t('teacher, student and baseline on a dataset'), [
    'version: 1',
    'experiment: ${1:my-experiment}',
    'dataset: { root: ${2:./ORSSD} }',
    'stages:',
    `  ${teacher('teacher', '${3:224}')}`,
    `  ${student('student', '${4:112}', 'teacher')}`,
    `  ${teacher('baseline', '${4:112}')}`,
  ]);
}

function snippet(label: string, detail: string, lines: readonly string[]): Proposal {
  const insert = lines.join('\n');
  const shown = insert.replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$\d+/g, '');
  return { label, kind: 'snippet', insert, isSnippet: true, detail, documentation: `\`\`\`yaml\n${shown}\n\`\`\``, rank: 3 };
}

function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}-${String(number)}`)) number += 1;
  return `${name}-${String(number)}`;
}
