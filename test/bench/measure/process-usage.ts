import { readFileSync } from 'node:fs'

/** Kernel clock ticks per second, the unit of processor time in /proc. */
const TICKS_PER_SECOND = 100

/** Processor seconds of a process, over all its threads. */
export function cpuSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/stat`)
}

/** Processor seconds of the first thread of a process, which runs the JavaScript of a runtime. */
export function mainThreadSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/task/${pid}/stat`)
}

function secondsOf(file: string): number {
  const stat = readFileSync(file, 'utf8')
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
}

/** The largest resident memory of a process since its start, in MiB, as the kernel recorded it. */
export function peakResidentMiB(pid: number): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
}

/** Samples the resident memory until stopped; returns the maximum. */
export function watchResident(pid: number, everyMs = 100): () => number {
  let largest = 0
  const timer = setInterval(() => {
    largest = Math.max(largest, residentMiB(pid))
  }, everyMs)
  return () => {
    clearInterval(timer)
    return largest
  }
}
