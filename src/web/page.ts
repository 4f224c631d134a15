/**
 * The page at work: an address comes in, the questions it stands for go out, and what is answered is shown until the address or the numbers change.
 */
import { NO_MESSAGES, type SevenCounts } from '../analytics/message-totals.ts'
import type { Traffic } from '../analytics/traffic.ts'
import { type Asked, readAddress, writeAddress } from './address.ts'
import { type Answer, Api, Refusal } from './api.ts'
import { createBodies } from './bodies/bodies.ts'
import type { Body } from './bodies/body.ts'
import { fill } from './dom.ts'
import { formatRange, formatTime } from './format.ts'
import { addLiveCounts } from './live-counts.ts'
import { follow, type LiveState, SILENCE_MS } from './live.ts'
import { findZone } from '../zone.ts'
import { periodsOf } from './periods.ts'
import { questionsOf } from './question.ts'
import { holderOf, type Session } from './session.ts'
import type { Answers, ViewName } from './views.ts'
import { createControls } from './widgets/controls.ts'
import { createExportButtons } from './widgets/export-buttons.ts'
import { createFrame } from './widgets/frame.ts'
import { emptyNotice, loadingNotice, refusalNotice } from './widgets/notice.ts'

/** After a failure of the service that did not say when to come again: what is shown must not stay old for ever where nothing new is told. */
const RETRY_MS = 5_000
/** A timer may fire a little before its time. */
const TIMER_SLACK_MS = 50
/** The rest of a view follows the live numbers no more often than this. */
const REFRESH_MS = 2_000

export interface PageOptions {
  readonly session: Session
  /** The service no longer takes the session, or its holder is done with it. */
  readonly leave: (reason: 'expired' | 'signed-out' | 'another') => void
}

