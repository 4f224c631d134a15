import { type Command, InvalidArgumentError } from 'commander'
import type { ErasureReceipt } from '../../clickhouse/access/erase-contact.ts'
import { createCommand, EXIT_DONE, EXIT_FAILURE, parseTenantOption, runTask } from '../command.ts'
import { printOut } from '../output.ts'
import { sendStoreRequest } from './command-store.ts'

export function eraseCommand(): Command {
  return createCommand('erase', 'Erases every event of a contact up to now and prints a receipt as JSON.')
    .requiredOption('--tenant <tenant>', 'the tenant of the contact', parseTenantOption)
    .requiredOption('--contact <contact>', 'the id of the contact', parseContact)
    .addHelpText(
      'after',
      `
The events leave all numbers, and are not stored again when they are delivered again. What became of their messages is
calculated again from the events that remain. Copies in the broker (the stream, dead letters, deferred events) expire by
the broker's own limits. While a service runs, an erasure takes at least ten seconds. It can be repeated, and has to be
repeated when it fails or the receipt names remaining rows or messages.`,
    )
    .action(({ tenant, contact }: { readonly tenant: string; readonly contact: string }) =>
      runTask(async (config) => {
        let isComplete = false
        for await (const line of sendStoreRequest(config, { command: 'erase', tenant, contact })) {
          printOut(JSON.stringify(line, null, 2))
          const { remainingRows, remainingMessages } = line as Partial<ErasureReceipt>
          isComplete = remainingRows === 0 && remainingMessages === 0
        }
        return isComplete ? EXIT_DONE : EXIT_FAILURE
      }),
    )
}

function parseContact(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.')
  return value
}
