import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process of a test, which never outlives the test run. */
export interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  hasExited(): boolean
  /** Sends the signal and resolves when the process has exited. */
  end(signal: NodeJS.Signals): Promise<Exit>
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** The complete environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** The file to which standard output and standard error are appended. */
  readonly logFile: string
}

const running = new Set<Child>()
process.on('exit', () => {
  for (const child of running) {
    try {
      process.kill(child.pid, 'SIGKILL')
    } catch {
      // The process has exited already.
    }
  }
})

/** Throws an error with `whenMissing`, a sentence on what to install, when the program does not exist. */
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
