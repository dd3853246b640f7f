/** What New Distillation Config offers: only what the check of configs takes. */
import { methodNames, methods, type MethodName } from '../../config/catalog/methods.ts';
import { models, type ModelName } from '../../config/catalog/models.ts';
import { sizesOf } from '../../config/checks/networks.ts';

/** Sides of square images, in pixels. */
export interface Sizes {
  readonly teacher: number;
  readonly student: number;
}

export const offeredSizes: readonly Sizes[] = [
  { teacher: 448, student: 112 },
  { teacher: 448, student: 224 },
  { teacher: 224, student: 112 },
  { teacher: 112, student: 56 },
];

/** Options that make a network narrow enough for a CPU. */
export function smallNetwork(model: ModelName): string {
  return 'backbone' in models[model].defaults ? 'backbone: resnet18, width: 0.25' : 'width: 0.25';
}

/** The methods that distil a network into the same one at a smaller size. */
export function fittingMethods(model: ModelName, { teacher, student }: Sizes): MethodName[] {
  const entry = models[model];
  const channels = new Set(entry.features(entry.defaults).channels);
  const square = (side: number) => ({ height: side, width: side });
  const sizes = sizesOf(square(student), { model: { name: model, options: entry.defaults }, resolution: square(teacher) });
  return methodNames.filter((name) => {
    const method = methods[name];
    return !(method.mixesStages === true && channels.size > 1) && method.sizeProblem?.(sizes, method.presets.default) === undefined;
  });
}
