/**
 * The stream of events: found on the broker by its name or by the event subjects it captures, or created.
 */
import { DiscardPolicy, type JetStreamManager, nanos, RetentionPolicy, StorageType, type StreamInfo } from 'nats'
import { StartFailure } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { SUBJECTS } from '../events/catalogue.ts'
import { addStream, type StreamSpec } from './ensure-stream.ts'
import { DEAD_LETTER_STREAM, DEFAULT_EVENT_STREAM } from './names.ts'
import { streamInfo } from './stream-info.ts'
import { type StreamLimits, streamLimits } from './stream-limits.ts'

/**
 * The stream to consume, as `findEventStream` finds it, or a new one. Rejects with a StartFailure when it is a work queue.
 */
export async function ensureEventStream(
  jsm: JetStreamManager,
  configuredName: string | undefined,
  logger: Logger,
  limits: StreamLimits = streamLimits(),
): Promise<StreamInfo> {
  const found = await findEventStream(jsm, configuredName, logger)
  const stream = found ?? (await createEventStream(jsm, configuredName, logger, limits))
  if (stream.config.retention === RetentionPolicy.Workqueue)
    throw new StartFailure(
      `The stream ${stream.config.name} is a work queue, which allows one consumer and needs one acknowledgement per message. ` +
        'Set NATS_STREAM to another stream, for example to one that has this stream as its source.',
    )
  return stream
}

/**
 * The stream with the configured name, otherwise the one that captures the event subjects; undefined when there is none.
 * Rejects with a StartFailure when several streams each capture a part of the event subjects, as the choice would be arbitrary.
 */
export async function findEventStream(
  jsm: JetStreamManager,
  configuredName: string | undefined,
  logger?: Logger,
): Promise<StreamInfo | undefined> {
  if (configuredName) return streamInfo(jsm, configuredName)
  const captured = await capturedSubjectsByStream(jsm)
  const complete = [...captured].find(([, subjects]) => subjects.size === SUBJECTS.length)
  const [only] = captured.keys()
  if (!complete && captured.size > 1)
    throw new StartFailure(
      `The streams ${[...captured.keys()].join(', ')} each capture only a part of the event subjects, and the service consumes one stream. ` +
        'Create a stream that has all of them as its sources and set NATS_STREAM to it, set NATS_STREAM to one of them if the others do not matter, ' +
        'or let one stream capture all event subjects.',
    )
  const name = complete?.[0] ?? only
  if (name === undefined) return undefined
  const missing = SUBJECTS.filter((subject) => !captured.get(name)!.has(subject))
  if (missing.length > 0) logger?.warn('the stream does not capture every event subject', { stream: name, missing })
  return jsm.streams.info(name)
}

async function capturedSubjectsByStream(jsm: JetStreamManager): Promise<Map<string, Set<string>>> {
  const captured = new Map<string, Set<string>>()
  for (const subject of SUBJECTS)
    for (const stream of await jsm.streams.names(subject).next()) {
      const subjects = captured.get(stream) ?? new Set()
      captured.set(stream, subjects.add(subject))
    }
  captured.delete(DEAD_LETTER_STREAM)
  return captured
}

function createEventStream(
  jsm: JetStreamManager,
  name = DEFAULT_EVENT_STREAM,
  logger: Logger,
  limits: StreamLimits,
): Promise<StreamInfo> {
  logger.info('creating the event stream', { stream: name })
  return addStream(jsm, eventStreamSpec(name, limits))
}

/** The configuration of an event stream that the service creates. */
export function eventStreamSpec(name: string, { eventsMaxBytes, eventsMaxAgeMs }: StreamLimits): StreamSpec {
  return {
    name,
    subjects: [...SUBJECTS],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_age: nanos(eventsMaxAgeMs),
    max_bytes: eventsMaxBytes,
    // A stream full of events that are not stored yet returns errors to its producers and drops nothing. Stored events are trimmed long before that.
    discard: DiscardPolicy.New,
  }
}
