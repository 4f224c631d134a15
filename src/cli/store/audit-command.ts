import type { Command } from 'commander'
import { createCommand, durationOption, EXIT_DONE, integerOption, parseTenantOption, runTask } from '../command.ts'
import { DAY_MS } from '../duration.ts'
import { printOut } from '../output.ts'
import { MAX_AUDIT_ROWS } from './audit-request.ts'
import { sendStoreRequest } from './command-store.ts'

interface AuditOptions {
  readonly tenant?: string
  readonly refused?: true
  readonly since: number
  readonly limit: number
}

export function auditCommand(): Command {
  const command = createCommand(
    'audit',
    'Prints the audited requests of a tenant, newest first, one JSON object per line.',
  )
  return command
    .option('--tenant <tenant>', 'the tenant whose requests to print', parseTenantOption)
    .option('--refused', 'print the requests without valid credentials, which have no tenant')
    .option(
      '--since <time>',
      'minutes, hours or days before now: 30m, 24h, 7d (default: 24h)',
      durationOption(['m', 'h', 'd'], '30m, 24h or 7d'),
      DAY_MS,
    )
    .option('--limit <n>', `the maximum number of lines (default: 100)`, integerOption(1, MAX_AUDIT_ROWS), 100)
    .addHelpText(
      'after',
      `
Each line contains the client, the route, the parameters and the status. Requests answered with 304 are counted together,
see "requests". A running service writes its audit every five seconds. ("npm audit" without "run" is npm's own command.)`,
    )
    .action(({ tenant, refused, since, limit }: AuditOptions) => {
      if ((tenant === undefined) !== (refused === true))
        command.error('error: either --tenant or --refused is required')
      return runTask(async (config) => {
        const request = { command: 'audit', tenant: tenant ?? '', sinceMs: since, limit } as const
        for await (const line of sendStoreRequest(config, request)) printOut(JSON.stringify(line))
        return EXIT_DONE
      })
    })
}
