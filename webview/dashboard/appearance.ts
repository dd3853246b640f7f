/** How runs look in all curves and in the table. */
import type { RunSummary } from '../../src/protocol/dashboard.ts';

export interface Appearance {
  readonly colour: `--${string}`;
  readonly dash: readonly number[];
}

const colours = ['--vscode-charts-blue', '--vscode-charts-orange', '--vscode-charts-green', '--vscode-charts-purple', '--vscode-charts-yellow', '--vscode-charts-red'] as const;
/** One for each time the colours come round. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
const plainDashes: readonly (readonly number[])[] = [[4, 3], [1, 3], [8, 4], [6, 2, 1, 2]];

/** By run folder. Plain runs are dashed and faint; distilled ones take the colours in order of selection. */
export function appearances(runs: readonly RunSummary[]): Map<string, Appearance> {
  const result = new Map<string, Appearance>();
  let plain = 0;
  let distilled = 0;
  // Teachers and lone baselines are what the others are held against; among themselves they need colours.
  const compared = runs.some((run) => run.distilled);
  for (const run of runs) {
    if (compared && !run.distilled) {
      result.set(run.folder, { colour: '--scrkd-faint', dash: plainDashes[plain++ % plainDashes.length]! });
      continue;
    }
    const turn = Math.floor(distilled / colours.length) % dashes.length;
    result.set(run.folder, { colour: colours[distilled++ % colours.length]!, dash: dashes[turn]! });
  }
  return result;
}
