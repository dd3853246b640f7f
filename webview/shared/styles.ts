/** Style sheets that elements share; put `base` first into `static styles`. */
import { css } from 'lit';

/** Box model, focus and numbers, in every shadow root. */
export const base = css`
  :host {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 1px solid var(--scrkd-accent);
    outline-offset: -1px;
  }
  h2,
  h3 {
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
    margin: 0;
  }
  .muted {
    color: var(--scrkd-muted);
  }
  .caption {
    font-size: 11px;
    line-height: 14px;
    color: var(--scrkd-muted);
  }
  /* Said by a screen reader, not drawn. */
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** The one row of controls at a panel's top: `.bar`, with `.space` between its left and its right. */
export const bar = css`
  .bar {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 36px;
    padding: 0 12px;
    border-bottom: 1px solid var(--scrkd-line);
    white-space: nowrap;
    min-width: 0;
  }
  .bar .space {
    flex: 1;
  }
  .bar .group {
    display: flex;
    align-items: center;
    gap: 8px;
  }
`;

/** Text fields and selects: `.field`. */
export const field = css`
  .field {
    height: 24px;
    min-width: 0;
    padding: 0 6px;
    border: 1px solid var(--vscode-input-border, var(--scrkd-contrast-border));
    border-radius: 4px;
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground, var(--scrkd-foreground));
  }
  .field::placeholder {
    color: var(--vscode-input-placeholderForeground);
  }
  .field[aria-invalid='true'] {
    border-color: var(--scrkd-error);
  }
`;

/** Buttons with text: `.button`, and `.secondary` beside it. */
export const button = css`
  .button {
    padding: 2px 11px;
    border: 1px solid var(--vscode-button-border, var(--scrkd-contrast-border));
    border-radius: 4px;
    background: var(--vscode-button-background);
    color: var(--vscode-button-foreground);
    line-height: 18px;
    cursor: pointer;
    white-space: nowrap;
  }
  .button:hover {
    background: var(--vscode-button-hoverBackground);
  }
  .button.secondary {
    background: var(--vscode-button-secondaryBackground);
    color: var(--vscode-button-secondaryForeground);
  }
  .button.secondary:hover {
    background: var(--vscode-button-secondaryHoverBackground);
  }
  .button:focus-visible {
    outline-offset: 2px;
  }
  .button:disabled {
    opacity: 0.5;
    cursor: default;
  }
`;
