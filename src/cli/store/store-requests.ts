import { type AuditRequest, runAuditRequest } from './audit-request.ts'
import { type EraseRequest, runEraseRequest } from './erase-request.ts'
import { type ApiKeyRequest, runKeyRequest } from './key-request.ts'
import { InvalidStoreRequest, type StoreRequestContext } from './store-request.ts'

/** A request with the name of its command, as it is sent to a running service. */
export type StoreRequest =
  | ({ readonly command: 'keys' } & ApiKeyRequest)
  | ({ readonly command: 'erase' } & EraseRequest)
  | ({ readonly command: 'audit' } & AuditRequest)
  | { readonly command: 'migrate' }

/** Executes a request, which may be any JSON value, and yields one object per line of output. Throws a CommandFailure when the request is invalid or fails, or a StoreFailure. */
export async function* runStoreRequest(request: unknown, context: StoreRequestContext): AsyncGenerator<object> {
  const { command } = (typeof request === 'object' && request !== null ? request : {}) as { readonly command?: unknown }
  if (command === 'keys') yield* runKeyRequest(request as ApiKeyRequest, context)
  else if (command === 'erase') yield* runEraseRequest(request as EraseRequest, context)
  else if (command === 'audit') yield* runAuditRequest(request as AuditRequest, context)
  // The migrations of the context's store are applied already.
  else if (command !== 'migrate') throw new InvalidStoreRequest('The command must be keys, erase, audit or migrate.')
}
