/** Stores definitions in a key-value bucket of JetStream: the current version of each under a key that every process follows, older versions under keys of their own. */
import type { NatsConnection } from 'nats'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { isWellFormedId } from '../../definitions/definition-id.ts'
import { DefinitionFailure } from '../../definitions/errors.ts'
import {
  type Definition,
  DEFINITION_LIMITS,
  type DefinitionFeed,
  type DefinitionKind,
  type DefinitionStore,
  type DefinitionVersion,
  KEPT_VERSIONS,
} from '../../definitions/ports.ts'
import { DefinitionBucket } from './definition-bucket.ts'
import type { DefinitionCopy } from './definition-copy.ts'
import {
  currentKey,
  decodeDefinition,
  type DefinitionPlace,
  encodeDefinition,
  type StoredDefinition,
  versionKey,
} from './definition-value.ts'
import { DefinitionWatch } from './definition-watch.ts'

/** How long a new definition may wait for its own message, to be counted with those of other processes. */
const COUNT_TIMEOUT_MS = 2_000

export interface DefinitionsOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Makes the id of a new definition. */
  readonly newId: () => string
}

export class Definitions {
  readonly #options: DefinitionsOptions
  readonly #watch: DefinitionWatch
  readonly #listeners = new Set<() => void>()
  #bucket: DefinitionBucket | undefined

