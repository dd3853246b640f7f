/** What New Distillation Config offers: only what the check of configs takes. */
import { channelProblem } from '../../config/catalog/method.ts';
import { methodNames, methods, type MethodName } from '../../config/catalog/methods.ts';
import { models, type ModelChoice, type ModelName } from '../../config/catalog/models.ts';
import { decoderChannels, sizesOf } from '../../config/checks/networks.ts';
import { trainingImages } from '../../config/dataset-split.ts';

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

/** What new configs hold out of the training list for choosing the best epoch. */
export const heldOut = { fraction: 0.1, seed: 1 } as const;

/** The paper's batch. */
const usualBatch = 8;

/** The usual batch, or as many images as are left to train on: of a shorter list no batch would come together. @param train images of the training list; absent: unknown */
export function fittingBatch(model: ModelName, train?: number): number {
  if (train === undefined) return usualBatch;
  return Math.max(Math.min(usualBatch, trainingImages({ validation: heldOut }, { train })), models[model].smallestTrainingBatch);
}

/** Options that make a network narrow enough for a CPU. */
export function smallNetwork(model: ModelName): string {
  return 'backbone' in models[model].defaults ? 'backbone: resnet18, width: 0.25' : 'width: 0.25';
}

/** The methods that distil a network into the same one at a smaller size. */
export function fittingMethods(name: ModelName, { teacher, student }: Sizes): MethodName[] {
  const model = { name, options: models[name].defaults } as ModelChoice;
  const channels = decoderChannels(model);
  const square = (side: number) => ({ height: side, width: side });
  const sizes = sizesOf(square(student), { model, resolution: square(teacher) });
  return methodNames.filter((each) => {
    const method = methods[each];
    return channelProblem(method, channels, channels) === undefined && method.sizeProblem?.(sizes, method.presets.default) === undefined;
  });
}
