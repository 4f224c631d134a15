import type { Scenario } from './scenario.ts'
import { BROKER_FAULTS } from './scenarios/broker-faults.ts'
import { CLUSTER_FAULTS } from './scenarios/cluster-faults.ts'
import { FACTS_FAULTS } from './scenarios/facts-faults.ts'
import { MACHINE_FAULTS } from './scenarios/machine-faults.ts'
import { RANDOM_FAULTS } from './scenarios/random-faults.ts'
import { SHARING_FAULTS } from './scenarios/sharing-faults.ts'
import { SERVICE_FAULTS } from './scenarios/service-faults.ts'
import { STORE_FAULTS } from './scenarios/store-faults.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...SERVICE_FAULTS,
  ...SHARING_FAULTS,
  ...BROKER_FAULTS,
  ...CLUSTER_FAULTS,
  ...STORE_FAULTS,
  ...FACTS_FAULTS,
  ...MACHINE_FAULTS,
  ...RANDOM_FAULTS,
]

/** Throws for a name nobody has. */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (!found) throw new Error(`There is no scenario ${name}. There are ${SCENARIOS.map((one) => one.name).join(', ')}.`)
  return found
}
