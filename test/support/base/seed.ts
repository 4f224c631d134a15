const FIXED_SEED = 20_261_125

/** The seed for a setting: a whole number as given, a new one for `random`, the fixed one without a setting. Throws for anything else. */
export function drawSeed(setting: string | undefined): number {
  if (setting === undefined || setting === '') return FIXED_SEED
  if (setting === 'random') return Math.floor(Math.random() * 1_000_000)
  if (!/^\d{1,9}$/.test(setting)) throw new Error('TEST_SEED is a whole number or the word random.')
  return Number(setting)
}

/** The seed of all random values in tests: fixed, so that the gate is repeatable, or the value of TEST_SEED. */
export const SEED = drawSeed(process.env['TEST_SEED'])
