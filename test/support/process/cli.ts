import { join, resolve } from 'node:path'

const projectDir = resolve(import.meta.dir, '../../..')

/** Runs a command of the command line until it exits and returns both outputs. */
export async function runCli(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { readonly input?: string } = {},
): Promise<{ code: number | null; output: string }> {
  const child = Bun.spawn([process.execPath, join(projectDir, 'src/cli/main.ts'), name, ...args], {
    cwd: projectDir,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: new Blob([options.input ?? '']),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  await child.exited
  return { code: child.exitCode, output: out + err }
}
