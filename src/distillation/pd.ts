/** Pixel distillation (Guo et al., 2023): the student's feature has to reconstruct the image that the teacher sees. */
import { abs, mean, reshape, sub, transpose, type Rank, type Tensor4D } from '@tensorflow/tfjs-core';
import type { PdOptions } from '../config/catalog/pd.ts';
import { activate } from '../nn/activation.ts';
import { convolutionParameters } from '../nn/initialisers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { logitTerm } from './kd.ts';
import { inListOrder, logitsAlone } from './maps.ts';
import type { Method, NetworkShape } from './method.ts';
import { rivalMethod } from './rival.ts';
import { listedFeature, mapTransfers, onTeachersGrid } from './transfers.ts';

const COLOURS = 3;

/** [B,h,w,c·r²] → [B,h·r,w·r,c], channels ordered (colour, row, column) as PyTorch's. */
export function pixelShuffle(map: Tensor4D, factor: number): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const colours = channels / factor ** 2;
  const cells = reshape<Rank.R6>(map, [batch, height, width, colours, factor, factor]);
  return reshape(transpose(cells, [0, 1, 4, 2, 5, 3]), [batch, height * factor, width * factor, colours]);
}

export function pd(options: PdOptions): Method {
  // The factor needs the teacher's size: the reconstruction's parameters follow from the pair.
  return rivalMethod('pd', options, {
    condense: logitsAlone,
    parameters: (student, teacher) => parameters(student, options, teacher),
    transfers: (student, { height, width, ...teacher }) => [
      // The teacher's side is the image that it sees.
      onTeachersGrid('isr', listedFeature(student, options.stageOrder, 0), { name: 'image', height, width, channels: COLOURS }),
      ...mapTransfers('kd', student, { ...teacher, height, width }),
    ],
    loss: (inputs) => {
      const { layers, student, studentShape, teacherImage } = inputs;
      const feature = inListOrder(student.features, options.stageOrder, studentShape)[0]!;
      const enlarged = pixelShuffle(layers.convolution(feature, 'model_sr.conv'), teacherImage.shape[1] / feature.shape[1]);
      const image = activate(enlarged, { kind: 'prelu', slope: layers.weight('model_sr.prelu.weight') });
      return { isr: mean(abs(sub(image, teacherImage))), kd: logitTerm(inputs) };
    },
  });
}

function parameters(student: NetworkShape, { stageOrder }: PdOptions, teacher: NetworkShape): ParameterSpec[] {
  const stages = student.features.map(({ channels }, index) => ({ channels, height: student.grids[index]![0] }));
  const { channels, height } = inListOrder(stages, stageOrder, student)[0]!;
  const factor = teacher.height / height;
  return [
    ...convolutionParameters('model_sr.conv', { in: channels, out: COLOURS * factor ** 2, kernel: 1 }, 'none', 'framework-default'),
    { name: 'model_sr.prelu.weight', shape: [COLOURS], kind: 'trainable', initialiser: { kind: 'constant', value: 0.25 } },
  ];
}
