/**
 * The conventions of all commands: their usage, their exit codes (0 done, 1 failed, 2 invalid command line or configuration), and failures without a stack.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { CommandFailure, messageOf, StartFailure } from '../base/errors.ts'
import { isTenantId } from '../base/tenant-id.ts'
import { type Config, ConfigError, parseConfig } from '../config.ts'
import { type DurationUnit, parseDuration } from './duration.ts'
import { printError, printOut } from './output.ts'

export const EXIT_DONE = 0
export const EXIT_FAILURE = 1
const EXIT_USAGE = 2

/** The npm script of a command, where it has another name. */
const SCRIPT_NAMES: Readonly<Record<string, string>> = { 'build-page': 'build' }

/** A command that prints help and errors through `output.ts`, in the form in which npm runs it. */
export function createCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpCommand(false)
    .helpOption('--help', 'print this help')
    .showHelpAfterError()
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({ commandUsage: usageOf, helpWidth: 120, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => printOut(text.trimEnd()),
      writeErr: (text) => printError(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: (.)/, (_, first: string) => first.toUpperCase())),
    })
}

/** `npm run keys -- create [options]`: npm forwards only the arguments after the two dashes. */
function usageOf(command: Command): string {
  const names: string[] = []
  for (let each: Command | null = command; each.parent; each = each.parent) names.unshift(each.name())
  const [script = '<command>', ...subcommands] = names
  return ['npm run', SCRIPT_NAMES[script] ?? script, '--', ...subcommands, command.usage()].join(' ')
}

/** A task of a command: takes the configuration of the environment and resolves with the exit code. */
export type CommandTask = (config: Config) => Promise<number>

/** Runs a command line and resolves with its exit code. */
export async function runCommandLine(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...args], { from: 'user' })
    return EXIT_DONE
  } catch (error) {
    if (error instanceof ExitCode) return error.code
    if (error instanceof CommanderError) return error.code === 'commander.helpDisplayed' ? EXIT_DONE : EXIT_USAGE
    if (error instanceof ConfigError) {
      printError(`The configuration is invalid:\n${error.problems.map((problem) => `  - ${problem}`).join('\n')}`)
      return EXIT_USAGE
    }
    const isExpected = error instanceof CommandFailure || error instanceof StartFailure
    printError(isExpected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message))
    return EXIT_FAILURE
  }
}

/** Ends an action with an exit code other than 0. */
class ExitCode {
  readonly code: number

  constructor(code: number) {
    this.code = code
  }
}

/** Runs a task from an action, with the configuration of the environment. Rejects with a value that `runCommandLine` maps to the exit code. */
export async function runTask(task: CommandTask): Promise<void> {
  const code = await task(parseConfig(process.env))
  // oxlint-disable-next-line typescript/only-throw-error -- An exit code is no error.
  if (code !== EXIT_DONE) throw new ExitCode(code)
}

/** Parses the value of an option that names a tenant. */
export function parseTenantOption(value: string): string {
  if (!isTenantId(value)) throw new InvalidArgumentError('It must be 1 to 128 of A-Z a-z 0-9 . _ : -')
  return value
}

/** Parses the value of an option that is a whole number in a range. */
export function integerOption(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

/** Parses the value of an option that is a length of time, into milliseconds; `examples` are part of the error message. */
export function durationOption(units: readonly DurationUnit[], examples: string): (value: string) => number {
  return (value) => {
    const durationMs = parseDuration(value, units)
    if (durationMs === undefined || durationMs === 0)
      throw new InvalidArgumentError(`It must be a time such as ${examples}.`)
    return durationMs
  }
}
