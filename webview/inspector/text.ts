/** Numbers as people read them: true minus, fixed decimals. */
import * as l10n from '@vscode/l10n';
import type { ArmRole } from '../../src/protocol/inspector.ts';

export function fixed(value: number | undefined, decimals: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const text = value.toFixed(decimals).replace('-', '−');
  return Number(value.toFixed(decimals)) === 0 ? text.replace('−', '') : text;
}

export function signed(value: number | undefined, decimals: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const text = fixed(value, decimals);
  return Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
}

/** Cosines have 3 decimals, metrics 4. */
export const cosine = (value: number | undefined): string => fixed(value, 3);
export const metric = (value: number | undefined): string => fixed(value, 4);

export function armName(role: ArmRole): string {
  switch (role) {
    case 'plain':
      return l10n.t('Plain');
    case 'teacher':
      return l10n.t('Teacher');
    case 'assistant':
      return l10n.t('Assistant');
    case 'distilled':
      return l10n.t('Distilled');
  }
}
