/** Which experiment a config is of, without checking it. */
import { outlineAt, outlineOf } from './service/outline.ts';

export function isConfigFile(name: string): boolean {
  return /\.scrkd\.ya?ml$/i.test(name);
}

/** Undefined where the text names none. */
export function experimentNameIn(text: string): string | undefined {
  const experiment = outlineAt(outlineOf(text).root, ['experiment']);
  return experiment?.kind === 'scalar' ? experiment.text : undefined;
}
