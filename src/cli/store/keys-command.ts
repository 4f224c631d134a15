import type { Command } from 'commander'
import { SCOPES } from '../../http/auth/scopes.ts'
import { createCommand, EXIT_DONE, parseTenantOption, runTask } from '../command.ts'
import { printError, printOut } from '../output.ts'
import { sendStoreRequest } from './command-store.ts'
import { type ApiKeyRequest, parseApiKeyRequest } from './key-request.ts'

export function keysCommand(): Command {
  const create = createCommand('create', 'Creates an API key and prints it once; only a hash of it is stored.')
    .requiredOption('--tenant <tenant>', 'the tenant whose data the key can read', parseTenantOption)
    .requiredOption(
      '--scope <scope>',
      `one of ${SCOPES.join(', ')} (admin includes the others); may be repeated`,
      (scope: string, scopes: readonly string[] | undefined) => [...(scopes ?? []), ...scope.split(',')],
    )
    .option('--expires <time>', 'how long the key is valid: 12h, 90d (default: until it is revoked)')
  create.action(
    (options: { readonly tenant: string; readonly scope: readonly string[]; readonly expires?: string }) => {
      const { tenant, scope: scopes, expires } = options
      return runKeys(create, { action: 'create', tenant, scopes, expires }, () =>
        printError('This key is not shown again: store it where its user finds it.'),
      )
    },
  )
  const list = createCommand('list', 'Prints the API keys, one JSON object per line.').option(
    '--tenant <tenant>',
    'only keys of this tenant',
    parseTenantOption,
  )
  list.action(({ tenant }: { readonly tenant?: string }) =>
    runKeys(list, { action: 'list', tenant }, (count) => {
      if (count === 0) printError('There are no keys.')
    }),
  )
  const revoke = createCommand('revoke', 'Revokes an API key, which is then rejected within seconds.').argument(
    '<id>',
    'the id of the key, as list prints it',
  )
  revoke.action((id: string) => runKeys(revoke, { action: 'revoke', id }))
  return createCommand('keys', 'Creates, lists and revokes API keys.')
    .addCommand(create)
    .addCommand(list)
    .addCommand(revoke)
}

function runKeys(command: Command, request: ApiKeyRequest, onDone: (count: number) => void = () => {}): Promise<void> {
  try {
    parseApiKeyRequest(request)
  } catch (error) {
    command.error(`error: ${(error as Error).message}`)
  }
  return runTask(async (config) => {
    let count = 0
    for await (const line of sendStoreRequest(config, { command: 'keys', ...request })) {
      count++
      printOut(JSON.stringify(line))
    }
    onDone(count)
    return EXIT_DONE
  })
}
