import type { ConnectionSource } from './delivery-bucket.ts'
import { createRunStateStore } from './run-state-store.ts'

const BYTES = 32

interface StoredSecret {
  /** In base64. */
  readonly secret: string
}

/** A random secret that all processes share: the first one that needs it creates it. The returned function rejects while the broker does not respond. */
export function createSharedSecret(connection: ConnectionSource, name: string): () => Promise<Uint8Array<ArrayBuffer>> {
  const store = createRunStateStore<StoredSecret>(connection, 'secret')
  let known: Uint8Array<ArrayBuffer> | undefined
  return async () => {
    if (known) return known
    const created = crypto.getRandomValues(new Uint8Array(BYTES)).toBase64()
    const stored = (await store.read('service', name)) ?? (await createOrRead(created))
    return (known = Uint8Array.fromBase64(stored.state.secret))
  }

  async function createOrRead(secret: string): Promise<{ readonly state: StoredSecret }> {
    if (await store.write('service', name, { secret }, 0)) return { state: { secret } }
    const stored = await store.read('service', name)
    if (!stored) throw new Error('The secret was removed while it was read.')
    return stored
  }
}
