import { css } from 'lit';

/** How the dashboard is laid out, by its own width. */
export const layout = css`
  :host {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr);
    height: 100%;
  }
  h1 {
    margin: 0;
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .facts {
    flex-shrink: 1000; /* the experiment's name stays longest */
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .smoothing {
    width: 88px;
  }
  .live {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--scrkd-muted);
  }
  .live i {
    width: 6px;
    height: 6px;
    border-radius: 50%;
    background: var(--scrkd-ok);
    animation: pulse 2s infinite;
  }
  @keyframes pulse {
    50% {
      opacity: 0.35;
    }
  }
  .reading {
    height: 0;
    overflow: visible;
    position: relative;
    z-index: 2;
  }
  .reading[data-on]::after {
    content: '';
    position: absolute;
    width: 20%;
    height: 2px;
    background: var(--vscode-progressBar-background);
    animation: travel 1.6s infinite ease-in-out;
  }
  @keyframes travel {
    from {
      left: -20%;
    }
    to {
      left: 100%;
    }
  }
  /* What comes within a moment needs no word before it. */
  .late {
    animation: appear 0s 150ms both;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  main {
    grid-row: -2;
    display: grid;
    grid-template-columns: minmax(0, 1fr) 296px;
    min-height: 0;
  }
  main > scrkd-notice {
    grid-column: 1 / -1;
  }
  .left {
    display: grid;
    grid-template-rows: minmax(0, 1fr) auto;
    gap: 8px;
    min-width: 0;
    min-height: 0;
    padding: 8px 16px;
  }
  .charts {
    display: grid;
    grid-template-rows: minmax(132px, 1.05fr) minmax(132px, 1.05fr) minmax(96px, 0.62fr);
    gap: 8px;
    min-height: 0;
    overflow: auto;
  }
  .charts[data-without='metrics'] {
    grid-template-rows: minmax(132px, 1.05fr) auto minmax(96px, 0.62fr);
  }
  .charts > p {
    margin: 0;
  }
  scrkd-run-table {
    max-height: 30vh;
  }
  .row {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 16px;
    min-height: 0;
  }
  .row.losses {
    grid-template-columns: minmax(0, 1.35fr);
    grid-auto-columns: minmax(0, 1fr);
    grid-auto-flow: column;
  }
  aside {
    min-height: 0;
    border-left: 1px solid var(--scrkd-line);
  }
  scrkd-run-panel {
    height: 100%;
  }

  /* Beside an editor: two charts a row, the side column becomes a band below. */
  :host([data-width='medium']) main {
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr) fit-content(36%);
  }
  :host([data-width='medium']) .charts,
  :host([data-width='narrow']) .charts {
    display: block;
  }
  :host([data-width='medium']) .row {
    grid-template-columns: repeat(2, minmax(0, 1fr));
    grid-auto-flow: row;
    margin-bottom: 8px;
  }
  :host([data-width='medium']) scrkd-chart,
  :host([data-width='narrow']) scrkd-chart {
    height: 148px;
  }
  :host([data-width='medium']) .losses scrkd-chart:first-child {
    grid-column: 1 / -1;
  }
  :host([data-width='medium']) aside,
  :host([data-width='narrow']) aside {
    border-left: 0;
    border-top: 1px solid var(--scrkd-line);
  }

  :host([data-width='medium']) aside {
    overflow: auto;
  }
  :host([data-width='medium']) scrkd-run-panel {
    height: auto;
  }

  /* The side bar: one chart a row, everything in one scroll. */
  :host([data-width='narrow']) .bar {
    gap: 8px;
    padding: 0 8px;
  }
  :host([data-width='narrow']) main {
    display: block;
    overflow: auto;
  }
  :host([data-width='narrow']) .left {
    display: flex;
    flex-direction: column-reverse;
    padding: 8px;
  }
  :host([data-width='narrow']) .charts {
    overflow: visible;
  }
  :host([data-width='narrow']) .row {
    display: block;
  }
  :host([data-width='narrow']) scrkd-chart {
    margin-bottom: 8px;
  }
  :host([data-width='narrow']) scrkd-run-panel {
    height: auto;
    padding: 12px 8px;
  }
`;
