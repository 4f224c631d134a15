/**
 * `npm run dead -- list | show N [--raw] | replay [--reason R]`: the dead letters. Exit codes: 0 done, 1 no such letter, no broker, or letters that cannot be replayed, 2 for a wrong command line.
 */
import type { NatsConnection } from 'nats'
import type { Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import { REJECTION_REASONS } from '../events/rejection.ts'
import { connectBroker, Hint } from '../host/broker.ts'
import { runCommand, UsageProblems } from '../host/command.ts'
import { visibleLine } from '../visible-text.ts'
import { findLetter, NoEventSubject, readLetters, replayLetter } from '../nats/dead-letter-office.ts'
import { printError, printOut, writeExactly } from './output.ts'

const EXIT_LEFT = 1

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
      throw new UsageProblems(`show takes the number of one letter.\n\n${USAGE}`)
    return { name, number: Number(number), isRaw: flags.length === 1 }
  }
  if (name !== 'list' && name !== 'replay') throw new UsageProblems(`Expected list, show or replay.\n\n${USAGE}`)
  if (rest.length === 0) return { name, reason: undefined }
  const [flag, value] = rest[0]!.startsWith('--reason=') ? ['--reason', rest[0]!.slice(9)] : rest
  const isKnown = value !== undefined && Object.hasOwn(REJECTION_REASONS, value)
  if (flag !== '--reason' || !isKnown || rest.length > 2)
    throw new UsageProblems(`--reason takes one of the reasons below.\n\n${USAGE}`)
  return { name, reason: value }
}

async function list(connection: NatsConnection, reason: string | undefined): Promise<number> {
  let count = 0
  for await (const letter of readLetters(connection, reason)) {
    count++
    const { number, time, subject, sequence, data, message } = letter
    printOut(
      visibleLine(
        `${number}  ${time.toISOString()}  ${letter.reason}  ${subject}  #${sequence}  ${data.byteLength} bytes  ${message}`,
      ),
    )
  }
  printOut(count === 0 ? 'There are no dead letters.' : `${count} dead letters.`)
  return 0
}

async function show(connection: NatsConnection, number: number, isRaw: boolean): Promise<number> {
  const letter = await findLetter(connection, number)
  if (!letter) throw new Hint(`There is no dead letter ${number}. "npm run dead -- list" shows those there are.`)
  const { data, reason, message, subject, stream, sequence, time, originalHeaders } = letter
  if (isRaw) {
    writeExactly(data)
    return 0
  }
  for (const [name, value] of [
    ['number', letter.number],
    ['put away', time.toISOString()],
    ['reason', `${reason}: ${message}`],
    ['subject', subject],
    ['stream', `${stream} #${sequence}`],
    ['bytes', data.byteLength],
    ...[...originalHeaders].map(([header, values]) => ['header', `${header}: ${values.join(', ')}`]),
  ])
    printOut(visibleLine(`${String(name).padEnd(8)}  ${value}`))
  printOut('')
  printOut(new TextDecoder().decode(data))
  return 0
}

async function replay(connection: NatsConnection, reason: string | undefined): Promise<number> {
  let replayed = 0
  let left = 0
  // Those that there are now: what is rejected again comes back as a new letter, and must not be replayed for ever.
  for await (const letter of readLetters(connection, reason)) {
    const { number, subject } = letter
    try {
      await replayLetter(connection, letter)
      replayed++
    } catch (error) {
      if (!(error instanceof NoEventSubject))
        throw new Hint(`Replayed ${replayed}; letter ${number} could not be published: ${messageOf(error)}`)
      left++
      printOut(visibleLine(`Left ${number}: ${subject} is no subject of an event.`))
    }
  }
  printOut(replayed + left === 0 ? 'There are no dead letters to replay.' : `Replayed ${replayed} dead letters.`)
  if (left > 0) printOut(`Left ${left} dead letters, which cannot be replayed.`)
  return left === 0 ? 0 : EXIT_LEFT
}

async function main(config: Config): Promise<number> {
  const command = readCommandLine(process.argv.slice(2))
  if (command.name === 'help') {
    printOut(USAGE)
    return 0
  }
  const connection = await connectBroker(config, 'outreach-analytics:dead')
  try {
    if (command.name === 'show') return await show(connection, command.number, command.isRaw)
    return command.name === 'list' ? await list(connection, command.reason) : await replay(connection, command.reason)
  } finally {
    await connection.close()
  }
}

process.exitCode = await runCommand(process.env, printError, main)
