import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { PARTITION_COUNT } from '../../cluster/cluster-state.ts'

/** Sets the gauges of a cluster for a single process, so that dashboards and alerts need no second case: it is the only member and holds every partition. */
export function setSingleProcessGauges({ clusterMembers, partitionsHeld }: ServiceMetrics): void {
  clusterMembers.set(1)
  partitionsHeld.set(PARTITION_COUNT)
}
