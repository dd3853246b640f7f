/** A panel's `main.ts` imports style sheets for their effect: the bundler writes them beside its script. */
declare module '*/theme.css';
/** With `{ type: 'text' }`: the style sheet of a library, for a shadow root. */
declare module '*.min.css' {
  const text: string;
  export default text;
}
