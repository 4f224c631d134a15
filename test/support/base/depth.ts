/**
 * Whether tests run all of their combinations, as `npm run test:long` does. The gate runs those in which every value of each parameter, and every pair that matters, occurs
 * at least once.
 */
export const IS_FULL = process.env['TEST_DEPTH'] === 'full'
