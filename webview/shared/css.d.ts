/** A panel's `main.ts` imports style sheets for their effect: the bundler writes them beside its script. */
declare module '*.css';
/** With `{ type: 'text' }`: the style sheet of a library, for a shadow root. */
declare module 'uplot/dist/*.css' {
  const text: string;
  export default text;
}
