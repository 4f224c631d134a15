/** Operations that the API document has to describe: path, operation, and how many kinds of credentials it takes. */
export const DELIVERY_OPERATIONS: [string, string, number][] = [
  ['/api/v1/analytics/schedules/{scheduleId}/deliveries', 'deliveries', 2],
  ['/api/v1/analytics/schedules/{scheduleId}/deliveries/{deliveryId}/resend', 'resend', 2],
  ['/api/v1/analytics/schedules/{scheduleId}/test', 'testSchedule', 2],
]

export const ALERT_OPERATIONS: typeof DELIVERY_OPERATIONS = [
  ['/api/v1/analytics/alerts', 'alerts', 2],
  ['/api/v1/analytics/alerts', 'createAlert', 2],
  ['/api/v1/analytics/alerts/presets', 'alertPresets', 2],
  ['/api/v1/analytics/alerts/backtest', 'alertBacktest', 2],
  ['/api/v1/analytics/alerts/{alertId}', 'alert', 2],
  ['/api/v1/analytics/alerts/{alertId}', 'changeAlert', 2],
  ['/api/v1/analytics/alerts/{alertId}', 'removeAlert', 2],
  ['/api/v1/analytics/alerts/{alertId}/history', 'alertHistory', 2],
  ['/api/v1/analytics/alerts/{alertId}/snooze', 'snoozeAlert', 2],
]

/** Paths with the media types of their responses to GET, then those of files, and the parameters that choose one. */
export const ALERT_FILES: [string, string[], string[], string[]][] = [
  ['/api/v1/analytics/alerts', ['application/json'], [], []],
  ['/api/v1/analytics/alerts/presets', ['application/json'], [], []],
  ['/api/v1/analytics/alerts/backtest', [], [], []],
  ['/api/v1/analytics/alerts/{alertId}', ['application/json'], [], []],
  ['/api/v1/analytics/alerts/{alertId}/history', ['application/json'], [], []],
  ['/api/v1/analytics/alerts/{alertId}/snooze', [], [], []],
]
