/** Mutations of each kind of file: few in `npm test`, ten thousand in `npm run test:all`, or as many as SCRKD_FUZZ says. */
export const fuzzCount = Number(process.env['SCRKD_FUZZ'] ?? (process.env['SCRKD_TEST_ALL'] === '1' ? 10_000 : 300));
