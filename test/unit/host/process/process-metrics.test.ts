import { describe, expect, test } from 'bun:test'
import { createProcessMetrics, type ProcessUsage } from '../../../../src/host/process/process-metrics.ts'
import { renderPrometheusText } from '../../../../src/base/prometheus.ts'

const USAGE: ProcessUsage = {
  startedAt: 1_769_668_215_123,
  cpuSeconds: 12.5,
  residentBytes: 300,
  heapUsedBytes: 100,
  heapTotalBytes: 200,
  externalBytes: 50,
  openFds: 80,
  maxFds: 1024,
}
const seriesOf = (read: () => ProcessUsage) => {
  const measure = createProcessMetrics(read)
  return () =>
    renderPrometheusText(measure())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
}

describe('the metrics of the process', () => {
  test('are those of the system, in base units', () => {
    expect(seriesOf(() => USAGE)()).toEqual([
      'process_cpu_seconds_total 12.5',
      'process_start_time_seconds 1769668215.123',
      'process_resident_memory_bytes 300',
      'process_open_fds 80',
      'process_max_fds 1024',
      'nodejs_heap_size_used_bytes 100',
      'nodejs_heap_size_total_bytes 200',
      'nodejs_external_memory_bytes 50',
    ])
  })

  test('are measured again each time', () => {
    let usage = USAGE
    const read = seriesOf(() => usage)
    read()
    usage = { ...USAGE, cpuSeconds: 13, openFds: 81 }
    expect(read()).toEqual(expect.arrayContaining(['process_cpu_seconds_total 13', 'process_open_fds 81']))
  })

  test('have no series while the system does not report them', () => {
    let usage: ProcessUsage = { ...USAGE, openFds: undefined, maxFds: undefined }
    const read = seriesOf(() => usage)
    expect(read().filter((line) => line.includes('_fds'))).toEqual([])
    usage = USAGE
    expect(read()).toContain('process_open_fds 80')
  })

  test('never show a heap that is smaller than its used part, as Bun includes memory outside of the heap in it', () => {
    expect(seriesOf(() => ({ ...USAGE, heapUsedBytes: 250 }))()).toContain('nodejs_heap_size_total_bytes 250')
  })
})