  constructor(options: DefinitionsOptions) {
    this.#options = options
    this.#watch = new DefinitionWatch({
      ...options,
      onChange: () => {
        for (const listener of this.#listeners) listener()
      },
    })
  }

  /** Follows the bucket until the signal aborts. Resolves then. */
  async run(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    this.#bucket = new DefinitionBucket(connection)
    await this.#watch.run(this.#bucket, signal)
  }

  /** The definitions of a kind, whose bodies only the caller writes. */
  of<Body extends object>(kind: DefinitionKind): DefinitionStore<Body> & DefinitionFeed<Body> {
    const typed = (definition: Definition<unknown>) => definition as Definition<Body>
    return {
      list: (tenantId) => this.#copy().list(kind, tenantId).map(typed),
      all: () => (this.#watch.copy?.all(kind) ?? []).map(typed),
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
      find: async (tenantId, id) => (await this.#find({ kind, tenantId, id })) as Definition<Body> | undefined,
      create: async (tenantId, body) => typed(await this.#create(kind, tenantId, body)),
      replace: async (tenantId, id, body, revision) =>
        typed(await this.#replace({ kind, tenantId, id }, body, revision)),
      remove: (tenantId, id, revision) => this.#remove({ kind, tenantId, id }, revision),
      versions: async (tenantId, id) =>
        (await this.#versions({ kind, tenantId, id })) as readonly DefinitionVersion<Body>[],
    }
  }

  async #find(place: DefinitionPlace): Promise<Definition<unknown> | undefined> {
    const { kind, tenantId, id } = place
    if (!isWellFormedId(id)) return undefined
    return this.#copy().get(kind, tenantId, id) ?? (await this.#read(place))
  }

  async #create(kind: DefinitionKind, tenantId: string, body: object): Promise<Definition<unknown>> {
    const limit = DEFINITION_LIMITS[kind]
    if (this.#copy().count(kind, tenantId) >= limit) throw limitFailure(kind)
    const id = this.#options.newId()
    const now = this.#options.clock.now()
    const stored = { tenantId, id, version: 1, createdAt: now, changedAt: now, body }
    const place = { kind, tenantId, id }
    const revision = await this.#write(place, stored, 0)
    if (revision === undefined) throw new DefinitionFailure('conflict', 'The new id exists already.')
    // Other processes may have created definitions at the same time: the order of the bucket decides which of them are within the limit.
    const isCounted = await this.#watch.reaches(revision, COUNT_TIMEOUT_MS)
    if (isCounted && this.#copy().countUpTo(kind, tenantId, revision) > limit) {
      await this.#remove(place, revision)
      throw limitFailure(kind)
    }
    return { ...stored, revision }
  }

  async #replace(place: DefinitionPlace, body: object, revision: number): Promise<Definition<unknown>> {
    const current = await this.#expect(place, revision)
    const { version } = current
    // The older version first: whoever replaces this one writes the same, so that none is ever missing.
    await this.#reach((bucket) => bucket.write(versionKey(place, version), encodeDefinition(current)))
    const stored = { ...current, version: version + 1, changedAt: this.#options.clock.now(), body }
    const next = await this.#write(place, stored, revision)
    if (next === undefined) throw conflict()
    await this.#deleteKey(versionKey(place, version + 1 - KEPT_VERSIONS))
    return { ...stored, revision: next }
  }

  async #remove(place: DefinitionPlace, revision: number): Promise<void> {
    const { version } = await this.#expect(place, revision)
    if ((await this.#write(place, undefined, revision)) === undefined) throw conflict()
    for (const older of olderVersions(version)) await this.#deleteKey(versionKey(place, older))
  }

  async #versions(place: DefinitionPlace): Promise<readonly DefinitionVersion<unknown>[]> {
    const current = await this.#find(place)
    if (!current) throw missing()
    const older = await this.#reach((bucket) =>
      Promise.all(olderVersions(current.version).map((version) => bucket.read(versionKey(place, version)))),
    )
    const decoded = older.flatMap((entry) =>
      entry?.value === undefined ? [] : (decodeDefinition(entry.key, entry.value) ?? []),
    )
    return [current, ...decoded].map(({ tenantId, id, version, changedAt, body }) => ({
      ...{ tenantId, id, version, changedAt, body },
    }))
  }

  /** The current version, which has the expected revision. */
  async #expect(place: DefinitionPlace, revision: number): Promise<Definition<unknown>> {
    const known = await this.#find(place)
    // Another process may have stored the expected revision a moment ago.
    const current = known && known.revision < revision ? await this.#read(place) : known
    if (!current) throw missing()
    if (current.revision !== revision) throw conflict()
    return current
  }

  /** Reads the current version from the bucket. */
  async #read(place: DefinitionPlace): Promise<Definition<unknown> | undefined> {
    const entry = await this.#reach((bucket) => bucket.read(currentKey(place)))
    if (!entry) return undefined
    this.#watch.applyAhead(entry)
    return this.#copy().get(place.kind, place.tenantId, place.id)
  }

  /** Writes the current version, or removes it. Undefined when its revision is not the expected one. */
  async #write(
    place: DefinitionPlace,
    definition: StoredDefinition | undefined,
    expected: number,
  ): Promise<number | undefined> {
    const key = currentKey(place)
    const value = definition && encodeDefinition(definition)
    const revision = await this.#reach((bucket) => bucket.write(key, value, expected))
    if (revision !== undefined) this.#watch.applyAhead({ key, revision, value })
    return revision
  }

  /** Deletes an older version, if it exists. One that remains after a failure is not in use. */
  async #deleteKey(key: string): Promise<void> {
    try {
      const entry = await this.#bucket?.read(key)
      if (entry) await this.#bucket?.delete(entry.revision)
    } catch (error) {
      this.#options.logger.warn('an older version of a definition cannot be deleted', { error })
    }
  }

  #copy(): DefinitionCopy {
    if (!this.#watch.copy) throw new DefinitionFailure('unavailable', 'The definitions are not loaded yet.')
    return this.#watch.copy
  }

  async #reach<Result>(task: (bucket: DefinitionBucket) => Promise<Result>): Promise<Result> {
    const bucket = this.#bucket
    if (!bucket) throw new DefinitionFailure('unavailable', 'The broker is not connected yet.')
    try {
      return await task(bucket)
    } catch (error) {
      throw new DefinitionFailure('unavailable', 'The broker does not respond.', error)
    }
  }
}

/** The older versions that may be stored, the newest first. */
function olderVersions(version: number): number[] {
  const count = Math.min(version, KEPT_VERSIONS) - 1
  return Array.from({ length: count }, (_, index) => version - 1 - index)
}

function limitFailure(kind: DefinitionKind): DefinitionFailure {
  return new DefinitionFailure(
    'limit',
    `A tenant may have at most ${DEFINITION_LIMITS[kind]} definitions of this kind.`,
  )
}

function conflict(): DefinitionFailure {
  return new DefinitionFailure('conflict', 'The definition was changed.')
}

function missing(): DefinitionFailure {
  return new DefinitionFailure('missing', 'There is no definition with this id.')
}
