import { type Command, InvalidArgumentError } from 'commander'
import type { ErasureReceipt } from '../../clickhouse/access/erase-contact.ts'
import type { Config } from '../../config.ts'
import { eraseAlertRecords } from '../../nats/alerts/erase-alert-records.ts'
import { eraseDefinitions } from '../../nats/definitions/erase-definitions.ts'
import { eraseDeliveries } from '../../nats/deliveries/erase-deliveries.ts'
import { connectBroker } from '../broker/connect-broker.ts'
import { createCommand, EXIT_DONE, EXIT_FAILURE, parseTenantOption, runTask } from '../command.ts'
import { printOut } from '../output.ts'
import { sendStoreRequest } from './command-store.ts'

interface EraseOptions {
  readonly tenant: string
  readonly contact?: string
  readonly definitions?: true
}

export function eraseCommand(): Command {
  return createCommand(
    'erase',
    'Erases every event of a contact up to now, or what a tenant has defined, and prints a receipt as JSON.',
  )
    .requiredOption('--tenant <tenant>', 'the tenant', parseTenantOption)
    .option('--contact <contact>', 'the id of a contact, whose events are erased', parseContact)
    .option(
      '--definitions',
      'erase the reports, schedules and alert rules of the tenant, with their versions, states and deliveries',
    )
    .addHelpText(
      'after',
      `
The events of a contact leave all numbers, and are not stored again when they are delivered again. What became of their messages is
calculated again from the events that remain. Copies in the broker (the stream, dead letters, deferred events) expire by
the broker's own limits. While a service runs, an erasure takes at least ten seconds. It can be repeated, and has to be
repeated when it fails or the receipt names remaining rows or messages.`,
    )
    .action(({ tenant, contact, definitions }: EraseOptions, command: Command) => {
      if ((contact === undefined) !== (definitions === true))
        command.error('error: either --contact or --definitions is required')
      if (contact === undefined) return runTask((config) => eraseDefinitionsOf(config, tenant))
      return runTask(async (config) => {
        let isComplete = false
        for await (const line of sendStoreRequest(config, { command: 'erase', tenant, contact })) {
          printOut(JSON.stringify(line, null, 2))
          const { remainingRows, remainingMessages } = line as Partial<ErasureReceipt>
          isComplete = remainingRows === 0 && remainingMessages === 0
        }
        return isComplete ? EXIT_DONE : EXIT_FAILURE
      })
    })
}

async function eraseDefinitionsOf(config: Config, tenant: string): Promise<number> {
  const connection = await connectBroker(config, 'erase')
  try {
    const definitions = await eraseDefinitions(connection, tenant)
    // Without its rule, a record is not written again.
    const alertRecords = await eraseAlertRecords(connection, tenant)
    // Without a schedule and without records, no delivery is created any more.
    const deliveries = await eraseDeliveries(connection, tenant)
    printOut(JSON.stringify({ tenant, definitions, alertRecords, deliveries }, null, 2))
    return EXIT_DONE
  } finally {
    await connection.close()
  }
}

function parseContact(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.')
  return value
}
