import manifest from '../../package.json' with { type: 'json' };

/** Versions that a run's manifest names beside those of its engine. */
export const versions: Readonly<Record<string, string>> = { scrkd: manifest.version, node: process.versions.node };
