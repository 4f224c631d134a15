import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process of a test: it never outlives the test run. */
export interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  hasExited(): boolean
  /** Sends the signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<Exit>
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Receives standard output and standard error, appended. */
  readonly logFile: string
}

const running = new Set<Child>()
process.on('exit', () => {
  for (const child of running) {
    try {
      process.kill(child.pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
})

/** Throws with `whenMissing`, a sentence on what to install, when there is no such program. */
export function launch(command: Command, whenMissing: string): Promise<Child> {
  const log = openSync(command.logFile, 'a')
  const started = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return new Promise((resolve, reject) => {
    started.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(whenMissing, { cause: error }) : error),
    )
    started.once('spawn', () => {
      let gone = false
      const child: Child = {
        pid: started.pid ?? -1,
        exited: new Promise((settle) =>
          started.once('exit', (code, signal) => {
            gone = true
            running.delete(child)
            settle({ code, signal })
          }),
        ),
        hasExited: () => gone,
        end(signal) {
          if (!gone) started.kill(signal)
          return child.exited
        },
      }
      running.add(child)
      resolve(child)
    })
  })
}
