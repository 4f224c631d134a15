/**
 * `npm run fuzz -- [--seconds S] [--seed N] [--mutant NAME] [--server] [--repeat JSON]`: sends requests generated from the API document to the service with stored events
 * of several tenants. `--mutant` loads a defect into the service, which must be found; `--server` makes the store fail; `--repeat` repeats the one request of a violation.
 * Prints progress on standard error and one JSON result on standard output. Exits with 0 without violations or, with `--mutant`, with at least one.
 */
import { parseArgs } from 'node:util'
import { machine } from '../bench/measure/machine.ts'
import { MUTANTS } from './mutants.ts'
import { commandOf, type Repeatable, repeat, runFuzz } from './run.ts'
import { openFuzzContext } from './context.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    server: { type: 'boolean', default: false },
    repeat: { type: 'string' },
  },
})
const say = (line: string) => void process.stderr.write(`${line}\n`)

const mutant = MUTANTS.find((name) => name === values.mutant)
if (values.mutant !== undefined && mutant === undefined) {
  say(`There is no mutant ${values.mutant}. There are ${MUTANTS.join(', ')}.`)
  process.exit(2)
}
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const repeated = values.repeat === undefined ? undefined : (JSON.parse(values.repeat) as Repeatable)
const isFailing = repeated !== undefined && 'fault' in repeated
say(`seed ${seed}`)
const context = await openFuzzContext({
  ...(mutant ? { mutant } : {}),
  hasServer: values.server || isFailing || mutant === 'leaked-error',
})
let isViolated = false
try {
  if (repeated) {
    const problem = await repeat(context, repeated, (_, answer) =>
      say(`${answer.head}\n\n${answer.body.slice(0, 2_000)}`),
    ).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    isViolated = problem !== undefined
    process.stdout.write(`${JSON.stringify({ repeated, problem }, null, 2)}\n`)
  } else {
    const report = await runFuzz(context, { seed, seconds: Number(values.seconds) })
    isViolated = report.violations.length > 0
    process.stdout.write(`${JSON.stringify({ machine: machine(), mutant, ...report }, null, 2)}\n`)
    for (const violation of report.violations)
      say(`${violation.kind}, seed ${violation.seed}: ${violation.problem}\n  ${commandOf(violation)}`)
  }
} finally {
  await context.close()
}
process.exit(isViolated === (mutant !== undefined) ? 0 : 1)
