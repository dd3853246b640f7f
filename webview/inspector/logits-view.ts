/** Logits (Fig. 12): raw, as the decoupled two-channel soft labels of DSD, and the divergence between arms, pixel by pixel. */
import * as l10n from '@vscode/l10n';
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { magnitudeColours } from './colour.ts';
import { slider } from './controls.ts';
import { mapCell, pointValue } from './features-view.ts';
import { derived, LazyPlane } from './lazy-plane.ts';
import type { PictureAt } from './map-element.ts';
import type { Model } from './model.ts';
import type { Picture } from './painting.ts';
import { number } from './number.ts';
import { pointTable } from './place.ts';
import { mapPlane, planeId, resizeBilinear, valueAt, type Plane } from './plane.ts';
import './sheet.ts';
import { divergence, softLabel } from './soft-logits.ts';
import { armName, fixed } from './text.ts';
import { now, onceAStep } from './ticks.ts';
import { panAndZoom } from './zoom.ts';

/** Raw logits are shown from −7 to 7: beyond, a sigmoid is 0 or 1 to three decimals. */
const logitLimit = 7;

export function logitsView(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
  const heads = Array.from({ length: model.heads }, (_, index) => index + 1);
  const tau = model.state.temperature ?? model.snapshot.temperature;
  const { reference } = model.snapshot;
  const compared = model.roles.filter((role) => reference !== undefined && role !== reference && (role === 'plain' || role === 'distilled'));
  const group = (title: string, note: string, roles: readonly ArmRole[]) => html`<div role="columnheader" class="group"><div class="title"><h2>${title}</h2><span class="caption">${note}</span></div><div class="cells caption">${roles.map((role) => html`<span>${armName(role)}</span>`)}</div></div>`;
  return html`<div class="logits">
    <div class="scroll main" ${panAndZoom(model)}><scrkd-sheet>
      <div class="logit-grid arms-${model.roles.length} compared-${compared.length} ${width}" role="grid" aria-label=${l10n.t('Logits')}>
        <div class="heading" role="row">
          <span role="columnheader"><span class="unseen">${l10n.t('Head')}</span></span>
          ${group(l10n.t('Logits'), l10n.t('raw, ±{0}', logitLimit), model.roles)}
          ${group(l10n.t('Soft logits'), l10n.t('q of the salient channel'), model.roles)}
          ${compared.length === 0 ? nothing : group(l10n.t('KL({0} ‖ arm)', armName(reference!).toLowerCase()), l10n.t('per pixel'), compared)}
        </div>
        ${heads.map((head) => row(model, head, tau, compared, reference))}
      </div>
    </scrkd-sheet></div>
    ${side(model, heads, tau, compared, reference)}
  </div>`;
}

function row(model: Model, head: number, tau: number, compared: readonly ArmRole[], reference: ArmRole | undefined): TemplateResult {
  const { window } = model.state;
  const divergenceAt = (role: ArmRole, epoch: number): Plane | Gap | undefined => divergenceOf(model.logit(role, head, epoch), reference && model.logit(reference, head, epoch), tau);
  /** The students' maps share their scale. */
  const highestAt = (epoch: number): number => Math.max(1e-6, ...compared.map((role) => divergenceAt(role, epoch)).flatMap((plane) => (plane === undefined || isGap(plane) ? [] : [quantile995(plane)])));
  const own = model.logit(model.roles.at(-1)!, head);
  return html`<div class="row" role="row">
    <div class="stage" role="rowheader">H${head}<span class="caption">${own === undefined || isGap(own) ? '' : `${own.rows}²`}</span></div>
    <div class="cells" role="gridcell">
      ${model.roles.map((role) => {
        const pictureAt = pictures((epoch) => model.logit(role, head, epoch), () => ({ low: -logitLimit, high: logitLimit, colours: model.diverging, order: undefined, window }));
        return mapCell(model, pictureAt, l10n.t('Head {0}, logits, {1}', head, armName(role)), () => pointValue(model, model.logit(role, head), 1));
      })}
    </div>
    <span class="caption part" aria-hidden="true">${l10n.t('Soft logits')}</span>
    <div class="cells" role="gridcell">
      ${model.roles.map((role) => {
        const softAt = (epoch: number): Plane | Gap | undefined => soft(model.logit(role, head, epoch), tau);
        const pictureAt = pictures(softAt, () => ({ ...model.levelled(softLimits(tau)), colours: model.colours, order: undefined, window }));
        return mapCell(model, pictureAt, l10n.t('Head {0}, soft logits, {1}', head, armName(role)), () => pointValue(model, softAt(model.epoch), 3));
      })}
    </div>
    ${compared.length === 0
      ? nothing
      : html`<span class="caption part" aria-hidden="true">${l10n.t('KL({0} ‖ arm)', armName(reference!).toLowerCase())}: ${compared.map((role) => armName(role).toLowerCase()).join(', ')}</span>
        <div class="cells" role="gridcell">
          ${compared.map((role) => {
            const pictureAt = pictures((epoch) => divergenceAt(role, epoch), (epoch) => ({ low: 0, high: highestAt(epoch), colours: magnitudeColours('magma'), order: undefined, window }));
            return mapCell(model, pictureAt, l10n.t('Head {0}, divergence from the teacher, {1}', head, armName(role)), () => pointValue(model, divergenceAt(role, model.epoch), 4));
          })}
        </div>`}
  </div>`;
}

