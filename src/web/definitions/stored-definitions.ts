/** Reading and changing what the tenant has saved. Each change names the version that it replaces, so that nobody overwrites the change of somebody else. */
import { type ApiClient, apiPath } from '../api/api-client.ts'

/** A definition, and the `ETag` of its version. */
export interface Stored<Data> {
  readonly data: Data
  readonly etag: string
  /** When it was read, epoch milliseconds. */
  readonly asOf: number
}

/** Reads a definition by its path below the API. Rejects like the other requests of the client. */
export async function readStored<Data>(api: ApiClient, path: string, signal: AbortSignal): Promise<Stored<Data>> {
  return storedOf<Data>(await api.request(apiPath(path, {}), signal))
}

/** Creates a definition in a collection, or replaces the version that `etag` names. */
export async function saveDefinition<Data>(
  api: ApiClient,
  path: string,
  body: object,
  etag: string | undefined,
): Promise<Stored<Data>> {
  const { signal } = new AbortController()
  const [headers, method] = etag === undefined ? [{}, 'POST'] : [{ 'if-match': etag }, 'PUT']
  return storedOf<Data>(await api.request(apiPath(path, {}), signal, headers, body, method))
}

export async function removeDefinition(api: ApiClient, path: string, etag: string): Promise<void> {
  await api.request(apiPath(path, {}), new AbortController().signal, { 'if-match': etag }, undefined, 'DELETE')
}

async function storedOf<Data>(response: Response): Promise<Stored<Data>> {
  const { data, meta } = (await response.json()) as { data: Data; meta: { asOf: string } }
  return { data, etag: response.headers.get('etag') ?? '', asOf: Date.parse(meta.asOf) }
}
