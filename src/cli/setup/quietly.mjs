import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** Prints a line on standard error: another program may read the standard output. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

export function stop(text) {
  say(text)
  process.exit(1)
}

/** Runs a program without its output. When it fails and `otherwise` is given, prints the output and that sentence, and exits. */
export function quietly(program, programArgs, { otherwise, lock } = {}) {
  const env = { ...process.env, npm_config_update_notifier: 'false' }
  const stdio = ['ignore', 'pipe', 'pipe', ...(lock === undefined ? [] : [lock])]
  const result = spawnSync(program, programArgs, { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (result.status === 0 || otherwise === undefined) return
  const lines = `${result.stderr ?? ''}\n${result.stdout ?? ''}\n${result.error?.message ?? ''}`.trim().split('\n')
  say(lines.length <= 40 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-20)].join('\n'))
  stop(otherwise)
}
