/** Sizes of networks and grids, short enough for a card. */
import { fixed } from '../shared/format.ts';

/** `42.6 M` */
export function count(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T'];
  let step = 0;
  let rest = value;
  while (rest >= 999.5 && step < units.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return `${fixed(rest, rest >= 100 || step === 0 ? 0 : rest >= 10 ? 1 : 2)}${units[step]!}`;
}

/** A weight as it is written in a config: `10`, `0.5`. */
export function weight(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** `56 × 56 × 256`; a single channel is not said. */
export function size({ height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number }): string {
  return [height, width, ...(channels === 1 ? [] : [channels])].join(' × ');
}

/** Features, branches and maps as the paper writes them, with the stage raised: `F¹`, `D₂³`, `logit⁵`. */
export function featureName(name: string): string {
  const [letter = name, stage = ''] = name.split('.');
  const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const lowered = '₀₁₂₃₄₅₆₇₈₉';
  return letter.replace(/^D(\d)$/, (_, branch: string) => `D${lowered[Number(branch)]!}`) + stage.replace(/\d/g, (digit) => raised[Number(digit)]!);
}
