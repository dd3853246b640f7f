import { html, type TemplateResult } from 'lit';
import { now, type Scrubbed } from './ticks.ts';

/** A number that follows the scrubber, in a box whose size does not depend on it: writing it lays out nothing else. */
export function number(scrubbed: Scrubbed, text: () => string): TemplateResult {
  return html`<span class="number">${now(scrubbed, text)}</span>`;
}
