import type { Mutant } from './mutants.ts'
import type { FaultContext } from './context.ts'

/** One row of the fault matrix. */
export interface Scenario {
  /** kebab-case. */
  readonly name: string
  /** What holds through it. */
  readonly guarantee: string
  readonly store: 'embedded' | 'server'
  /** The runtime of the service: Bun by default. */
  readonly runtime?: 'bun' | 'deno'
  /** With this taken out of the service, the same faults must be noticed. */
  readonly control: Mutant
  /** Events a second while it runs. */
  readonly rate: number
  readonly env?: Readonly<Record<string, string>>
  /** So many processes of the service share the work: `context.services`. One by default. */
  readonly services?: number
  /** Makes the broker three servers: `context.cluster`. */
  readonly isCluster?: boolean
  /** Puts the broker's, or the service's, directory on a disk of so many MB: `context.brokerDisk`, `context.serviceDisk`. */
  readonly brokerDiskMb?: number
  readonly serviceDiskMb?: number
  /** Does the damage, for about `seconds`. The load and the service run before it begins; what it breaks is mended afterwards. */
  readonly run: (context: FaultContext, seconds: number) => Promise<void>
}
