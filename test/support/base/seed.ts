const FIXED_SEED = 20_261_125

/** The seed that a setting means: a whole number as it is written, `random` a new one, nothing the fixed one. Throws for anything else. */
export function drawSeed(setting: string | undefined): number {
  if (setting === undefined || setting === '') return FIXED_SEED
  if (setting === 'random') return Math.floor(Math.random() * 1_000_000)
  if (!/^\d{1,9}$/.test(setting)) throw new Error('TEST_SEED is a whole number or the word random.')
  return Number(setting)
}

/** The seed of everything that tests draw at random: fixed, so that the gate repeats itself, or the one of TEST_SEED. */
export const SEED = drawSeed(process.env['TEST_SEED'])
