/** What all commands share: configuration from the environment, and failures told without a stack. */
import { type Config, ConfigError, parseConfig } from '../config.ts'
import { StartFailure } from '../base/errors.ts'
import { CommandFailure } from '../host/connect-broker.ts'

const EXIT_FAILURE = 1
const EXIT_USAGE = 2

/** A command line that is wrong: every problem of it. */
export class UsageError extends Error {}

/** Runs a command and returns its exit code: 1 for what went wrong, 2 for a wrong command line or configuration. */
export async function runCommand(
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
  task: (config: Config) => Promise<number>,
): Promise<number> {
  try {
    return await task(parseConfig(environment))
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UsageError) {
      print(error.message)
      return EXIT_USAGE
    }
    if (error instanceof CommandFailure || error instanceof StartFailure) {
      print(error.message)
      return EXIT_FAILURE
    }
    print(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return EXIT_FAILURE
  }
}
