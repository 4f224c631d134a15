/**
 * `npm run dead -- list | show N [--raw] | replay [--reason R]`: the dead letters. Exit codes: 0 done, 1 no such letter, no broker, or letters that cannot be replayed, 2 for a wrong command line.
 */
import type { NatsConnection } from 'nats'
import type { Config } from '../config.ts'
import { messageOf } from '../base/errors.ts'
import { REJECTION_REASONS } from '../events/rejection.ts'
import { connectBroker, CommandFailure } from '../host/connect-broker.ts'
import { runCommand, UsageError } from './run-command.ts'
import { terminalSafeLine } from '../base/terminal-safe-text.ts'
import {
  findDeadLetter,
  NotAnEventSubject,
  readDeadLetters,
  replayDeadLetter,
} from '../nats/dead-letters/dead-letter-reader.ts'
import { printError, printOut, writeRaw } from './output.ts'

const EXIT_NOT_REPLAYED = 1

const USAGE = `Usage: npm run dead -- list [--reason R]      every dead letter, one a line
       npm run dead -- show N [--raw]         one letter with its headers and its contents; --raw: its original bytes alone
       npm run dead -- replay [--reason R]    publish them again on their original subjects

Reasons: ${Object.keys(REJECTION_REASONS).join(', ')}`

type Command =
  | { name: 'help' }
  | { name: 'list' | 'replay'; reason: string | undefined }
  | { name: 'show'; number: number; isRaw: boolean }

function readCommandLine([name, ...rest]: readonly string[]): Command {
  if (name === '--help' || name === 'help') return { name: 'help' }
  if (name === 'show') {
    const [number = '', ...flags] = rest
    if (!/^[1-9]\d{0,15}$/.test(number) || flags.length > 1 || (flags.length === 1 && flags[0] !== '--raw'))
      throw new UsageError(`show takes the number of one letter.\n\n${USAGE}`)
    return { name, number: Number(number), isRaw: flags.length === 1 }
  }
  if (name !== 'list' && name !== 'replay') throw new UsageError(`Expected list, show or replay.\n\n${USAGE}`)
  if (rest.length === 0) return { name, reason: undefined }
  const [flag, value] = rest[0]!.startsWith('--reason=') ? ['--reason', rest[0]!.slice(9)] : rest
  const isKnown = value !== undefined && Object.hasOwn(REJECTION_REASONS, value)
  if (flag !== '--reason' || !isKnown || rest.length > 2)
    throw new UsageError(`--reason takes one of the reasons below.\n\n${USAGE}`)
  return { name, reason: value }
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
  printOut(count === 0 ? 'There are no dead letters.' : `${count} dead letters.`)
  return 0
}

async function showDeadLetter(connection: NatsConnection, number: number, isRaw: boolean): Promise<number> {
  const deadLetter = await findDeadLetter(connection, number)
  if (!deadLetter)
    throw new CommandFailure(`There is no dead letter ${number}. "npm run dead -- list" shows those there are.`)
  const { data, reason, message, subject, stream, sequence, time, originalHeaders } = deadLetter
  if (isRaw) {
    writeRaw(data)
    return 0
  }
  for (const [name, value] of [
    ['number', deadLetter.number],
    ['put away', time.toISOString()],
    ['reason', `${reason}: ${message}`],
    ['subject', subject],
    ['stream', `${stream} #${sequence}`],
    ['bytes', data.byteLength],
    ...[...originalHeaders].map(([header, values]) => ['header', `${header}: ${values.join(', ')}`]),
  ])
    printOut(terminalSafeLine(`${String(name).padEnd(8)}  ${value}`))
  printOut('')
  printOut(new TextDecoder().decode(data))
  return 0
}

async function replayDeadLetters(connection: NatsConnection, reason: string | undefined): Promise<number> {
  let replayed = 0
  let skipped = 0
  // Those that there are now: what is rejected again comes back as a new letter, and must not be replayed for ever.
  for await (const deadLetter of readDeadLetters(connection, reason)) {
    const { number, subject } = deadLetter
    try {
      await replayDeadLetter(connection, deadLetter)
      replayed++
    } catch (error) {
      if (!(error instanceof NotAnEventSubject))
        throw new CommandFailure(`Replayed ${replayed}; letter ${number} could not be published: ${messageOf(error)}`)
      skipped++
      printOut(terminalSafeLine(`Left ${number}: ${subject} is no subject of an event.`))
    }
  }
  printOut(replayed + skipped === 0 ? 'There are no dead letters to replay.' : `Replayed ${replayed} dead letters.`)
  if (skipped > 0) printOut(`Left ${skipped} dead letters, which cannot be replayed.`)
  return skipped === 0 ? 0 : EXIT_NOT_REPLAYED
}

async function main(config: Config): Promise<number> {
  const command = readCommandLine(process.argv.slice(2))
  if (command.name === 'help') {
    printOut(USAGE)
    return 0
  }
  const connection = await connectBroker(config, 'outreach-analytics:dead')
  try {
    if (command.name === 'show') return await showDeadLetter(connection, command.number, command.isRaw)
    return command.name === 'list'
      ? await listDeadLetters(connection, command.reason)
      : await replayDeadLetters(connection, command.reason)
  } finally {
    await connection.close()
  }
}

process.exitCode = await runCommand(process.env, printError, main)
