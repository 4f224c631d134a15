import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { QuerySchema } from '../explorer/query-schema.ts'
import { formatDateTime } from '../format/dates.ts'
import { useApp } from '../state/app.ts'
import type { Report, ReportRun } from './report-data.ts'
import { ReportBlocks } from './report-view.tsx'
import { reportTexts } from './texts/report-texts.ts'

const HINT_MS = 6_000
/** How long each part of a report that is longer than the screen is shown. */
const PART_MS = 20_000
/** The share of the screen by which the next part begins later: a row that was cut off is shown as a whole. */
const STEP = 0.9

interface WallViewProps {
  readonly report: Report
  readonly schema: QuerySchema
  readonly run: ReportRun
  readonly asOf: number
}

/** A report on a wall: it fills the screen in large type, without controls, and stays up to date. Escape leads back to the report. */
export function WallView({ report, schema, run, asOf }: WallViewProps) {
  const { wall: texts } = reportTexts()
  const hasHint = useSignal(true)
  useLeaving()
  useWakeLock()
  useParts()
  useEffect(() => {
    const timer = setTimeout(() => (hasHint.value = false), HINT_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class="wall">
      <header class="wall-header">
        <h1 class="wall-title">{report.name}</h1>
        <p>{texts.asOf(formatDateTime(asOf, report.timezone))}</p>
      </header>
      {/* Nothing can be pressed or reached by a key: the report itself has the controls. */}
      <div inert>
        <ReportBlocks {...{ report, schema, run, asOf }} />
      </div>
      {hasHint.value && <p class="wall-hint">{texts.leave}</p>}
    </div>
  )
}

/** Leaves with Escape. In full screen the browser takes the key and ends the full screen. */
function useLeaving(): void {
  const { address } = useApp()
  useEffect(() => {
    const leave = () => address.navigate({ definition: undefined })
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && leave()
    const onChange = () => document.fullscreenElement === null && leave()
    document.addEventListener('keydown', onKey)
    document.addEventListener('fullscreenchange', onChange)
    return () => {
      document.removeEventListener('keydown', onKey)
      document.removeEventListener('fullscreenchange', onChange)
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
    }
  }, [])
}

/** Shows one part of a long report after the other, and then the first one again: nobody scrolls on a wall. */
function useParts(): void {
  useEffect(() => {
    const timer = setInterval(() => {
      const isAtEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1
      scrollTo({ top: isAtEnd ? 0 : scrollY + innerHeight * STEP })
    }, PART_MS)
    return () => {
      clearInterval(timer)
      scrollTo({ top: 0 })
    }
  }, [])
}

/** Keeps the screen on, where the browser can. It gives the lock back whenever the page is hidden. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined
    let isGone = false
    const acquire = async () => {
      if (document.visibilityState !== 'visible') return
      lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
      if (isGone) void lock?.release()
    }
    const onVisibility = () => void acquire()
    onVisibility()
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      isGone = true
      document.removeEventListener('visibilitychange', onVisibility)
      void lock?.release()
    }
  }, [])
}