/** Starts the page for a session; the function returned ends it. */
export function startPage(root: Element, { session, leave }: PageOptions): () => void {
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  let asked = readAddress(location.search, ownZone)
  const api = new Api(() => ({ credential: session.credential, tenant: asked.tenant }))
  const ended = new AbortController()
  /** What is done for the address that is shown; aborted by the next. */
  let visit = new AbortController()
  let stopWaiting = () => {}
  /** The very objects that are on the screen: the same again need not be drawn again. */
  let shownAnswers: readonly unknown[] = []

  const controls = createControls(go)
  const exportButtons = createExportButtons(api, () => questionsOf(asked, Date.now()).current)
  const frame = createFrame(controls.element, exportButtons, { go, signOut: () => leave('signed-out') })
  const empty = emptyNotice()
  const bodyOf = createBodies((id) => go({ id }))

  window.addEventListener('popstate', () => arrive(), { signal: ended.signal })
  // The zone belongs into the address, or a link would show other days to others.
  history.replaceState(null, '', writeAddress(asked))
  fill(root, frame.element)
  arrive()

  function go(next: Partial<Asked>): void {
    history.pushState(null, '', writeAddress({ ...asked, ...next }))
    arrive()
  }

  function arrive(): void {
    const came = asked
    asked = readAddress(location.search, ownZone)
    frame.show(asked)
    frame.showHolder(holderOf(session), asked.tenant)
    controls.show(asked)
    if (came.tenant !== asked.tenant) api.forget()
    const mayStay = came.view === asked.view && came.tenant === asked.tenant
    visit.abort()
    visit = new AbortController()
    void stay(asked.view, mayStay, AbortSignal.any([visit.signal, ended.signal]))
  }

  /** Shows a view and keeps it up to date until the signal aborts. */
  async function stay(view: ViewName, mayStay: boolean, signal: AbortSignal): Promise<void> {
    stopWaiting()
    const body = bodyOf(view)
    if (mayStay && frame.place.contains(body.element)) frame.place.setAttribute('aria-busy', 'true')
    else fill(frame.place, loadingNotice())
    frame.showLive(undefined)
    try {
      await load(view, body, signal)
      await keepUp(view, body, signal)
    } catch (error) {
      if (!signal.aborted) refuse(error)
    }
  }

  async function load(view: ViewName, body: Body<ViewName>, signal: AbortSignal): Promise<void> {
    const questions = questionsOf(asked, Date.now())
    const [now, before, hourly] = await Promise.all([
      api.ask<Answers[ViewName]>(questions.current, signal),
      // A comparison is no reason to show nothing.
      api.ask<Answers[ViewName]>(questions.before, signal).catch(() => undefined),
      view === 'traffic' ? api.ask<Traffic>(questions.hourly, signal) : undefined,
    ])
    signal.throwIfAborted()
    tellTimes(now)
    frame.place.removeAttribute('aria-busy')
    if (body.isEmpty(now.data)) {
      // Once: who is copying from it must not lose it.
      if (!frame.place.contains(empty)) fill(frame.place, empty)
      return
    }
    // Before the numbers: a chart has to know how wide it may be.
    if (!frame.place.contains(body.element)) fill(frame.place, body.element)
    const answers = [asked, now, before, hourly]
    if (answers.every((answer, index) => answer === shownAnswers[index])) return
    shownAnswers = answers
    body.show({
      now: now.data,
      before: before?.data,
      hourly: hourly?.data,
      zone: asked.zone,
      granularity: questions.granularity ?? 'day',
    })
  }

  async function keepUp(view: ViewName, body: Body<ViewName>, signal: AbortSignal): Promise<void> {
    let totals: SevenCounts | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    signal.addEventListener('abort', () => clearTimeout(timer))
    const tick = () => totals && frame.place.contains(body.element) && body.tick?.(totals)
    let state: LiveState | undefined
    let isLoading = false
    let quietUntil = 0
    const refresh = async () => {
      timer = undefined
      if (isLoading || performance.now() < quietUntil) return
      isLoading = true
      // Where nobody tells, an answer that does not come is all there is to notice.
      const late = setTimeout(() => state === 'polling' && frame.showLive('waiting'), SILENCE_MS)
      try {
        await load(view, body, signal)
        tick()
        frame.showLive(state)
      } catch (error) {
        // What is shown stays: it is older than it could be, and says so.
        if (signal.aborted || !(error instanceof Refusal)) return
        if (error.status === 401) return leave('expired')
        quietUntil = performance.now() + (error.retryAfterMs ?? 0)
        frame.showLive('waiting')
        if (error.retryAfterMs === undefined && error.status < 500) return
        clearTimeout(timer)
        timer = setTimeout(() => void refresh(), (error.retryAfterMs ?? RETRY_MS) + TIMER_SLACK_MS)
      } finally {
        clearTimeout(late)
        isLoading = false
      }
    }
    const refreshSoon = () => (timer ??= setTimeout(() => void refresh(), REFRESH_MS))
    await follow(
      api,
      questionsOf(asked, Date.now()).live,
      {
        snapshot(counts) {
          totals = addLiveCounts(NO_MESSAGES, counts)
          tick()
          refreshSoon()
        },
        delta(counts) {
          totals &&= addLiveCounts(totals, counts)
          tick()
          refreshSoon()
        },
        lost() {
          totals = undefined
          // What ticked may be wrong: the next answer is drawn, even if it is the one from before.
          shownAnswers = []
        },
        poll: () => void refresh(),
        state(next) {
          state = next
          frame.showLive(state)
        },
      },
      signal,
    )
  }

  function refuse(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) return leave('expired')
    frame.place.removeAttribute('aria-busy')
    const { element, stop } = refusalNotice(error, {
      retry: arrive,
      signIn: () => leave('another'),
      reset: () => go(readAddress(`?view=${asked.view}`, ownZone)),
    })
    stopWaiting = stop
    fill(frame.place, element)
  }

  function tellTimes({ meta }: Answer<unknown>): void {
    const { days, holdsNow } = periodsOf(asked, Date.now())
    const { start, end } = edgesOf(asked)
    frame.showPeriod(
      `${formatRange(start, end, asked.zone)} · compared with the ${days === 1 ? 'day' : `${days} days`} before${holdsNow ? ', up to the same time of day' : ''}`,
    )
    frame.showAsOf(`As of ${formatTime(meta.asOf, asked.zone)}`)
  }

  return () => {
    stopWaiting()
    ended.abort()
  }
}

/** The first and last day as instants, for show. */
function edgesOf({ dates, range, zone: name }: Asked): { start: number; end: number } {
  const zone = findZone(name)!
  const today = zone.localDate(Date.now())
  if (!dates) {
    const start = zone.startOfDay({ ...today, day: today.day - Number.parseInt(range, 10) })
    return { start, end: zone.startOfDay(today) }
  }
  const [start, end] = [dates.start, dates.end].map((date) => zone.instantOf(Date.parse(date)))
  return { start: start!, end: end! }
}
