import { type Command, InvalidArgumentError, Option } from 'commander'
import type { NatsConnection } from 'nats'
import { CommandFailure, messageOf } from '../../base/errors.ts'
import { terminalSafeLine } from '../../base/texts/terminal-safe-text.ts'
import { REJECTION_REASONS } from '../../events/rejection.ts'
import {
  findDeadLetter,
  NotAnEventSubject,
  readDeadLetters,
  replayDeadLetter,
} from '../../nats/dead-letters/dead-letter-reader.ts'
import { createCommand, EXIT_DONE, EXIT_FAILURE, runTask } from '../command.ts'
import { pluralise } from '../format.ts'
import { printOut, writeRaw } from '../output.ts'
import { connectBroker } from './connect-broker.ts'

interface ReasonOptions {
  readonly reason?: string
}

export function deadLettersCommand(): Command {
  const reasonOption = () =>
    new Option('--reason <reason>', 'only dead letters with this reason').choices(Object.keys(REJECTION_REASONS))
  return createCommand('dead-letters', 'Lists, shows and replays dead letters.')
    .addCommand(
      createCommand('list', 'Prints one line per dead letter.')
        .addOption(reasonOption())
        .action(({ reason }: ReasonOptions) => runOnBroker((connection) => listDeadLetters(connection, reason))),
    )
    .addCommand(
      createCommand('show', 'Prints a dead letter with its headers and its body.')
        .argument('<number>', 'the number of the dead letter, as list prints it', parseNumber)
        .option('--raw', 'print the original bytes only')
        .action((number: number, { raw = false }: { readonly raw?: boolean }) =>
          runOnBroker((connection) => showDeadLetter(connection, number, raw)),
        ),
    )
    .addCommand(
      createCommand('replay', 'Publishes dead letters again on their original subjects.')
        .addOption(reasonOption())
        .action(({ reason }: ReasonOptions) => runOnBroker((connection) => replayDeadLetters(connection, reason))),
    )
}

function parseNumber(value: string): number {
  if (!/^[1-9]\d{0,15}$/.test(value)) throw new InvalidArgumentError('It must be the number of a dead letter.')
  return Number(value)
}

function runOnBroker(task: (connection: NatsConnection) => Promise<number>): Promise<void> {
  return runTask(async (config) => {
    const connection = await connectBroker(config, 'dead-letters')
    try {
      return await task(connection)
    } finally {
      await connection.close()
    }
  })
}

async function listDeadLetters(connection: NatsConnection, reason: string | undefined): Promise<number> {
  let count = 0
  for await (const deadLetter of readDeadLetters(connection, reason)) {
    count++
    const { number, time, subject, sequence, data, message } = deadLetter
    printOut(
      terminalSafeLine(
        `${number}  ${time.toISOString()}  ${deadLetter.reason}  ${subject}  #${sequence}  ${data.byteLength} bytes  ${message}`,
      ),
    )
  }
  printOut(count === 0 ? 'There are no dead letters.' : `${pluralise(count, 'dead letter')}.`)
  return EXIT_DONE
}

async function showDeadLetter(connection: NatsConnection, number: number, isRaw: boolean): Promise<number> {
  const deadLetter = await findDeadLetter(connection, number)
  if (!deadLetter)
    throw new CommandFailure(`There is no dead letter ${number}. "npm run dead-letters -- list" prints all of them.`)
  const { data, reason, message, subject, stream, sequence, time, originalHeaders } = deadLetter
  if (isRaw) {
    writeRaw(data)
    return EXIT_DONE
  }
  for (const [name, value] of [
    ['number', deadLetter.number],
    ['stored', time.toISOString()],
    ['reason', `${reason}: ${message}`],
    ['subject', subject],
    ['stream', `${stream} #${sequence}`],
    ['bytes', data.byteLength],
    ...[...originalHeaders].map(([header, values]) => ['header', `${header}: ${values.join(', ')}`]),
  ])
    printOut(terminalSafeLine(`${String(name).padEnd(8)}  ${value}`))
  printOut('')
  printOut(new TextDecoder().decode(data))
  return EXIT_DONE
}

async function replayDeadLetters(connection: NatsConnection, reason: string | undefined): Promise<number> {
  let replayed = 0
  let skipped = 0
  // Only the dead letters that exist now: an event that is rejected again becomes a new dead letter, which must not be replayed for ever.
  for await (const deadLetter of readDeadLetters(connection, reason)) {
    const { number, subject } = deadLetter
    try {
      await replayDeadLetter(connection, deadLetter)
      replayed++
    } catch (error) {
      if (!(error instanceof NotAnEventSubject))
        throw new CommandFailure(
          `Replayed ${pluralise(replayed, 'dead letter')}. Dead letter ${number} could not be published: ${messageOf(error)}`,
        )
      skipped++
      printOut(terminalSafeLine(`Skipped ${number}: ${subject} is not the subject of an event.`))
    }
  }
  printOut(
    replayed + skipped === 0
      ? 'There are no dead letters to replay.'
      : `Replayed ${pluralise(replayed, 'dead letter')}.`,
  )
  if (skipped > 0) printOut(`Skipped ${pluralise(skipped, 'dead letter')} that cannot be replayed.`)
  return skipped === 0 ? EXIT_DONE : EXIT_FAILURE
}
