import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import denoFile from '../../../deno.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The executable itself, because the script that the package installs forwards no signals. */
export function denoProgram(): string {
  const { runInstall } = createRequire(import.meta.url)('deno/install_api.cjs') as { runInstall(): string }
  return runInstall()
}

/** The arguments of `deno task start`, permissions included. */
export function denoStartArgs(): string[] {
  const [, args] = denoFile.tasks.start.split(' deno ')
  if (args === undefined) throw new Error('The task start of deno.json does not run Deno.')
  return args.split(' ')
}

/** Runs Deno until it exits; returns both outputs. */
export async function runDeno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const { PATH = '', HOME = '' } = process.env
  const child = Bun.spawn([denoProgram(), ...args], {
    cwd: root,
    env: { PATH, HOME, NO_COLOR: '1', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  await child.exited
  return { code: child.exitCode, output: out + err }
}
