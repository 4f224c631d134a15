import { type Command, InvalidArgumentError } from 'commander'
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
The events leave all numbers, and are not stored again when they are delivered again. Copies in the broker (the stream,
dead letters, deferred events) expire by the broker's own limits. While a service runs, an erasure takes at least ten
seconds. It can be repeated.`,
    )
    .action(({ tenant, contact }: { readonly tenant: string; readonly contact: string }) =>
      runTask(async (config) => {
        let isComplete = false
        for await (const receipt of sendStoreRequest(config, { command: 'erase', tenant, contact })) {
          printOut(JSON.stringify(receipt, null, 2))
          isComplete = (receipt as { readonly remainingRows?: number }).remainingRows === 0
        }
        return isComplete ? EXIT_DONE : EXIT_FAILURE
      }),
    )
}

function parseContact(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.')
  return value
}