/** q lies between these: [s, 1 − s] is squashed once more by the softmax. */
function softLimits(tau: number): { low: number; high: number } {
  const high = 1 / (1 + Math.exp(-1 / tau));
  return { low: 1 - high, high };
}

function pictures(planeAt: (epoch: number) => Plane | Gap | undefined, look: (epoch: number) => Omit<Picture, 'plane'>): PictureAt {
  return (epoch) => {
    const plane = planeAt(epoch);
    return plane === undefined || isGap(plane) ? plane : { plane, ...look(epoch) };
  };
}

function soft(plane: Plane | Gap | undefined, tau: number): Plane | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  return mapPlane(plane, `soft ${tau}`, (logit) => softLabel(logit, tau));
}

/** Per pixel of the teacher's map, to which the student's logits are resized (bilinear, corners aligned), as in the loss. */
function divergenceOf(student: Plane | Gap | undefined, teacher: Plane | Gap | undefined, tau: number): Plane | Gap | undefined {
  if (student === undefined || isGap(student)) return student;
  if (teacher === undefined || isGap(teacher)) return teacher;
  const { rows, columns } = teacher;
  return derived(student, `divergence ${planeId(teacher)} ${tau}`, () => new LazyPlane(rows, columns, () => {
    const resized = resizeBilinear(student, rows, columns);
    return teacher.data.map((logit, i) => divergence(logit, resized.data[i]!, tau));
  }));
}

interface Summary {
  readonly mean: number;
  readonly quantile995: number;
}

const summaries = new WeakMap<Plane, Summary>();

function summaryOf(plane: Plane): Summary {
  const known = summaries.get(plane);
  if (known !== undefined) return known;
  const sorted = Float32Array.from(plane.data).sort();
  const summary = { mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, quantile995: sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 0 };
  summaries.set(plane, summary);
  return summary;
}

function quantile995(plane: Plane): number {
  return summaryOf(plane).quantile995;
}

/** L_DSD of a head: mean over pixels and both channels, times τ². */
function lossOf(plane: Plane | Gap | undefined, tau: number): number | undefined {
  if (plane === undefined || isGap(plane)) return undefined;
  return (tau * tau * summaryOf(plane).mean) / 2;
}

