import type { Sabotage } from './mutants.ts'
import type { World } from './context.ts'

/** One row of the fault matrix. */
export interface Scenario {
  /** kebab-case. */
  readonly name: string
  /** What holds through it. */
  readonly guarantee: string
  readonly store: 'embedded' | 'server'
  /** With this taken out of the service, the same faults must be noticed. */
  readonly control: Sabotage
  /** Events a second while it runs. */
  readonly rate: number
  readonly env?: Readonly<Record<string, string>>
  /** So many processes of the service share the work: `world.services`. One by default. */
  readonly services?: number
  /** Makes the broker three servers: `world.cluster`. */
  readonly isCluster?: boolean
  /** Puts the broker's, or the service's, directory on a disk of so many MB: `world.brokerDisk`, `world.serviceDisk`. */
  readonly brokerDiskMb?: number
  readonly serviceDiskMb?: number
  /** Does the damage, for about `seconds`. The load and the service run before it begins; what it breaks is mended afterwards. */
  readonly run: (world: World, seconds: number) => Promise<void>
}
