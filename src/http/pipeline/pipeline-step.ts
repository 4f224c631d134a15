import type { RequestContext } from './request-context.ts'

/**
 * One step of the request pipeline. Returns a response when the request is answered by it, otherwise undefined, and the next step follows. A step refuses a request by
 * throwing an ApiFailure, and passes results on by setting fields of the context.
 */
export type PipelineStep = (context: RequestContext) => Response | undefined | Promise<Response | undefined>
