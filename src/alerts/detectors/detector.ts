import type { RareRateDetector } from './rare-rate.ts'
import type { RateShiftDetector } from './rate-shift.ts'
import type { SeasonalCountDetector } from './seasonal-count.ts'
import type { SilenceDetector } from './silence.ts'
import type { ThresholdDetector } from './threshold.ts'

/** What decides whether a bucket is unusual, with its parameters. */
export type Detector =
  ThresholdDetector | RareRateDetector | SeasonalCountDetector | RateShiftDetector | SilenceDetector
