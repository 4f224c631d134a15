/**
 * `bun test/support/repository/checks.ts NAME…`, which `npm run check` calls: runs these scripts of package.json, as many at a time as the machine has processors, and
 * prints the output of each in one piece when it ends. Runs all of them even if one fails; exits with 1 when any failed. A slow script should be named early.
 */
import { availableParallelism } from 'node:os'

const waiting = process.argv.slice(2)
const failed: string[] = []

async function runScripts(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const startedAt = performance.now()
    // With one descriptor for both, the lines keep their order.
    const child = Bun.spawn(['bash', '-c', 'exec npm run --silent "$0" 2>&1', name], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    })
    const output = await new Response(child.stdout).text()
    const isGood = (await child.exited) === 0
    if (!isGood) failed.push(name)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    process.stdout.write(`${output}${name}: ${isGood ? 'passed' : 'failed'} in ${seconds} s\n`)
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runScripts))
if (failed.length > 0) process.stdout.write(`Failed: ${failed.toSorted().join(', ')}\n`)
process.exitCode = failed.length > 0 ? 1 : 0
