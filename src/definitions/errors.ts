/**
 * Why a call of the port failed:
 * - `missing`: the tenant has no definition with this id
 * - `conflict`: its revision is not the expected one
 * - `limit`: the tenant has as many definitions of the kind as it may have
 * - `unavailable`: the store does not respond; whether a write took place is unknown
 */
export type DefinitionFailureReason = 'missing' | 'conflict' | 'limit' | 'unavailable'

export class DefinitionFailure extends Error {
  override readonly name = 'DefinitionFailure'
  readonly reason: DefinitionFailureReason

  constructor(reason: DefinitionFailureReason, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export function isDefinitionFailure(error: unknown, reason: DefinitionFailureReason): boolean {
  return error instanceof DefinitionFailure && error.reason === reason
}
