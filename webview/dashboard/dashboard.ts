import * as l10n from '@vscode/l10n';
import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import '../shared/notice.ts';
import { base } from '../shared/styles.ts';
import { WidthController } from '../shared/width-class.ts';

/** The panel of runs and their curves. */
@customElement('scrkd-dashboard')
export class Dashboard extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: block;
        height: 100%;
      }
    `,
  ];

  readonly width = new WidthController(this);

  protected override render(): unknown {
    return html`<scrkd-notice kind="loading" headline=${l10n.t('Reading runs')}></scrkd-notice>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-dashboard': Dashboard;
  }
}
