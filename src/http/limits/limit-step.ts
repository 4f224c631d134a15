import type { PipelineStep } from '../pipeline/pipeline-step.ts'
import type { TenantLimits } from './tenant-limits.ts'

/** Admits a request within the limits of its tenant. Requests of public paths have no tenant and no limits. */
export function limitStep(limits: TenantLimits): PipelineStep {
  return async (context) => {
    if (context.principal) context.release = await limits.admit(context.principal.tenantId)
    return undefined
  }
}
