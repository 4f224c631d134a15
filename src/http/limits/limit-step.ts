import { type Clock, sleep } from '../../base/clock.ts'
import type { PipelineStep } from '../pipeline/pipeline-step.ts'
import type { TenantLimits } from './tenant-limits.ts'

/** A client that sends its next request as soon as one is refused is slowed to ten requests per second and connection: refusals take time too. */
const REJECTION_DELAY_MS = 100

/** Admits a request within the limits of its tenant. Requests of public paths have no tenant and no limits. */
export function limitStep(limits: TenantLimits, clock: Clock): PipelineStep {
  return async (context) => {
    if (!context.principal) return undefined
    const { tenantId } = context.principal
    context.release = limits.track(tenantId)
    try {
      await limits.admit(tenantId)
    } catch (error) {
      await sleep(clock, REJECTION_DELAY_MS)
      throw error
    }
    return undefined
  }
}
