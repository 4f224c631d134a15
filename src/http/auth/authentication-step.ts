import type { LiveTickets } from '../live/live-tickets.ts'
import type { PipelineStep } from '../pipeline/pipeline-step.ts'
import type { AuthenticationThrottle } from './authentication-throttle.ts'
import type { Authenticate } from './authenticator.ts'
import { credentialOf } from './credential-headers.ts'

export interface AuthenticationStepDependencies {
  readonly authenticate: Authenticate
  readonly throttle: AuthenticationThrottle
  /** Undefined where there are no live tickets. */
  readonly tickets: LiveTickets | undefined
}

/** Adds the principal of a request, by its live ticket or its credentials. Public paths need none. */
export function authenticationStep({ authenticate, throttle, tickets }: AuthenticationStepDependencies): PipelineStep {
  return async (context) => {
    if (context.isPublic) return undefined
    const { request } = context
    // A ticket is 256 random bits, which cannot be guessed: invalid tickets are not counted by the throttle.
    context.liveAuthorization = tickets?.redeem(context.url, request.headers)
    context.principal =
      context.liveAuthorization?.principal ??
      (await throttle.authenticate(context.clientAddress, credentialOf(request), () => authenticate(request.headers)))
    return undefined
  }
}
