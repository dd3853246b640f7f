/** A panel's `main.ts` imports style sheets for their effect: the bundler writes them beside its script. */
declare module '*.css';
