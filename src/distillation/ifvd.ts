/** IFVD, intra-class feature variation distillation (Wang et al., 2020): how alike a class's pixels are to their centre. */
import { add, cast, div, equal, greaterEqual, less, maximum, mean, mul, sqrt, square, squaredDifference, sub, sum, type Scalar, type Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { IfvdOptions } from '../config/catalog/ifvd.ts';
import { gridOf, resizeBilinear, resizeNearest } from '../nn/resize.ts';
import { adversary } from './discriminator.ts';
import { pixelDivergence } from './divergence.ts';
import { comparedMaps, inListOrder } from './maps.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { listedFeature, mapTransfers, onTeachersGrid } from './transfers.ts';

/** The third of the list. */
const STAGE = 2;
const SMALLEST_COUNT = 1e-6;
const SMALLEST_NORM = 1e-8;

/** Masks of the classes whose variation is compared: [B,h,w,1] of 0 and 1. */
function classMasks(mask: Tensor4D, classes: IfvdOptions['classes']): Tensor4D[] {
  const chosen: Tensor[] = classes === 'official' ? [equal(mask, 0)] : [less(mask, 0.5), greaterEqual(mask, 0.5)];
  return chosen.map((each) => cast(each as Tensor4D, 'float32'));
}

/** Cosine of every pixel with the centre of its class in its image; 1 where it has none. [B,h,w,C] → [B,h,w] */
function cosinesWithCentre(feature: Tensor4D, masks: readonly Tensor4D[]): Tensor3D {
  let centres = feature;
  for (const mask of masks) {
    const centre = div(sum(mul(feature, mask), [1, 2], true), add(sum(mask, [1, 2], true), SMALLEST_COUNT));
    centres = add(mul(centres, sub(1, mask)), mul(centre, mask));
  }
  const norm = (map: Tensor4D): Tensor3D => sqrt(sum(square(map), 3));
  return div(sum(mul(feature, centres), 3), maximum(mul(norm(feature), norm(centres)), SMALLEST_NORM));
}

/**
 * Mean squared difference of the cosines of two features of one grid.
 * @param mask [B,H,W,1] of any size, read at the nearest pixel.
 */
export function variationError(student: Tensor4D, teacher: Tensor4D, mask: Tensor4D, classes: IfvdOptions['classes']): Scalar {
  const masks = classMasks(resizeNearest(mask, gridOf(teacher)), classes);
  return mean(squaredDifference(cosinesWithCentre(student, masks), cosinesWithCentre(teacher, masks)));
}

/** The third stage, or the last that both have. */
function comparedStage(student: { readonly features: readonly unknown[] }, teacher: { readonly features: readonly unknown[] }): number {
  return Math.min(STAGE, student.features.length - 1, teacher.features.length - 1);
}

export function ifvd(options: IfvdOptions): Method {
  const { extraSteps, term } = adversary(options.discriminator);
  return rivalMethod('ifvd', options, {
    transfers: (student, teacher) => {
      const stage = comparedStage(student, teacher);
      const variation = onTeachersGrid('variation', listedFeature(student, options.stageOrder, stage), listedFeature(teacher, options.stageOrder, stage));
      return [...mapTransfers('kd', student, teacher).slice(0, 1), variation, ...mapTransfers('adversarial', student, teacher).slice(0, 1)];
    },
    loss: (inputs) => {
      const { student, teacher, studentShape, teacherShape } = inputs;
      const map = comparedMaps(inputs)[0]!;
      const stage = comparedStage(student, teacher);
      const target = inListOrder(teacher.features, options.stageOrder, teacherShape)[stage]!;
      const feature = resizeBilinear(inListOrder(student.features, options.stageOrder, studentShape)[stage]!, gridOf(target));
      return {
        kd: pixelDivergence(map.student, map.teacher, inputs.temperature),
        variation: variationError(feature, target, inputs.mask, options.classes),
        adversarial: term(inputs),
      };
    },
    ...(extraSteps && { extraSteps }),
  });
}
