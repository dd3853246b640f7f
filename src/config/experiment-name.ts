/** Which files are configs, and which experiment a config is of, without checking it. */
import { outlineAt, outlineOf } from './service/outline.ts';

const ending = /\.scrkd\.ya?ml$/i;

/** Whether a file is a config, by its name or path. */
export function isConfigFile(name: string): boolean {
  return ending.test(name);
}

/** `orssd` of `orssd.scrkd.yaml`. */
export function withoutEnding(name: string): string {
  return name.replace(ending, '');
}

/** Undefined where the text names none. */
export function experimentNameIn(text: string): string | undefined {
  const experiment = outlineAt(outlineOf(text).root, ['experiment']);
  return experiment?.kind === 'scalar' ? experiment.text : undefined;
}
