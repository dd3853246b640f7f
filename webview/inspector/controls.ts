/** The shared controls as this panel's templates use them. */
import '../shared/icon-button.ts';
import '../shared/segmented.ts';
import '../shared/slider.ts';
import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Segmented } from '../shared/segmented.ts';
import type { Slider } from '../shared/slider.ts';

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly title?: string;
}

export function segmented<Value extends string>(label: string, options: readonly Option<Value>[], chosen: Value, choose: (value: Value) => void): TemplateResult {
  return html`<scrkd-segmented .label=${label} .segments=${options} .value=${live(chosen)} @change=${(event: Event) => choose((event.currentTarget as Segmented).value as Value)}></scrkd-segmented>`;
}

export function select<Value extends string>(label: string, options: readonly Option<Value>[], chosen: Value, choose: (value: Value) => void): TemplateResult {
  return html`<select aria-label=${label} title=${label} .value=${live(chosen)} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Value)}>
    ${options.map(({ value, label: text }) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
  </select>`;
}

export function iconButton(icon: string, label: string, press: () => void, pressed?: boolean, disabled = false): TemplateResult {
  return html`<scrkd-icon-button .icon=${icon} .label=${label} .pressed=${pressed} .disabled=${disabled} @click=${press}></scrkd-icon-button>`;
}

export interface RangeOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly text: string;
}

export function slider({ label, min, max, step, value, text }: RangeOptions, change: (value: number) => void): TemplateResult {
  return html`<scrkd-slider .label=${label} .min=${min} .max=${max} .step=${step} .value=${live(value)} .valueText=${text} @input=${(event: Event) => change((event.currentTarget as Slider).value)}></scrkd-slider>`;
}
