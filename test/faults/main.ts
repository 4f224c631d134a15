/**
 * `npm run faults -- [name …] [--seed N] [--seconds S] [--rate R] [--control] [--list]`: the fault matrix on real processes, or the named rows of it. Progress on
 * standard error, one JSON result on standard output. Ends with 0 when every run was exact, or, with `--control`, when every run was noticed not to be.
 */
import { parseArgs } from 'node:util'
import { machine } from '../bench/measure/machine.ts'
import { type Run, runScenario } from './run.ts'
import { SCENARIOS, scenarioOf } from './scenarios.ts'

const DEFAULT_SECONDS = 20

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
    rate: { type: 'string' },
    control: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const say = (line: string) => void process.stderr.write(`${line}\n`)

if (values.list) {
  for (const { name, store, guarantee } of SCENARIOS)
    process.stdout.write(`${name.padEnd(22)} ${store.padEnd(9)} ${guarantee}\n`)
  process.exit(0)
}

const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const chosen = positionals.length > 0 ? positionals.map(scenarioOf) : SCENARIOS
say(`seed ${seed}`)
const runs: (Run | { scenario: string; isExact: false; error: string })[] = []
for (const scenario of chosen) {
  say(`${scenario.name}: ${scenario.guarantee}`)
  try {
    const run = await runScenario(scenario, {
      seed,
      seconds: Number(values.seconds),
      ...(values.rate === undefined ? {} : { rate: Number(values.rate) }),
      isControl: values.control,
      log: (line) => say(`  ${line}`),
    })
    say(
      `  ${run.isExact ? 'exact' : `NOT exact: ${run.differences.slice(0, 5).join('; ')}`} (${run.rows} rows, ${run.seconds} s)`,
    )
    runs.push(run)
  } catch (error) {
    say(`  FAILED: ${String(error)}`)
    runs.push({ scenario: scenario.name, isExact: false, error: String(error) })
  }
}
process.stdout.write(`${JSON.stringify({ machine: machine(), seed, parameters: values, runs }, null, 2)}\n`)
const isAsWanted = runs.every((run) => ('error' in run ? false : run.isExact !== values.control))
process.exit(isAsWanted ? 0 : 1)