function side(model: Model, heads: readonly number[], tau: number, compared: readonly ArmRole[], reference: ArmRole | undefined): TemplateResult {
  const trained = model.snapshot.temperature;
  const { low, high } = softLimits(tau);
  const point = model.hover?.kind === 'point';
  const losses = onceAStep(model, () => new Map(compared.map((role) => [role, heads.map((head) => lossOf(divergenceOf(model.logit(role, head), reference && model.logit(reference, head), tau), tau) ?? Number.NaN)])));
  const thousands = (value: number): string => fixed(1000 * value, 2);
  const total = (role: ArmRole): number => losses().get(role)!.reduce((sum, value) => sum + value, 0);
  return html`<aside class="side" aria-label=${l10n.t('Temperature and losses')}><div class="inner">
    <div class="threshold">
      <h2>${l10n.t('Temperature')} τ<sub>2</sub></h2>
      ${slider({ label: l10n.t('Temperature of the soft logits'), min: 0.25, max: 8, step: 0.05, value: tau, text: fixed(tau, 2) }, (temperature) => model.actions.update({ temperature }))}
      <span>${fixed(tau, 2)}</span>
    </div>
    ${squash(model, tau)}
    <p class="caption">${l10n.t('The two-channel map [s, 1 − s] is squashed twice by design; at this τ₂ q stays in {0} … {1}. Moving the slider changes only this view, not the run (τ₂ = {2}).', fixed(low, 3), fixed(high, 3), trained)}
      ${tau === trained ? nothing : html`<button class="link" @click=${() => model.actions.update({ temperature: undefined })}>${l10n.t('Back to {0}', trained)}</button>`}</p>
    ${pointTable(model, reference && model.logit(reference, 1), model.logit(model.roles.at(-1)!, 1))}
    ${point
      ? html`<table class="read-out">
          <thead><tr><th scope="col">${l10n.t('head 1, under the pointer')}</th><th scope="col">${l10n.t('logit')}</th><th scope="col">q</th></tr></thead>
          <tbody>
            ${model.roles.map((role) => html`<tr data-role=${role}><th scope="row"><i class="key ${role}"></i>${armName(role)}</th><td>${number(model, () => pointValue(model, model.logit(role, 1), 2))}</td><td>${number(model, () => pointValue(model, soft(model.logit(role, 1), tau), 3))}</td></tr>`)}
          </tbody>
        </table>`
      : nothing}
    ${compared.length === 0
      ? nothing
      : html`<table class="sums">
          <thead><tr><th scope="col">L<sub>DSD</sub> × 10³</th>${compared.map((role) => html`<th scope="col">${armName(role).toLowerCase()}</th>`)}</tr></thead>
          <tbody>
            ${heads.map((head, i) => html`<tr><th scope="row">${l10n.t('Head {0}', head)}</th>${compared.map((role) => html`<td>${number(model, () => thousands(losses().get(role)![i]!))}</td>`)}</tr>`)}
            <tr class="total"><th scope="row">${l10n.t('Σ heads')}</th>${compared.map((role) => html`<td>${number(model, () => thousands(total(role)))}</td>`)}</tr>
          </tbody>
        </table>`}
  </div></aside>`;
}

/** σ and q over the logit. */
function squash(model: Model, tau: number): TemplateResult {
  const path = (curve: (logit: number) => number): string => Array.from({ length: 57 }, (_, i) => `${i === 0 ? 'M' : 'L'}${((1000 * i) / 56).toFixed(1)} ${(96 - 92 * curve(-logitLimit + (i * 2 * logitLimit) / 56)).toFixed(2)}`).join('');
  return html`<div class="profile curves" role="img" aria-label=${l10n.t('Sigmoid, dashed, and soft label over the logit from −7 to 7')}>
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <line class="grid" x1="0" x2="1000" y1="4" y2="4" /><line class="grid" x1="0" x2="1000" y1="50" y2="50" /><line class="axis" x1="0" x2="1000" y1="96" y2="96" />
      ${svg`<path class="plain" d=${path((logit) => 1 / (1 + Math.exp(-logit)))} /><path class="distilled" d=${path((logit) => softLabel(logit, tau))} />`}
    </svg>
    ${now(model, () => dots(model, tau))}
    <span class="caption top">1</span><span class="caption bottom">0</span><span class="caption start">−7</span><span class="caption end">7</span>
  </div>`;
}

/** Where the pixels under the pointer are on the curve. */
function dots(model: Model, tau: number): TemplateResult[] | typeof nothing {
  const { hover } = model;
  if (hover?.kind !== 'point') return nothing;
  return model.roles.flatMap((role) => {
    const plane = model.logit(role, 1);
    if (plane === undefined || isGap(plane)) return [];
    const logit = valueAt(plane, Math.min(plane.rows - 1, Math.floor(hover.y * plane.rows)), Math.min(plane.columns - 1, Math.floor(hover.x * plane.columns)));
    return [html`<i class="dot ${role}" .style=${`left:${Math.min(100, Math.max(0, 50 + (50 * logit) / logitLimit))}%;top:${96 - 92 * softLabel(logit, tau)}%`}></i>`];
  });
}
