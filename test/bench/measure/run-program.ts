import { join } from 'node:path'

const BENCH = join(import.meta.dir, '..')

/** Runs a program of `test/bench`, named relative to that folder, and returns what it prints as JSON. Its environment is that of this process and `env`. Throws when the program fails. */
export async function runProgram<Output>(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const child = Bun.spawn([process.execPath, join(BENCH, program), ...args], {
    stdout: 'pipe',
    stderr: 'inherit',
    env: { ...process.env, ...env },
  })
  const output = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`${program} failed`)
  return JSON.parse(output) as Output
}
