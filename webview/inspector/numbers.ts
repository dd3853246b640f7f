/** The numbers behind a view: a table of what the side column says, and every matrix or map as it is. */
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { axisNames } from './correlation-view.ts';
import type { Model } from './model.ts';
import { npyOf } from './npy.ts';
import type { Plane } from './plane.ts';
import { imageScores, scoresAt } from './saliency-scores.ts';

export interface Numbers {
  readonly csv: string;
  readonly arrays: readonly { readonly name: string; readonly bytes: ArrayBuffer }[];
}

export function numbersOf(model: Model): Numbers {
  const arrays: { name: string; bytes: ArrayBuffer }[] = [];
  const keep = (name: string, plane: Plane | Gap | undefined): void => {
    if (plane !== undefined && !isGap(plane)) arrays.push({ name, bytes: npyOf(plane) });
  };
  const rows: (string | number | undefined)[][] = [];
  const stages = Array.from({ length: model.stages }, (_, stage) => stage);
  switch (model.state.tab) {
    case 'correlation':
      rows.push(['sample', 'epoch', 'stage', 'view', 'arm', 'l1_to_reference']);
      for (const role of model.roles) {
        keep(`${role}/stage${model.state.stage + 1}/mean`, model.activation(role, model.state.stage));
        for (const stage of stages) {
          for (const view of [0, 1, 2] as const) {
            keep(`${role}/stage${stage + 1}/${axisNames()[view]}`, model.matrix(role, stage, view));
            if (role === 'plain' || role === 'distilled') for (const [epoch, distance] of model.distances(role, stage, view)) rows.push([model.sample, epoch, stage + 1, axisNames()[view], role, distance]);
          }
        }
      }
      break;
    case 'features':
      rows.push(['sample', 'epoch', 'stage', 'arm', 'mean_activation']);
      for (const role of model.roles) {
        for (const stage of stages) {
          const plane = model.activation(role, stage);
          keep(`${role}/stage${stage + 1}/mean`, plane);
          rows.push([model.sample, model.epoch, stage + 1, role, meanOf(plane)]);
        }
      }
      break;
    case 'logits':
      rows.push(['sample', 'epoch', 'head', 'arm', 'mean_logit']);
      for (const role of model.roles) {
        for (let head = 1; head <= model.heads; head++) {
          const plane = model.logit(role, head);
          keep(`${role}/head${head}/logit`, plane);
          rows.push([model.sample, model.epoch, head, role, meanOf(plane)]);
        }
      }
      break;
    case 'saliency':
      rows.push(['sample', 'epoch', 'arm', 'threshold', 'precision', 'recall', 'f', 'iou', 'mae', 'max_f', 's']);
      for (const role of model.roles) rows.push(saliencyRow(model, role, keep));
      break;
  }
  return { csv: rows.map((row) => row.map(field).join(',')).join('\r\n') + '\r\n', arrays };
}

function saliencyRow(model: Model, role: ArmRole, keep: (name: string, plane: Plane | Gap | undefined) => void): (string | number | undefined)[] {
  const plane = model.saliency(role);
  keep(`${role}/saliency`, plane);
  const sample = model.shownSample;
  const mask = sample === undefined || plane === undefined || isGap(plane) ? undefined : model.images.maskAt(sample, plane.columns, plane.rows);
  if (mask === undefined || plane === undefined || isGap(plane)) return [sample, model.epoch, role, model.state.threshold];
  const at = scoresAt(plane, mask.data, model.state.threshold);
  const image = imageScores(plane, mask.data);
  return [sample, model.epoch, role, model.state.threshold, at.precision, at.recall, at.f, at.iou, image?.mae, image?.maxF, image?.s];
}

function meanOf(plane: Plane | Gap | undefined): number | undefined {
  if (plane === undefined || isGap(plane)) return undefined;
  return plane.data.reduce((sum, value) => sum + value, 0) / plane.data.length;
}

/** RFC 4180; a leading `=`, `+`, `-` or `@` of a name would be a formula in a spreadsheet. */
function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
